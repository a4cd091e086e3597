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
    /// Where these bytes end, from the start of the record. The end stays where it is while fields are read.
    end: usize,
}

impl<'a> Wire<'a> {
    /// The message `bytes`, which stands `at` bytes into the record.
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, end: at + bytes.len() }
    }

    /// Where what is still to be read starts, from the start of the record.
    pub(crate) fn at(&self) -> usize {
        self.end - self.bytes.len()
    }

    /// The message `bytes`, which stands at the end of this one.
    pub(crate) fn tail(&self, bytes: &'a [u8]) -> Self {
        Self { bytes, end: self.end }
    }

    /// The next field's number and content; `None` at the end of the message.
    #[inline(always)]
    pub(crate) fn next_field(&mut self) -> Result<Option<(u32, Content<'a>)>, Malformed> {
        // Nearly every field of a span: a number below 16, and bytes of a length below 128.
        if let [tag @ 0x08..0x80, length @ ..0x80, rest @ ..] = self.bytes
            && tag & 7 == 2
            && let Some((inner, rest)) = rest.split_at_checked(usize::from(*length))
        {
            self.bytes = rest;
            return Ok(Some((u32::from(tag >> 3), Content::Bytes(Self { bytes: inner, end: self.at() }))));
        }
        // And its two times.
        if let [tag @ 0x08..0x80, rest @ ..] = self.bytes
            && tag & 7 == 1
            && let Some((number, rest)) = rest.split_first_chunk::<8>()
        {
            self.bytes = rest;
            return Ok(Some((u32::from(tag >> 3), Content::Fixed64(u64::from_le_bytes(*number)))));
        }
        // Its kind.
        if let [tag @ 0x08..0x80, number @ ..0x80, rest @ ..] = self.bytes
            && tag & 7 == 0
        {
            self.bytes = rest;
            return Ok(Some((u32::from(tag >> 3), Content::Varint(u64::from(*number)))));
        }
        if self.bytes.is_empty() {
            return Ok(None);
        }
        self.any_field().map(Some)
    }

    /// The content of the next field, if that begins with this tag and has less than 128 bytes: for fields that are there again
    /// and again.
    #[inline(always)]
    pub(crate) fn next_short(&mut self, tag: u8) -> Option<Self> {
        let [first, length @ ..0x80, rest @ ..] = self.bytes else { return None };
        let (inner, rest) = rest.split_at_checked(usize::from(*length)).filter(|_| *first == tag)?;
        self.bytes = rest;
        Some(Self { bytes: inner, end: self.at() })
    }

    #[inline(never)]
    fn any_field(&mut self) -> Result<(u32, Content<'a>), Malformed> {
        // The span itself, and texts: bytes of a length below 16,384.
        if let [tag @ 0x08..0x80, low @ 0x80..=0xff, high @ ..0x80, rest @ ..] = self.bytes
            && tag & 7 == 2
            && let Some((inner, rest)) = rest.split_at_checked(usize::from(low & 0x7f) | usize::from(*high) << 7)
        {
            self.bytes = rest;
            return Ok((u32::from(tag >> 3), Content::Bytes(Self { bytes: inner, end: self.at() })));
        }
        // Its flags, whose number has two bytes.
        if let [tag @ 0x80..=0xff, 0x01, rest @ ..] = self.bytes
            && tag & 7 == 5
            && let Some((number, rest)) = rest.split_first_chunk::<4>()
        {
            self.bytes = rest;
            return Ok((u32::from(tag & 0x7f) >> 3 | 16, Content::Fixed32(u32::from_le_bytes(*number))));
        }
        let start = *self;
        let Ok(tag) = u32::try_from(self.varint()?) else { return Err(start.malformed("a protobuf field number")) };
        let content = match tag & 7 {
            0 => Content::Varint(self.varint()?),
            1 => Content::Fixed64(u64::from_le_bytes(self.fixed()?)),
            2 => {
                let length = self.varint()?;
                match usize::try_from(length).ok().and_then(|length| self.bytes.split_at_checked(length)) {
                    Some((inner, rest)) => {
                        self.bytes = rest;
                        Content::Bytes(Self { bytes: inner, end: self.at() })
                    }
                    None => return Err(self.malformed("a protobuf length that fits into its message")),
                }
            }
            5 => Content::Fixed32(u32::from_le_bytes(self.fixed()?)),
            _ => return Err(start.malformed("a protobuf wire type")),
        };
        if tag >> 3 == 0 {
            return Err(start.malformed("a protobuf field number"));
        }
        Ok((tag >> 3, content))
    }

    #[inline]
    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        match self.bytes.split_first_chunk::<N>() {
            Some((chunk, rest)) => {
                self.bytes = rest;
                Ok(*chunk)
            }
            None => Err(self.malformed("a protobuf number, but the message ends")),
        }
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Malformed> {
        if let [byte @ ..0x80, rest @ ..] = self.bytes {
            self.bytes = rest;
            return Ok(u64::from(*byte));
        }
        if let [low @ 0x80..=0xff, high @ ..0x80, rest @ ..] = self.bytes {
            self.bytes = rest;
            return Ok(u64::from(low & 0x7f) | u64::from(*high) << 7);
        }
        match varint(self.bytes) {
            Some((value, length)) => {
                self.bytes = &self.bytes[length..];
                Ok(value)
            }
            None => Err(self.malformed("a protobuf varint")),
        }
    }

    /// An error at this place.
    pub(crate) fn malformed(&self, expected: &'static str) -> Malformed {
        Malformed { at: self.at(), expected }
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
