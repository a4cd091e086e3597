//! Which format an object is of, and what it announces.

use crate::model::change_event::ChangeEvent;
use crate::read::change_events::field_mapping::FieldMapping;
use crate::read::change_events::members::{Object, Recognised};
use crate::read::change_events::{
    cd_events, cloud_events, dynatrace, flag_files, flagsmith, github, launch_darkly, own, unleash,
};
use crate::read::quote::quote;
use serde_json::Value;
use std::borrow::Cow;
use std::iter;

/// What is said of when something is not.
pub(super) const UNDERSTOOD: &str = "whyspan's own JSON lines; CloudEvents 1.0; CDEvents of services and environments; \
                                     events of Dynatrace (CUSTOM_..., SDLC); deployment_status of GitHub; webhooks of \
                                     LaunchDarkly, Flagsmith and Unleash; and others by --change-fields. docs/changes.md \
                                     has all of them";

/// Every format that says of itself what it is, the more particular ones first.
const FORMATS: [fn(&Object) -> Recognised; 9] = [
    cd_events::change_of,
    cd_events::change_of_attributes,
    github::change_of,
    dynatrace::change_of,
    launch_darkly::change_of,
    flagsmith::change_of,
    unleash::change_of,
    flag_files::refusal_of,
    own::change_of,
];

/// Members that hold a list of events: of the audit logs of LaunchDarkly (`items`) and Unleash (`events`).
const LISTS: [&str; 2] = ["items", "events"];

/// How many envelopes may lie around an event.
const MOST_ENVELOPES: usize = 4;

/// How many names of members a message has.
const MOST_NAMED: usize = 6;

/// What a record announces: a change, or in words why not, for each event in it. One after the other, as a list may be long.
pub(super) fn changes_in<'v>(
    record: &'v Value,
    mappings: &'v [FieldMapping],
) -> Box<dyn Iterator<Item = Result<ChangeEvent, String>> + 'v> {
    if let Some(found) = one(record, mappings) {
        return Box::new(iter::once(found));
    }
    let list = record.as_object().and_then(|object| LISTS.iter().find_map(|key| object.get(*key)?.as_array()));
    match list {
        // One level only: lists in lists are nobody's format.
        Some(list) => Box::new(list.iter().map(|item| one(item, mappings).unwrap_or_else(|| Err(unknown(item))))),
        None => Box::new(iter::once(Err(unknown(record)))),
    }
}

/// The change of one event, in whatever envelopes; `None` when nothing knows it.
fn one(event: &Value, mappings: &[FieldMapping]) -> Recognised {
    let mut event = Cow::Borrowed(event);
    let mut envelopes = Vec::new();
    loop {
        let object = event.as_object()?;
        let found = mappings
            .iter()
            .find_map(|mapping| mapping.change_of(&event))
            .or_else(|| FORMATS.iter().find_map(|format| format(object)));
        if let Some(found) = found {
            return Some(found.map(|change| envelopes.iter().rev().fold(change, change_in)));
        }
        let Some(opened) = cloud_events::opened(object) else {
            return envelopes.last().map(|envelope| Err(cloud_events::unknown(envelope, &unknown(&event))));
        };
        let (envelope, data) = match opened {
            Ok(opened) => opened,
            Err(reason) => return Some(Err(reason)),
        };
        if envelopes.len() == MOST_ENVELOPES {
            return Some(Err(format!("more than {MOST_ENVELOPES} CloudEvents around each other")));
        }
        envelopes.push(envelope);
        event = Cow::Owned(data);
    }
}

/// A change with what only its envelope says.
fn change_in(mut change: ChangeEvent, envelope: &cloud_events::Envelope) -> ChangeEvent {
    change.at = change.at.or(envelope.time);
    change
}

/// What something is that nothing knows.
fn unknown(value: &Value) -> String {
    let Some(object) = value.as_object() else {
        return "it is no JSON object".to_owned();
    };
    if object.is_empty() {
        return "it is empty".to_owned();
    }
    if let Some(kind) = own::unknown_kind(object) {
        return format!("its kind is {}", quote(kind.as_bytes()));
    }
    let named: Vec<String> = object.keys().take(MOST_NAMED).map(|key| quote(key.as_bytes())).collect();
    let more = if object.len() > MOST_NAMED { ", ..." } else { "" };
    format!("it has the members {}{more}, and is of no known format", named.join(", "))
}
