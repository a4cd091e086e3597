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
    #[inline(always)]
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
    #[inline(always)]
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

#[inline(always)]
fn from_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != 2 * N {
        return None;
    }
    let (mut bytes, mut wrong) = ([0; N], 0);
    let (fours, _) = bytes.as_chunks_mut::<4>();
    let (eights, _) = text.as_chunks::<8>();
    // Written out: `zip` is not inlined across units of code generation, and this is in the way of every span.
    for at in 0..N / 4 {
        let (read, not_digits) = four_bytes(eights[at]);
        fours[at] = read;
        wrong |= not_digits;
    }
    (wrong == 0).then_some(bytes)
}

/// The bytes that eight hexadecimal digits spell, and a number that is 0 if all eight are digits. All eight are handled in
/// one word, the first of them in its lowest byte.
#[inline(always)]
fn four_bytes(digits: [u8; 8]) -> ([u8; 4], u64) {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const TOP: u64 = 0x80 * EACH;
    let word = u64::from_le_bytes(digits);
    let low = word & !TOP;
    // Adding carries into the top bit of a byte what is at least so much, and no further.
    let no_number = (low ^ (0x30 * EACH)) + (0x80 - 10) * EACH;
    let letter = (low | (0x20 * EACH)) ^ (0x60 * EACH);
    let is_letter = (letter + (0x80 - 1) * EACH) & !(letter + (0x80 - 7) * EACH);
    let wrong = (word | (no_number & !is_letter)) & TOP;
    // Letters have the bit of 0x40, and stand for 9 more than their lowest four bits.
    let values = (low & (0x0f * EACH)) + ((low >> 6) & EACH) * 9;
    let pairs = ((values << 4) | (values >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | (pairs >> 8)) & 0x0000_ffff_0000_ffff;
    let [a, b, _, _, c, d, _, _] = fours.to_le_bytes();
    ([a, b, c, d], wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_is_read_in_either_case_and_written_in_lower_case() {
        let id = SpanId::from_hex(b"00F0aB1234567890").expect("valid digits");
        assert_eq!(id.to_string(), "00f0ab1234567890");
    }

    #[test]
    fn every_byte_is_a_digit_or_none_in_every_place() {
        for byte in 0..=u8::MAX {
            for place in 0..16 {
                let mut text = *b"0123456789abcdef";
                text[place] = byte;
                let wanted = str::from_utf8(&text).ok().filter(|_| byte.is_ascii_hexdigit());
                let wanted = wanted.and_then(|text| u64::from_str_radix(text, 16).ok());
                assert_eq!(
                    SpanId::from_hex(&text),
                    wanted.map(|number| SpanId(number.to_be_bytes())),
                    "{byte} at {place}"
                );
            }
        }
    }

    #[test]
    fn wrong_length_and_wrong_digits_are_refused() {
        assert_eq!(SpanId::from_hex(b"00f0ab123456789"), None);
        assert_eq!(SpanId::from_hex(b"00f0ab123456789g"), None);
        assert_eq!(TraceId::from_hex(b"00f0ab1234567890"), None);
    }
}
