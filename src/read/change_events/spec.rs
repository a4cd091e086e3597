//! A change as a word of the command line.
//!
//! ```text
//! flag:paymentServiceFailure=on@2026-11-22T10:00:00Z      deployment:cart=1.5      event:load-test@1795313190
//! ```

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::read::change_events::announced::{ChangeError, MOST_TEXT, bounded};
use crate::read::change_events::times::time_of;

/// Reads a change from a word of the command line.
///
/// # Errors
///
/// When it is none.
pub fn change_of_spec(spec: &str) -> Result<ChangeEvent, ChangeError> {
    let wrong = |reason: &str| ChangeError::Spec { spec: spec.to_owned(), reason: reason.to_owned() };
    let (word, rest) = spec.split_once(':').ok_or_else(|| wrong("there is no : behind its kind"))?;
    let kind = ChangeKind::of(word).ok_or_else(|| wrong("its kind is none of flag, deployment and event"))?;
    let (what, at) = match rest.rsplit_once('@') {
        // A version may hold an @ of its own, as images do.
        Some((what, time)) if time_of(time).is_ok() => (what, time_of(time).ok()),
        Some((_, time)) if kind != ChangeKind::Deployment => {
            return Err(wrong(&time_of(time).err().unwrap_or_default()));
        }
        _ => (rest, None),
    };
    let (key, to) = match what.split_once('=') {
        Some((key, to)) => (key, Some(to.to_owned())),
        None if kind == ChangeKind::Event => (what, None),
        None => return Err(wrong("it does not say with = what it was changed to")),
    };
    if key.is_empty() {
        return Err(wrong("it does not say what was changed"));
    }
    let mut change = ChangeEvent { at, to, ..ChangeEvent::new(kind, key) };
    change.service = (kind == ChangeKind::Deployment).then(|| key.to_owned());
    match bounded(change, "command line") {
        (change, false) => Ok(change),
        (_, true) => Err(wrong(&format!("one of its parts is longer than {MOST_TEXT} bytes"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Nanos;

    #[test]
    fn words_of_the_command_line() {
        let flag = change_of_spec("flag:paymentServiceFailure=on@2026-11-22T10:00:00Z").expect("a change");
        assert_eq!((flag.key.as_str(), flag.to.as_deref()), ("paymentServiceFailure", Some("on")));
        assert_eq!(flag.at, Some(Nanos(1_795_341_600_000_000_000)));
        let image = change_of_spec("deployment:cart=registry/cart@sha256:0123").expect("a change");
        assert_eq!((image.to.as_deref(), image.at), (Some("registry/cart@sha256:0123"), None));
        assert_eq!(
            change_of_spec("event:load test@1795341600").expect("a change").at,
            Some(Nanos(1_795_341_600_000_000_000))
        );
        for wrong in ["", "flag", "flag:x", "flag:=on", "pigeon:x=y", "flag:x=on@yesterday", "event:@1795341600"] {
            let told = change_of_spec(wrong).expect_err("it is wrong").to_string();
            assert!(told.contains("flag:NAME=VARIANT@TIME"), "{told}");
        }
    }
}
