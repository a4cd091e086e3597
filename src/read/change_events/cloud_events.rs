//! CloudEvents 1.0 in structured form: an envelope around an event.
//!
//! Source: cloudevents/spec, `cloudevents/spec.md` and `cloudevents/formats/json-format.md`, 1.0.2. A batch is an array of them.

use crate::model::time::Nanos;
use crate::read::base64;
use crate::read::change_events::members::{Object, text};
use crate::read::change_events::times::time_in;
use crate::read::quote::quote;
use serde_json::Value;

/// What an envelope says.
pub(super) struct Envelope {
    /// When what is in it happened.
    pub time: Option<Nanos>,
    /// What is in it, in the words of who made it.
    pub kind: String,
    source: String,
}

/// Opens an envelope: what it says, and what is in it. `None` when there is none; in words why it cannot be opened.
pub(super) fn opened(object: &Object) -> Option<Result<(Envelope, Value), String>> {
    let version = text(object, &["specversion"])?;
    let (Some(kind), Some(source)) = (text(object, &["type"]), text(object, &["source"])) else {
        return Some(Err("a CloudEvent without type or source".to_owned()));
    };
    if !version.starts_with("1.") {
        return Some(Err(format!("a CloudEvent of version {}: 1.0 is read", quote(version.as_bytes()))));
    }
    let time = match time_in(object.get("time")) {
        Ok(time) => time,
        Err(reason) => return Some(Err(format!("a CloudEvent: {reason}"))),
    };
    let envelope = Envelope { time, kind: kind.to_owned(), source: source.to_owned() };
    let data = match (object.get("data"), text(object, &["data_base64"])) {
        (Some(data), _) => Some(data.clone()),
        (None, Some(packed)) => {
            base64::decode_all(packed.as_bytes()).and_then(|data| serde_json::from_slice(&data).ok())
        }
        (None, None) => None,
    };
    Some(match data {
        Some(data) if data.is_object() => Ok((envelope, data)),
        _ => Err(unknown(&envelope, "it has no JSON object as data")),
    })
}

/// What is said of an envelope around something that nothing knows.
pub(super) fn unknown(envelope: &Envelope, what: &str) -> String {
    let (kind, source) = (quote(envelope.kind.as_bytes()), quote(envelope.source.as_bytes()));
    format!("a CloudEvent of type {kind} from {source}: {what}")
}
