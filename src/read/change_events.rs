//! Changes that somebody announced: a file with one on each line, or a word on the command line.
//!
//! ```text
//! {"kind":"feature-flag","key":"paymentServiceFailure","from":"off","to":"on","at":"2026-11-22T10:00:00Z"}
//! {"type":"deployment","service":"cart","from":"1.4","to":"1.5","timeUnixNano":"1795313190991506432"}
//!
//! flag:paymentServiceFailure=on@2026-11-22T10:00:00Z      deployment:cart=1.5      event:load-test@1795313190
//! ```

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::model::time::Nanos;
use crate::read::quote::quote;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use thiserror::Error;

/// The longest line that is read, in bytes: announcements have some hundred.
const MOST_BYTES: u64 = 1 << 20;

/// How many changes are taken from one file.
const MOST_CHANGES: usize = 10_000;

/// How long a key or a value of a change may be, in bytes; longer ones are cut.
const MOST_TEXT: usize = 1 << 10;

/// Why an announcement cannot be used.
#[derive(Debug, Error)]
pub enum ChangeError {
    /// The file could not be opened.
    #[error("{name}: the changes cannot be read: {reason}")]
    Unreadable {
        /// The file.
        name: String,
        /// What the system says.
        reason: String,
    },
    /// A word of the command line that is none.
    #[error(
        "{spec:?} is no change ({reason}); write it as flag:NAME=VARIANT@TIME, deployment:SERVICE=VERSION@TIME or \
         event:NAME@TIME, where @TIME may be left out and TIME is as 2026-11-22T10:00:00Z"
    )]
    Spec {
        /// What was given.
        spec: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a file announced: the changes, and a message for each line that is none.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Announced {
    /// In the order of the file.
    pub changes: Vec<ChangeEvent>,
    /// Lines that could not be used, in words for the user.
    pub messages: Vec<String>,
}

/// A line of a file. All that is known by several names is here by each of them.
#[derive(Deserialize)]
struct Line {
    #[serde(alias = "type")]
    kind: Option<String>,
    key: Option<String>,
    #[serde(alias = "featureFlag", alias = "feature_flag")]
    flag: Option<String>,
    service: Option<String>,
    name: Option<String>,
    #[serde(alias = "before")]
    from: Option<Value>,
    #[serde(alias = "after", alias = "value", alias = "variant", alias = "version")]
    to: Option<Value>,
    #[serde(alias = "time", alias = "timestamp", alias = "timeUnixNano", alias = "time_unix_nano")]
    at: Option<Value>,
}

/// Reads a file with one change on each line.
///
/// # Errors
///
/// When the file cannot be opened. A line that cannot be used is a message, and costs nothing beside it.
pub fn read_changes(path: &Path) -> Result<Announced, ChangeError> {
    let name = path.display().to_string();
    let file =
        File::open(path).map_err(|error| ChangeError::Unreadable { name: name.clone(), reason: error.to_string() })?;
    Ok(changes_of(&name, BufReader::new(file)))
}

/// Reads changes from lines; `name` is what messages call the input.
pub fn changes_of(name: &str, mut input: impl BufRead) -> Announced {
    let mut announced = Announced::default();
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        match (&mut input).take(MOST_BYTES).read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                announced.messages.push(format!("{name}: line {number}: cannot be read: {error}"));
                break;
            }
        }
        if announced.changes.len() == MOST_CHANGES {
            announced.messages.push(format!(
                "{name}: line {number}: left out, and all after it: no more than {MOST_CHANGES} changes are read"
            ));
            break;
        }
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
        if text.is_empty() {
            continue;
        }
        match change(text, name) {
            Ok(change) => announced.changes.push(change),
            Err(reason) => {
                let start = quote(&text[..text.len().min(40)]);
                announced
                    .messages
                    .push(format!("{name}: line {number}: no known change, left out ({reason}): {start}"));
            }
        }
    }
    announced
}

