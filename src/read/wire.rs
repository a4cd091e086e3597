//! The protobuf wire format, read in place: varints, fixed numbers, lengths.

use crate::read::intake::Malformed;

/// The content of one field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Content<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2: text, bytes or a message.
    Bytes(Wire<'a>),
    /// Wire type 5.
    Fixed32(u32),
}

/// A message, or the rest of one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Wire<'a> {
    /// What is still to be read.
    pub(crate) bytes: &'a [u8],
    /// Where these bytes start, from the start of the record.
    pub(crate) at: usize,
}

impl<'a> Wire<'a> {
    /// The message `bytes`, which stands `at` bytes into the record.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The next field's number and content; `None` at the end of the message.
    #[inline(always)]
    pub(crate) fn next_field(&mut self) -> Result<Option<(u32, Content<'a>)>, Malformed> {
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let start = *self;
        let Ok(tag) = u32::try_from(self.varint()?) else { return Err(start.malformed("a protobuf field number")) };
        let content = match tag & 7 {
            0 => Content::Varint(self.varint()?),
            1 => Content::Fixed64(u64::from_le_bytes(self.fixed()?)),
            2 => {
                let length = self.varint()?;
                match usize::try_from(length).ok().filter(|&length| length <= self.bytes.len()) {
                    Some(length) => Content::Bytes(self.take(length)),
                    None => return Err(self.malformed("a protobuf length that fits into its message")),
                }
            }
            5 => Content::Fixed32(u32::from_le_bytes(self.fixed()?)),
            _ => return Err(start.malformed("a protobuf wire type")),
        };
        if tag >> 3 == 0 {
            return Err(start.malformed("a protobuf field number"));
        }
        Ok(Some((tag >> 3, content)))
    }

    #[inline]
    fn take(&mut self, length: usize) -> Self {
        let (head, rest) = self.bytes.split_at(length);
        let taken = Self { bytes: head, at: self.at };
        self.bytes = rest;
        self.at += length;
        taken
    }

    #[inline]
    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        match self.bytes.first_chunk::<N>() {
            Some(chunk) => {
                self.take(N);
                Ok(*chunk)
            }
            None => Err(self.malformed("a protobuf number, but the message ends")),
        }
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        match *self.bytes {
            [byte, ..] if byte < 0x80 => {
                self.take(1);
                Ok(u64::from(byte))
            }
            _ => self.long_varint(),
        }
    }

    fn long_varint(&mut self) -> Result<u64, Malformed> {
        match varint(self.bytes) {
            Some((value, length)) => {
                self.take(length);
                Ok(value)
            }
            None => Err(self.malformed("a protobuf varint")),
        }
    }

    /// An error at this place.
    pub(crate) fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { at: self.at, expected }
    }
}

/// The varint at the start of `bytes` and its length; `None` when it is cut off or longer than ten bytes.
#[inline]
pub(crate) fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0;
    for (place, &byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return Some((value, place + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_place() {
        let mut wire = Wire::new(b"\x08\x96\x01\x12\x02hi\x1d\x01\x00\x00\x00\x21\x02\0\0\0\0\0\0\0", 0);
        assert_eq!(wire.next_field(), Ok(Some((1, Content::Varint(150)))));
        assert_eq!(wire.next_field(), Ok(Some((2, Content::Bytes(Wire::new(b"hi", 5))))));
        assert_eq!(wire.next_field(), Ok(Some((3, Content::Fixed32(1)))));
        assert_eq!(wire.next_field(), Ok(Some((4, Content::Fixed64(2)))));
        assert_eq!(wire.next_field(), Ok(None));
    }

    #[test]
    fn lengths_beyond_the_message_are_refused() {
        for bytes in
            [&b"\x12\x05hi"[..], b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x08\xff", b"\x0b", b"\x00\x01"]
        {
            assert!(Wire::new(bytes, 0).next_field().is_err(), "{bytes:?}");
        }
    }
}
