//! Values as X-Ray spells them: times in seconds, trace ids with dashes, truths.

use crate::model::ids::TraceId;
use crate::model::time::Nanos;
use crate::read::attributes::Value;
use crate::read::intake::Malformed;
use crate::read::json_cursor::Cursor;
use crate::read::json_tags;

/// Digits of a second that are kept: more than a float of that size has.
const FRACTION: usize = 9;

/// Reads `1-5f84c7a1-8d2b...` without what is not of the id; `None` is no id at all.
pub(crate) fn trace_id(text: &[u8]) -> Option<TraceId> {
    let text = text.strip_prefix(b"1-")?;
    let (time, rest) = text.split_at_checked(8)?;
    TraceId::from_hex(&[time, rest.strip_prefix(b"-")?].concat())
}

/// Reads a truth value; anything else is false.
pub(crate) fn truth(cursor: &mut Cursor<'_>) -> Result<bool, Malformed> {
    Ok(matches!(json_tags::value(cursor)?, Value::Bool(true)))
}

/// Reads seconds with a fraction, also in powers of ten (`1.479072242459E9`, as the service gives them back), as
/// nanoseconds, digit by digit; 0 for null and "". 64 bits hold those up to the year 2554.
pub(crate) fn seconds(cursor: &mut Cursor<'_>) -> Result<Nanos, Malformed> {
    cursor.peek();
    let at = cursor.at;
    let word = cursor.word()?;
    nanos(word).map(Nanos).ok_or(Malformed { at, expected: "a time in seconds" })
}

fn nanos(word: &[u8]) -> Option<u64> {
    let word = std::str::from_utf8(word).ok()?.trim();
    if matches!(word, "" | "null") {
        return Some(0);
    }
    let (decimal, power) = word.split_once(['e', 'E']).unwrap_or((word, "0"));
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let power = usize::try_from(power.parse::<i8>().ok()?).ok()?;
    let digits = whole.bytes().chain(fraction.bytes().chain(std::iter::repeat(b'0')));
    let mut nanos = 0_u64;
    if whole.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    for digit in digits.take(whole.len().checked_add(power)?.checked_add(FRACTION)?) {
        if !digit.is_ascii_digit() {
            return None;
        }
        nanos = nanos.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    Some(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_exactly() {
        for (json, nanos) in [
            ("1790000000.005", 1_790_000_000_005_000_000),
            ("1795313234.4641599", 1_795_313_234_464_159_900),
            ("1.479072242459E9", 1_479_072_242_459_000_000),
            ("1.7953132344641599e+9", 1_795_313_234_464_159_900),
            ("1.5E3", 1_500_000_000_000),
            ("\"2\"", 2_000_000_000),
            ("15e0", 15_000_000_000),
            ("null", 0),
        ] {
            assert_eq!(seconds(&mut Cursor::new(json.as_bytes())), Ok(Nanos(nanos)), "{json}");
        }
        for json in ["-1", "NaN", "1e-3", "1.x", ".", "\"1:00\"", "1e99", "1e999", "18446744074", "true"] {
            assert!(seconds(&mut Cursor::new(json.as_bytes())).is_err(), "{json}");
        }
    }

    #[test]
    fn trace_ids_lose_their_dashes() {
        let id = TraceId::from_hex(b"581cf771a006649127e371903a2de979");
        assert_eq!(trace_id(b"1-581cf771-a006649127e371903a2de979"), id);
        assert_eq!(trace_id(b"581cf771a006649127e371903a2de979"), None);
        assert_eq!(trace_id(b"1-"), None);
    }
}
