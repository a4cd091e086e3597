//! The members of a gzip file, one behind the other, as it comes from files that were put together.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, Read};

/// What all members hold. Zeros behind a member are no member: tapes and disks that are written in blocks leave them, and
/// `gzip` passes them over, too.
///
/// ```text
/// 1f 8b .. member ..  1f 8b .. member ..  00 00 00 00
/// ```
pub(crate) struct GzipMembers<R> {
    /// `None` once the last one has ended.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> GzipMembers<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { member: Some(GzDecoder::new(input)) }
    }
}

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(member) = &mut self.member {
            let count = member.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            if pass_zeros(member.get_mut())? {
                self.member = None;
            } else if let Some(ended) = self.member.take() {
                self.member = Some(GzDecoder::new(ended.into_inner()));
            }
        }
        Ok(0)
    }
}

/// Passes zeros, and says whether nothing is behind them.
fn pass_zeros(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = input.fill_buf()?;
        if bytes.is_empty() {
            return Ok(true);
        }
        let zeros = bytes.iter().position(|&byte| byte != 0);
        let count = zeros.unwrap_or(bytes.len());
        input.consume(count);
        if zeros.is_some() {
            return Ok(false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::{BufReader, Write};

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).expect("written");
        encoder.finish().expect("written")
    }

    /// What comes out, and whether it ends well. Few bytes at a time, so that all ends lie between two reads.
    fn out(packed: &[u8]) -> (String, bool) {
        let (mut text, mut members) = (Vec::new(), GzipMembers::new(BufReader::with_capacity(3, packed)));
        let ended = members.read_to_end(&mut text).is_ok();
        (String::from_utf8(text).expect("text"), ended)
    }

    #[test]
    fn members_and_zeros_behind_them_are_passed() {
        let [a, none, b] = ["first", "", "second"].map(member);
        let zeros = [0; 700];
        assert_eq!(out(&[&a[..], &none, &b].concat()), ("firstsecond".to_owned(), true));
        assert_eq!(out(&[&a[..], &zeros].concat()), ("first".to_owned(), true));
        assert_eq!(out(&[&a[..], &zeros, &b, &zeros[..1]].concat()), ("firstsecond".to_owned(), true));
    }

    #[test]
    fn what_is_no_member_is_an_error_behind_what_was_read() {
        let a = member("first");
        for wrong in [&b"more"[..], &[0, 0, 7], &a[..a.len() - 1], &a[..5]] {
            let (text, ended) = out(&[&a[..], wrong].concat());
            assert!(!ended && text.starts_with("first"), "{wrong:?}: {text}");
        }
    }
}
