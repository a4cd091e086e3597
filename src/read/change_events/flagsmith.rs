//! Webhooks of Flagsmith: of an environment, about a feature.
//!
//! ```text
//! {"event_type":"FLAG_UPDATED","data":{"changed_by":"...","timestamp":"...",
//!  "previous_state":{"enabled":false,...},"new_state":{"enabled":true,"feature_state_value":"blue","feature":{"name":"f"},...}}}
//! ```
//!
//! A feature that is not enabled is served as `disabled`; one that is, as its value, or as `enabled` when it has none.
//! Audit log webhooks tell changes in prose only, which is not read.
//!
//! Source: Flagsmith/flagsmith, `docs/docs/system-administration/webhooks.md`, `api/webhooks/sample_webhook_data.py`.

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::read::change_events::members::{Object, Recognised, at, owned, text, word};
use crate::read::change_events::times::time_in;
use crate::read::quote::quote;
use serde_json::Value;

/// The change of a webhook.
pub(super) fn change_of(object: &Object) -> Recognised {
    if text(object, &["related_object_type"]).is_some() && text(object, &["log"]).is_some() {
        return Some(Err(PROSE.to_owned()));
    }
    let kind = text(object, &["event_type"])?;
    let data = object.get("data")?.as_object()?;
    match kind {
        "FLAG_UPDATED" => Some(change(data, false)),
        "FLAG_DELETED" => Some(change(data, true)),
        "AUDIT_LOG_CREATED" => Some(Err(PROSE.to_owned())),
        _ => {
            let kind = quote(kind.as_bytes());
            at(data, &["new_state", "feature"]).map(|_| Err(format!("an event of Flagsmith of type {kind}")))
        }
    }
}

/// What is said of an audit log.
const PROSE: &str =
    "an entry of Flagsmith's audit log, which says in prose what was changed; webhooks of environments are read";

fn change(data: &Object, deleted: bool) -> Result<ChangeEvent, String> {
    let wrong = |reason: &str| format!("an event of Flagsmith: {reason}");
    let (before, after) = (data.get("previous_state"), data.get("new_state"));
    let state = after.filter(|state| state.is_object()).or(before).and_then(Value::as_object);
    let state = state.ok_or_else(|| wrong("it has no state of a feature"))?;
    let name = text(state, &["feature", "name"]).ok_or_else(|| wrong("it does not name the feature"))?;
    let time = time_in(data.get("timestamp")).map_err(|reason| wrong(&reason))?;
    let environment = at(state, &["environment"]);
    // A name since 2021, before that only a number.
    let environment = environment.and_then(|it| if it.is_object() { word(it.get("name")?) } else { word(it) });
    let is_there = |key: &str| state.get(key).is_some_and(|value| !value.is_null());
    let detail = if is_there("identity") || is_there("identity_identifier") {
        Some("for one identity only")
    } else {
        is_there("feature_segment").then_some("for one segment only")
    };
    Ok(ChangeEvent {
        at: time,
        from: before.and_then(served),
        to: if deleted { Some("deleted".to_owned()) } else { after.and_then(served) },
        environment,
        actor: owned(data, &["changed_by"]),
        detail: detail.map(str::to_owned),
        ..ChangeEvent::new(ChangeKind::FeatureFlag, name)
    })
}

fn served(state: &Value) -> Option<String> {
    Some(match state.get("enabled")?.as_bool()? {
        false => "disabled".to_owned(),
        true => state.get("feature_state_value").and_then(word).unwrap_or_else(|| "enabled".to_owned()),
    })
}
