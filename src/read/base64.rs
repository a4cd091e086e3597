//! Base64 with the standard alphabet, as far as telemetry needs it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends `bytes` in base64, padded.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().enumerate().fold(0_u32, |sum, (place, &byte)| sum | u32::from(byte) << (16 - 8 * place));
        for place in 0..4 {
            if place <= chunk.len() {
                out.push(char::from(ALPHABET[(group >> (18 - 6 * place)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
}

/// Reads exactly `N` bytes from padded base64 (either alphabet); `None` for anything else.
pub(crate) fn decode<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != N.div_ceil(3) * 4 {
        return None;
    }
    let mut bytes = [0; N];
    for (place, group) in text.chunks_exact(4).enumerate() {
        let wanted = (N - 3 * place).min(3);
        let mut bits = 0_u32;
        for (at, &digit) in group.iter().enumerate() {
            bits = bits << 6
                | if at <= wanted {
                    value(digit)?
                } else if digit == b'=' {
                    0
                } else {
                    return None;
                };
        }
        bytes[3 * place..3 * place + wanted].copy_from_slice(&bits.to_be_bytes()[1..=wanted]);
    }
    Some(bytes)
}

/// Reads any number of bytes from base64 (either alphabet), padded or not; `None` for anything else.
pub(crate) fn decode_all(text: &[u8]) -> Option<Vec<u8>> {
    let padding = text.iter().rev().take_while(|digit| **digit == b'=').count();
    if padding > 2 || (padding > 0 && !text.len().is_multiple_of(4)) {
        return None;
    }
    let digits = &text[..text.len() - padding];
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.chunks(4) {
        let bits = group.iter().try_fold(0_u32, |bits, digit| Some(bits << 6 | value(*digit)?))?;
        // Two digits hold one byte, three two, four three; one holds none.
        if group.len() == 1 {
            return None;
        }
        let bits = bits << (6 * (4 - group.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let bytes: [u8; 16] = *b"\x00\x01\xfe\xff\x80abcdefghijk";
        let mut text = String::new();
        encode(&bytes, &mut text);
        assert_eq!((text.len(), text.ends_with("==")), (24, true));
        assert_eq!(decode::<16>(text.as_bytes()), Some(bytes));
        assert_eq!(decode::<8>(b"AAECAwQFBgc="), Some([0, 1, 2, 3, 4, 5, 6, 7]));
    }

    #[test]
    fn any_length_is_read() {
        for length in 0..10 {
            let bytes: Vec<u8> = (250_u8..=255).chain(0..4).take(length).collect();
            let mut text = String::new();
            encode(&bytes, &mut text);
            assert_eq!(decode_all(text.as_bytes()).as_deref(), Some(&bytes[..]), "{text}");
            assert_eq!(decode_all(text.trim_end_matches('=').as_bytes()).as_deref(), Some(&bytes[..]), "{text}");
        }
        for wrong in [&b"A"[..], b"AAAAA", b"A=", b"====", b"AA=", b"A!AA", b"AA=A"] {
            assert_eq!(decode_all(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn other_lengths_and_digits_are_refused() {
        assert_eq!(decode::<8>(b"AAECAwQFBgcI"), None);
        assert_eq!(decode::<8>(b"AAECAwQF!gc="), None);
        assert_eq!(decode::<8>(b""), None);
    }
}
