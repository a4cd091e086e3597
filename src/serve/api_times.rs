//! Windows of time in questions.

use crate::model::time::{Nanos, TimeWindow};
use crate::read::change_events::times::time_of;
use serde::Deserialize;

/// A window as a question has it: `from` and `to`, as RFC 3339 or seconds since 1970.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedWindow {
    /// The first moment of it.
    pub(crate) from: Option<String>,
    /// The first moment after it.
    pub(crate) to: Option<String>,
}

impl AskedWindow {
    /// The window; `None` when none is asked for.
    pub(crate) fn window(&self) -> Result<Option<TimeWindow>, String> {
        let (Some(from), Some(to)) = (&self.from, &self.to) else {
            return if self.from.is_none() && self.to.is_none() {
                Ok(None)
            } else {
                Err("a window has both, from and to".to_owned())
            };
        };
        let window = TimeWindow { from: time_of(from)?, to: time_of(to)? };
        if window.from < window.to { Ok(Some(window)) } else { Err("the window ends before it begins".to_owned()) }
    }
}

/// The window before a change, and that from it until `now`.
pub(crate) fn around(change: Nanos, before: u64, now: Nanos) -> Result<(TimeWindow, TimeWindow), String> {
    if change >= now {
        return Err("the change lies in the future".to_owned());
    }
    let earlier = Nanos(change.0.saturating_sub(before));
    if earlier == change {
        return Err("nothing is before the change: expected a time such as 30m".to_owned());
    }
    Ok((TimeWindow { from: earlier, to: change }, TimeWindow { from: change, to: now }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_around_a_change_have_a_before_and_an_after() {
        let windows = |change: u64, before: u64| around(Nanos(change), before, Nanos(100));
        let window = |from: u64, to: u64| TimeWindow { from: Nanos(from), to: Nanos(to) };
        assert_eq!(windows(60, 20), Ok((window(40, 60), window(60, 100))));
        assert_eq!(windows(60, 80), Ok((window(0, 60), window(60, 100))));
        for (change, before) in [(60, 0), (0, 20), (100, 20), (101, 20)] {
            assert!(windows(change, before).is_err(), "{change} {before}");
        }
    }

    #[test]
    fn a_window_is_whole_or_none() {
        let asked = |from: Option<&str>, to: Option<&str>| {
            AskedWindow { from: from.map(str::to_owned), to: to.map(str::to_owned) }.window()
        };
        assert_eq!(asked(None, None), Ok(None));
        let second = |n: u64| Nanos((2_000_000_000 + n) * 1_000_000_000);
        assert_eq!(
            asked(Some("2000000001"), Some("2000000002")),
            Ok(Some(TimeWindow { from: second(1), to: second(2) }))
        );
        for (from, to) in [
            (Some("2000000001"), None),
            (None, Some("2000000001")),
            (Some("2000000002"), Some("2000000001")),
            (Some("x"), Some("2000000001")),
        ] {
            assert!(asked(from, to).is_err(), "{from:?} {to:?}");
        }
    }
}
