//! JSON numbers, as far as telemetry has them: whole ones, exactly.

/// The number that up to 19 digits spell; `None` for anything else.
#[inline]
pub(crate) fn digits(word: &[u8]) -> Option<u64> {
    if !(1..=19).contains(&word.len()) {
        return None;
    }
    let (mut number, mut wrong) = (0_u64, false);
    let (eights, rest) = word.as_chunks::<8>();
    for eight in eights {
        number = number * 100_000_000 + eight_digits(*eight)?;
    }
    for byte in rest {
        let digit = byte.wrapping_sub(b'0');
        wrong |= digit > 9;
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    (!wrong).then_some(number)
}

/// The number that eight digits spell. Neighbours are added up: single digits to pairs, pairs to fours, fours to eight.
#[inline(always)]
fn eight_digits(word: [u8; 8]) -> Option<u64> {
    let digits = u64::from_le_bytes(word) ^ 0x3030_3030_3030_3030;
    // What is above 9 has a bit above the fourth, or gets one by adding 6.
    if (digits | (digits.wrapping_add(0x0606_0606_0606_0606))) & 0xf0f0_f0f0_f0f0_f0f0 != 0 {
        return None;
    }
    // The first digit is in the lowest byte, so that it is the one to be multiplied.
    let pairs = (digits.wrapping_mul(10) + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100) + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    Some((fours.wrapping_mul(10_000) + (fours >> 32)) & 0xffff_ffff)
}

/// A whole number from digits, or from a float that has no fraction.
#[inline]
pub(crate) fn integer(word: &[u8]) -> Option<i128> {
    if let Some(number) = digits(word) {
        return Some(i128::from(number));
    }
    let text = std::str::from_utf8(word).ok()?.trim();
    if let Ok(number) = text.parse::<i128>() {
        return Some(number);
    }
    let number = text.parse::<f64>().ok()?;
    #[allow(clippy::cast_possible_truncation, reason = "checked to be a whole number in range")]
    (number.fract() == 0.0 && number.abs() < 1e30).then_some(number as i128)
}

/// A count or a set of flags; 0 for what is none, the greatest number for what is more.
pub(crate) fn loose_number(word: &[u8]) -> u32 {
    integer(word).map_or(0, |number| u32::try_from(number.max(0)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn digits_are_read_as_the_library_reads_them(number in any::<u64>(), text in "[0-9]{1,20}|[0-9/:x]{7,20}|[ -~]{8}") {
            for text in [text, number.to_string(), format!("{number:019}")] {
                let whole = text.len() <= 19 && text.bytes().all(|byte| byte.is_ascii_digit());
                prop_assert_eq!(digits(text.as_bytes()), if whole { text.parse().ok() } else { None });
            }
        }
    }

    #[test]
    fn integers_are_read_from_digits_and_from_whole_floats() {
        assert_eq!(integer(b"1795313199074680755"), Some(1_795_313_199_074_680_755));
        assert_eq!(integer(b"1.7e18"), Some(1_700_000_000_000_000_000));
        assert_eq!(integer(b"-3"), Some(-3));
        assert_eq!(integer(b"1.5"), None);
        assert_eq!(integer(b""), None);
        assert_eq!(integer(b"NaN"), None);
    }
}
