//! A window onto bytes that arrive: grows only as they do.

use std::io::{self, Read};
use std::ops::Range;

/// How much is asked of the input at once, in bytes: what was just read should still be in the core's cache when it is
/// decoded, and the memory that it is read into should be there already.
pub(crate) const BLOCK: usize = 256 << 10;

/// How much memory there is at first, in bytes.
const FIRST: usize = 4 * BLOCK;

/// An input with the bytes that were read and not yet used.
pub(crate) struct ByteSource<'r> {
    input: Box<dyn Read + 'r>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    used: u64,
    ended: bool,
    failure: Option<io::Error>,
}

impl<'r> ByteSource<'r> {
    /// A source of which nothing was read.
    pub(crate) fn new(input: Box<dyn Read + 'r>) -> Self {
        Self { input, buffer: Vec::new(), start: 0, end: 0, used: 0, ended: false, failure: None }
    }

    /// The bytes that are here.
    pub(crate) fn window(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// How many bytes of memory there are.
    pub(crate) fn held(&self) -> usize {
        self.buffer.len()
    }

    /// How many bytes were used: where the window starts in the input.
    pub(crate) fn offset(&self) -> u64 {
        self.used
    }

    /// Gives up the first `count` bytes of the window.
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.start);
        self.start += count;
        self.used += count as u64;
    }

    /// Gives up the next `count` bytes without holding them; `false` if the input ends before.
    pub(crate) fn pass(&mut self, mut count: u64) -> bool {
        loop {
            let here = self.window().len().min(usize::try_from(count).unwrap_or(usize::MAX));
            self.consume(here);
            count -= here as u64;
            if count == 0 {
                return true;
            }
            if !self.fill() {
                return false;
            }
        }
    }

    /// What went wrong, if the input did not simply end.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Gives the first `count` bytes of the window away, together with the memory that they are in: they lie at the
    /// returned place of the returned buffer. What is left goes on in `spare`, whose content is overwritten.
    pub(crate) fn cut(&mut self, count: usize, mut spare: Vec<u8>) -> (Vec<u8>, Range<usize>) {
        let cut = self.start..self.start + count.min(self.end - self.start);
        let rest = cut.end..self.end;
        if spare.len() < rest.len() + BLOCK {
            // New memory comes zeroed from the system, and is only touched where something is read into it.
            spare = vec![0; rest.len() + FIRST];
        }
        spare[..rest.len()].copy_from_slice(&self.buffer[rest.clone()]);
        self.used += cut.len() as u64;
        (self.start, self.end) = (0, rest.len());
        (std::mem::replace(&mut self.buffer, spare), cut)
    }

    /// Reads more behind the window; `false` at the end of the input or when it fails.
    pub(crate) fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.buffer.len() - self.end < BLOCK {
            if self.start >= self.buffer.len() / 2 && self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            } else if self.buffer.is_empty() {
                self.buffer = vec![0; FIRST];
            } else {
                // Doubles, so that a long record is not copied again for every block.
                self.buffer.resize((self.buffer.len() * 2).max(FIRST), 0);
            }
        }
        loop {
            let room = self.end..self.buffer.len().min(self.end + BLOCK);
            match self.input.read(&mut self.buffer[room]) {
                Ok(0) => break,
                Ok(count) => {
                    self.end += count;
                    return true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        self.ended = true;
        false
    }

    /// Reads until the window holds `count` bytes; `false` if the input ends before.
    pub(crate) fn fill_to(&mut self, count: usize) -> bool {
        while self.window().len() < count {
            if !self.fill() {
                return false;
            }
        }
        true
    }
}

/// What is in the window comes first, then the rest of the input.
impl Read for ByteSource<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && !self.fill() {
            return self.failure.take().map_or(Ok(0), Err);
        }
        let count = buffer.len().min(self.end - self.start);
        buffer[..count].copy_from_slice(&self.buffer[self.start..self.start + count]);
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_keeps_what_is_not_used() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut source = ByteSource::new(Box::new(&bytes[..]));
        assert!(source.fill_to(2_000_000));
        source.consume(1_999_999);
        assert_eq!(source.offset(), 1_999_999);
        assert!(source.fill_to(1_000_001));
        assert_eq!(source.window(), &bytes[1_999_999..]);
        assert!(!source.fill_to(1_000_002));
    }

    #[test]
    fn what_is_cut_off_is_whole_and_the_rest_goes_on() {
        let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let mut source = ByteSource::new(Box::new(&bytes[..]));
        let (mut spare, mut back) = (vec![7; 10], Vec::new());
        while source.fill_to(900_001) || !source.window().is_empty() {
            assert_eq!(source.offset(), back.len() as u64);
            let (buffer, place) = source.cut(900_000, spare);
            back.extend_from_slice(&buffer[place]);
            spare = buffer;
        }
        assert_eq!(back, bytes);
    }
}
