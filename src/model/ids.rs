//! Trace and span ids, and their spelling in hexadecimal.

use std::fmt;

/// Identifies one trace: 16 bytes, never all zero in valid telemetry (W3C Trace Context, section 3.2.2.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TraceId(pub [u8; 16]);

/// Identifies one span within its trace: 8 bytes. All zero means "no span" and is how a root names its parent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SpanId(pub [u8; 8]);

impl TraceId {
    /// The id that a writer uses for "no trace".
    pub const NONE: Self = Self([0; 16]);

    /// Whether this is the all-zero id.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Reads 32 hexadecimal digits of either case; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

impl SpanId {
    /// The id that a writer uses for "no span".
    pub const NONE: Self = Self([0; 8]);

    /// Whether this is the all-zero id.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::NONE
    }

    /// Reads 16 hexadecimal digits of either case; `None` for anything else.
    #[must_use]
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for byte in bytes {
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}

fn from_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = (NIBBLE[usize::from(pair[0])] << 4) | NIBBLE[usize::from(pair[1])] & 0x0f;
        if (NIBBLE[usize::from(pair[0])] | NIBBLE[usize::from(pair[1])]) & 0x80 != 0 {
            return None;
        }
    }
    Some(bytes)
}

/// The value of each hexadecimal digit; `0x80` for bytes that are none.
const NIBBLE: [u8; 256] = {
    let mut table = [0x80_u8; 256];
    let digits = b"0123456789abcdef";
    let mut value = 0_u8;
    while value < 16 {
        let digit = digits[value as usize];
        table[digit as usize] = value;
        table[digit.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_either_case_and_written_in_lower_case() {
        let id = SpanId::from_hex(b"00F0aB1234567890").expect("valid digits");
        assert_eq!(id.to_string(), "00f0ab1234567890");
    }

    #[test]
    fn wrong_length_and_wrong_digits_are_refused() {
        assert_eq!(SpanId::from_hex(b"00f0ab123456789"), None);
        assert_eq!(SpanId::from_hex(b"00f0ab123456789g"), None);
        assert_eq!(TraceId::from_hex(b"00f0ab1234567890"), None);
    }
}
