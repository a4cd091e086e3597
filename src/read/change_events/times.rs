//! Times and durations, as announcements write them.

use crate::model::time::Nanos;
use crate::read::quote::quote;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A time as RFC 3339 or as a number of seconds, milliseconds, microseconds or nanoseconds since 1970: which of these, its
/// size tells.
///
/// # Errors
///
/// When it is neither, in words for the user.
pub fn time_of(text: &str) -> Result<Nanos, String> {
    let text = text.trim();
    let nanos = match text.parse::<u64>() {
        // Of 2001 to 5138, in each unit.
        Ok(number) => match number {
            1_000_000_000..=99_999_999_999 => number.checked_mul(1_000_000_000),
            1_000_000_000_000..=99_999_999_999_999 => number.checked_mul(1_000_000),
            1_000_000_000_000_000..=99_999_999_999_999_999 => number.checked_mul(1_000),
            1_000_000_000_000_000_000.. => Some(number),
            _ => None,
        },
        Err(_) => match text.parse::<Timestamp>() {
            Ok(time) => u64::try_from(time.as_nanosecond()).ok(),
            Err(_) => None,
        },
    };
    nanos.map(Nanos).ok_or_else(|| {
        let found = quote(text.as_bytes());
        format!("{found} is no time; write it as 2026-11-22T10:00:00Z, or as seconds since 1970")
    })
}

/// The time that a member holds; `None` when it is not there.
///
/// # Errors
///
/// When it holds something else, in words for the user.
pub(super) fn time_in(member: Option<&Value>) -> Result<Option<Nanos>, String> {
    match member {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => time_of(&number.to_string()).map(Some),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => time_of(text).map(Some),
        Some(_) => Err("its time is neither a text nor a number".to_owned()),
    }
}

/// A duration with its units, such as `3m` or `1h30m`, in nanoseconds; `None` for anything else.
pub(super) fn duration_of(text: &str) -> Option<u64> {
    let duration: SignedDuration = text.trim().parse().ok()?;
    u64::try_from(duration.as_nanos()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_told_by_their_size() {
        let same =
            ["1795341600", "1795341600000", "1795341600000000", "1795341600000000000", "2026-11-22T11:00:00+01:00"];
        assert!(same.iter().all(|text| time_of(text) == Ok(Nanos(1_795_341_600_000_000_000))));
        for wrong in ["", "0", "12", "-5", "1950-01-01T00:00:00Z", "10:00", "99999999999999999999"] {
            assert!(time_of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_member_is_a_time_or_nothing_or_wrong() {
        assert_eq!(time_in(None), Ok(None));
        assert_eq!(time_in(Some(&json!(null))), Ok(None));
        assert_eq!(time_in(Some(&json!(" "))), Ok(None));
        assert_eq!(time_in(Some(&json!(1_795_341_600))), Ok(Some(Nanos(1_795_341_600_000_000_000))));
        for wrong in [json!(true), json!([1]), json!({}), json!(1.5), json!(-1), json!("soon")] {
            assert!(time_in(Some(&wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration_of("3m"), Some(180_000_000_000));
        assert_eq!(duration_of("1h30m"), Some(5_400_000_000_000));
        for wrong in ["", "3", "-3m", "long", "99999999999999h"] {
            assert_eq!(duration_of(wrong), None, "{wrong}");
        }
    }
}