fn change(text: &[u8], source: &str) -> Result<ChangeEvent, String> {
    let line: Line = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    let word = line.kind.as_deref().ok_or("it has no kind")?;
    let kind = ChangeKind::of(word).ok_or_else(|| format!("its kind is {}", quote(word.as_bytes())))?;
    let key = match kind {
        ChangeKind::FeatureFlag => line.key.or(line.flag),
        ChangeKind::Deployment => line.key.or(line.service),
        ChangeKind::Event => line.key.or(line.name).or(line.service),
    };
    let key = key.filter(|key| !key.is_empty()).ok_or("it does not say what was changed")?;
    let at = match line.at {
        None | Some(Value::Null) => None,
        Some(Value::Number(number)) => Some(time_of(&number.to_string())?),
        Some(Value::String(text)) => Some(time_of(&text)?),
        Some(_) => return Err("its time is neither a text nor a number".to_owned()),
    };
    Ok(ChangeEvent {
        at,
        kind,
        key: capped(&key),
        from: text_of(line.from),
        to: text_of(line.to),
        source: source.to_owned(),
    })
}

fn text_of(value: Option<Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(capped(&text)),
        other => Some(capped(&other.to_string())),
    }
}

fn capped(text: &str) -> String {
    text[..text.floor_char_boundary(MOST_TEXT)].to_owned()
}

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
        Some((key, to)) => (key, Some(capped(to))),
        None if kind == ChangeKind::Event => (what, None),
        None => return Err(wrong("it does not say with = what it was changed to")),
    };
    if key.is_empty() {
        return Err(wrong("it does not say what was changed"));
    }
    Ok(ChangeEvent { at, kind, key: capped(key), from: None, to, source: "command line".to_owned() })
}

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
        let found = quote(&text.as_bytes()[..text.len().min(40)]);
        format!("{found} is no time; write it as 2026-11-22T10:00:00Z, or as seconds since 1970")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_spellings_are_read_and_others_told() {
        let text = concat!(
            "\u{feff}{\"timeUnixNano\":\"1795313190991506432\",\"type\":\"feature_flag\",\"flag\":\"f\",\"service\":\"s\",\"from\":\"off\",\"to\":\"on\"}\r\n",
            "\n",
            "{\"kind\":\"deployment\",\"key\":\"cart\",\"to\":1.5,\"at\":\"2026-11-22T10:00:00Z\"}\n",
            "{\"kind\":\"weather\",\"key\":\"rain\"}\n",
            "{\"kind\":\"deployment\"}\n",
            "nonsense\n",
            "{\"kind\":\"event\",\"name\":\"load test\",\"at\":null}",
        );
        let announced = changes_of("c.jsonl", text.as_bytes());
        let told: Vec<(&str, &str, Option<&str>)> = announced
            .changes
            .iter()
            .map(|change| (change.kind.as_str(), change.key.as_str(), change.to.as_deref()))
            .collect();
        assert_eq!(
            told,
            [("feature-flag", "f", Some("on")), ("deployment", "cart", Some("1.5")), ("event", "load test", None)]
        );
        assert_eq!(announced.changes[0].at, Some(Nanos(1_795_313_190_991_506_432)));
        assert_eq!(announced.changes[1].at, Some(Nanos(1_795_341_600_000_000_000)));
        assert_eq!(announced.messages.len(), 3, "{:?}", announced.messages);
        assert!(announced.messages[0].starts_with("c.jsonl: line 4: "), "{:?}", announced.messages);
    }

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

    #[test]
    fn times_are_told_by_their_size() {
        let same =
            ["1795341600", "1795341600000", "1795341600000000", "1795341600000000000", "2026-11-22T11:00:00+01:00"];
        assert!(same.iter().all(|text| time_of(text) == Ok(Nanos(1_795_341_600_000_000_000))));
        for wrong in ["", "0", "12", "-5", "1950-01-01T00:00:00Z", "10:00", "99999999999999999999"] {
            assert!(time_of(wrong).is_err(), "{wrong}");
        }
    }
}
