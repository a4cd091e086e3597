//! Numbers, texts and ids as bytes, one behind the other: how what is held for later is written down.

use crate::model::varint::put_varint;
use std::str;

/// Writes a text behind its length.
#[inline]
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Writes a list behind its length.
#[inline]
pub(crate) fn put_list<T>(out: &mut Vec<u8>, list: &[T], put: impl Fn(&mut Vec<u8>, &T)) {
    put_varint(out, list.len() as u64);
    list.iter().for_each(|item| put(out, item));
}

/// How many bytes a [`Head`] has room for: flags, three ids, two times, four numbers and two codes take 77.
const HEAD_ROOM: usize = 96;

/// What begins a record: at most [`HEAD_ROOM`] bytes, written where they stay.
#[derive(Debug)]
pub(crate) struct Head<'o> {
    room: &'o mut [u8; HEAD_ROOM],
    length: usize,
}

/// Writes the head of a record. Room for all of it is looked for once, and what is too much is cut off.
#[inline(always)]
pub(crate) fn put_head(out: &mut Vec<u8>, put: impl FnOnce(&mut Head<'_>)) {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD_ROOM]);
    let Some(room) = out.last_chunk_mut::<HEAD_ROOM>() else { return };
    let mut head = Head { room, length: 0 };
    put(&mut head);
    let length = head.length;
    out.truncate(start + length);
}

impl Head<'_> {
    /// Adds bytes.
    #[inline(always)]
    pub(crate) fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(room) = self.room.get_mut(self.length..).and_then(<[u8]>::first_chunk_mut::<N>) {
            *room = bytes;
            self.length += N;
        }
    }

    /// Adds a number as [`put_varint`] writes it.
    #[inline(always)]
    pub(crate) fn put_number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.put([number.to_le_bytes()[0] | 0x80]);
            number >>= 7;
        }
        self.put([number.to_le_bytes()[0]]);
    }
}

/// Reads what was written, in the same order. `None` means that the bytes are not what was written.
#[derive(Clone, Debug)]
pub(crate) struct Packed<'a> {
    bytes: &'a [u8],
}

impl<'a> Packed<'a> {
    /// For how many items of a list room is made before they are read.
    const RESERVED: u64 = 64;

    /// The start of bytes that were written.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether all was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// A fixed number of bytes.
    #[inline]
    pub(crate) fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*bytes)
    }

    /// One byte.
    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    /// A number. Most have one byte.
    #[inline(always)]
    pub(crate) fn number(&mut self) -> Option<u64> {
        match self.bytes {
            [byte @ ..0x80, rest @ ..] => {
                self.bytes = rest;
                Some(u64::from(*byte))
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// The number of an id.
    #[inline]
    pub(crate) fn id(&mut self) -> Option<u32> {
        self.number()?.try_into().ok()
    }

    /// A text.
    #[inline]
    pub(crate) fn text(&mut self) -> Option<Box<str>> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        str::from_utf8(text).ok().map(Box::from)
    }

    /// A list.
    #[inline]
    pub(crate) fn list<T>(&mut self, item: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let length = self.number()?;
        // Every item takes a byte at least, so that a wrong length reserves nothing.
        if length > self.bytes.len() as u64 {
            return None;
        }
        let mut list = Vec::with_capacity(length.min(Self::RESERVED) as usize);
        for _ in 0..length {
            list.push(item(self)?);
        }
        Some(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in prop::collection::vec(any::<u64>(), 0..9), text in any::<String>()) {
            let mut out = Vec::new();
            put_list(&mut out, &numbers, |out, &number| put_varint(out, number));
            put_text(&mut out, &text);
            let mut packed = Packed::new(&out);
            prop_assert_eq!(packed.list(Packed::number), Some(numbers));
            let text_read = packed.text();
            prop_assert_eq!(text_read.as_deref(), Some(&text[..]));
            prop_assert!(packed.is_empty());
            for length in 0..out.len() {
                let mut cut = Packed::new(&out[..length]);
                prop_assert!(cut.list(Packed::number).and_then(|_| cut.text()).is_none());
            }
        }
    }
}
