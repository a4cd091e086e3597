//! Where to find the parts of a change in events that are made by a template of the user's: notifications of Argo CD, Argo
//! Rollouts, and all else that is no format of its own.
//!
//! ```text
//! kind=deployment,key=app.metadata.name,to=app.status.sync.revision,at=app.status.operationState.finishedAt
//! kind=event,key=/labels/example.com~1name,when=phase:Healthy
//!
//! app.status.history.0.id    members by their names, elements of arrays by their numbers
//! /labels/example.com~1name  a JSON pointer (RFC 6901), for names with dots
//! 'shop'                     no way, but the word itself
//! when=WAY:WORD              only events with that word there; of several that name one way, any
//! ```

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::read::change_events::members::{Recognised, word};
use crate::read::change_events::times::time_in;
use serde_json::Value;
use std::str::FromStr;

/// The parts of a change that a mapping can name, beside `kind` and `when`.
const PARTS: [&str; 10] = ["key", "at", "until", "from", "to", "service", "environment", "actor", "link", "detail"];

/// Where the value of a part is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// At the end of a JSON pointer.
    Way(String),
    /// Here.
    Word(String),
}

/// A mapping, as `--change-fields` takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMapping {
    kind: ChangeKind,
    key: Place,
    others: Vec<(String, Place)>,
    when: Vec<(Place, String)>,
}

impl FromStr for FieldMapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut kind, mut key, mut others, mut when) = (ChangeKind::Deployment, None, Vec::new(), Vec::new());
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (part, place) =
                pair.split_once('=').ok_or_else(|| format!("{pair:?} has no = behind the part of a change"))?;
            let (part, place) = (part.trim(), place.trim());
            match part {
                "kind" => {
                    kind = ChangeKind::of(place)
                        .ok_or_else(|| format!("{place:?} is no kind: feature-flag, deployment or event"))?;
                }
                "when" => {
                    let (way, word) =
                        place.rsplit_once(':').ok_or_else(|| format!("{place:?} has no : before the word"))?;
                    when.push((Place::of(way)?, word.to_owned()));
                }
                "key" => key = Some(Place::of(place)?),
                _ if PARTS.contains(&part) => others.push((part.to_owned(), Place::of(place)?)),
                _ => return Err(format!("a change has no part {part:?}: kind, when, {}", PARTS.join(", "))),
            }
        }
        let key = key.ok_or("it does not say where the key is, as in key=app.metadata.name")?;
        Ok(Self { kind, key, others, when })
    }
}

impl Place {
    fn of(text: &str) -> Result<Self, String> {
        if let Some(word) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Ok(Self::Word(word.to_owned()));
        }
        if text.is_empty() {
            return Err("a way to a part of a change is empty".to_owned());
        }
        if text.starts_with('/') {
            return Ok(Self::Way(text.to_owned()));
        }
        let steps = text.split('.').map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1")));
        Ok(Self::Way(steps.collect()))
    }

    fn value(&self, event: &Value) -> Option<Value> {
        match self {
            Self::Way(way) => event.pointer(way).cloned(),
            Self::Word(word) => Some(Value::String(word.clone())),
        }
    }

    fn word(&self, event: &Value) -> Option<String> {
        // Objects and arrays are no words: a way that ends too early finds nothing.
        let value = self.value(event).filter(|value| !value.is_object() && !value.is_array())?;
        word(&value)
    }
}

impl FieldMapping {
    /// The change of an event; `None` when the mapping is not for it, as it has no key where that should be.
    pub(super) fn change_of(&self, event: &Value) -> Recognised {
        let key = self.key.word(event)?;
        let holds = |(place, word): &(Place, String)| place.word(event).as_deref() == Some(word);
        // Of conditions about one place, one has to hold; of those about several, one of each.
        let held = |(place, _): &(Place, String)| self.when.iter().any(|when| when.0 == *place && holds(when));
        if !self.when.iter().all(held) {
            return None;
        }
        Some(self.change(key, event))
    }

    fn change(&self, key: String, event: &Value) -> Result<ChangeEvent, String> {
        let mut change = ChangeEvent::new(self.kind, key);
        for (part, place) in &self.others {
            let time =
                || time_in(place.value(event).as_ref()).map_err(|it| format!("by --change-fields, {part}: {it}"));
            let word = || place.word(event);
            match part.as_str() {
                "at" => change.at = time()?,
                "until" => change.until = time()?,
                "from" => change.from = word(),
                "to" => change.to = word(),
                "service" => change.service = word(),
                "environment" => change.environment = word(),
                "actor" => change.actor = word(),
                "link" => change.link = word(),
                _ => change.detail = word(),
            }
        }
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Nanos;
    use serde_json::json;

    fn mapping(text: &str) -> FieldMapping {
        text.parse().expect("a mapping")
    }

    #[test]
    fn ways_lead_to_the_parts_of_a_change() {
        let event = json!({"app": {"metadata": {"name": "cart", "labels": {"example.com/team": "shop"}},
            "status": {"sync": {"revision": "abc"}, "history": [{"id": 7}], "at": "2026-11-22T10:00:00Z"}}});
        let change = mapping(
            "key=app.metadata.name, to=app.status.sync.revision, from=app.status.history.0.id, at=app.status.at,\
             actor=/app/metadata/labels/example.com~1team, environment='production', detail=app.status, link=app.nothing",
        );
        let change = change.change_of(&event).expect("it is for it").expect("a change");
        assert_eq!((change.kind, change.key.as_str()), (ChangeKind::Deployment, "cart"));
        assert_eq!((change.from.as_deref(), change.to.as_deref()), (Some("7"), Some("abc")));
        assert_eq!((change.actor.as_deref(), change.environment.as_deref()), (Some("shop"), Some("production")));
        assert_eq!((change.at, change.detail, change.link), (Some(Nanos(1_795_341_600_000_000_000)), None, None));
    }

    #[test]
    fn conditions_say_which_events_a_mapping_is_for() {
        let mapping = mapping("key=name,when=phase:Healthy,when=phase:Succeeded,when=on.app:Synced");
        let is_for = |event: Value| mapping.change_of(&event).is_some();
        assert!(is_for(json!({"name": "a", "phase": "Succeeded", "on": {"app": "Synced"}})));
        assert!(!is_for(json!({"name": "a", "phase": "Failed", "on": {"app": "Synced"}})));
        assert!(!is_for(json!({"name": "a", "phase": "Healthy"})));
        assert!(!is_for(json!({"phase": "Healthy", "on": {"app": "Synced"}})));
        assert!(!is_for(json!({"name": {}, "phase": "Healthy", "on": {"app": "Synced"}})));
    }

    #[test]
    fn what_is_no_mapping_is_said() {
        for (wrong, words) in [
            ("", "where the key is"),
            ("to=a", "where the key is"),
            ("key", "has no ="),
            ("key=", "empty"),
            ("key=a,colour=b", "no part \"colour\""),
            ("key=a,kind=weather", "no kind"),
            ("key=a,when=b", "has no :"),
        ] {
            let told = wrong.parse::<FieldMapping>().expect_err("it is none");
            assert!(told.contains(words), "{wrong}: {told}");
        }
        let event = json!({"a": "x", "t": "soon"});
        assert!(mapping("key=a,at=t").change_of(&event).is_some_and(|told| told.is_err()));
    }
}
