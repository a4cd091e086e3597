//! Events as tools push them to Dynatrace: bodies of its events API v2, and SDLC events.
//!
//! ```text
//! {"eventType":"CUSTOM_CONFIGURATION","title":"feature flag changed","startTime":1795341600000,
//!  "entitySelector":"type(SERVICE),entityName.equals(cart)",
//!  "properties":{"feature_flag.key":"cartFailure","defaultValue":"on"}}
//!
//! {"event.provider":"k6","event.type":"test","event.category":"finished","duration":"3m","service":"checkout"}
//! ```
//!
//! An event that says that something is finished, and how long it took, is sent when it ends: it began that much earlier.
//!
//! Sources: Dynatrace documentation, "Events API v2 - POST an event", "Version detection strategies" (properties of
//! deployments) and "Ingest SDLC events"; Dynatrace/obslab-release-validation `runtimeChange.sh` and
//! `.devcontainer/k6/k6-after-change.yaml`, Dynatrace/obslab-log-problem-detection `runtime_change.py` (flags and load tests).

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::model::time::Nanos;
use crate::read::change_events::members::{Object, Recognised, first_of, owned, text, word};
use crate::read::change_events::times::{duration_of, time_in};
use crate::read::quote::quote;

/// Events that only inform. The other types open problems: they say that something is wrong, not what was changed.
const INFORMING: [&str; 5] =
    ["CUSTOM_INFO", "CUSTOM_CONFIGURATION", "CUSTOM_DEPLOYMENT", "CUSTOM_ANNOTATION", "MARKED_FOR_TERMINATION"];

/// Properties that hold the variant of a flag: those of the semantic conventions, of flagd, and of the labs.
const VARIANTS: [&str; 4] = ["feature_flag.result.variant", "feature_flag.variant", "defaultVariant", "defaultValue"];

/// The change of an event of either API.
pub(super) fn change_of(object: &Object) -> Recognised {
    if let (Some(kind), Some(title)) = (text(object, &["eventType"]), text(object, &["title"])) {
        return Some(of_events_api(object, kind, title));
    }
    let kind = text(object, &["event.type"])?;
    let says_so = text(object, &["event.kind"]) == Some("SDLC_EVENT")
        || ["event.provider", "event.category", "event.status"].iter().any(|key| object.contains_key(*key));
    says_so.then(|| of_lifecycle(object, kind))
}

fn of_events_api(object: &Object, kind: &str, title: &str) -> Result<ChangeEvent, String> {
    let wrong = |reason: &str| format!("an event of Dynatrace of type {}: {reason}", quote(kind.as_bytes()));
    if !INFORMING.contains(&kind) {
        return Err(wrong("it tells of a problem, not of a change"));
    }
    let empty = Object::new();
    let properties = object.get("properties").and_then(|properties| properties.as_object()).unwrap_or(&empty);
    let service = text(object, &["entitySelector"]).and_then(service_of);
    let service = service.or_else(|| first_of(properties, &["service.name"]));
    let mut change = if let Some(flag) = text(properties, &["feature_flag.key"]) {
        let to = VARIANTS.iter().find_map(|key| word(properties.get(*key)?));
        ChangeEvent { to, ..ChangeEvent::new(ChangeKind::FeatureFlag, flag) }
    } else if kind == "CUSTOM_DEPLOYMENT" {
        let named = ["dt.event.deployment.release_product", "dt.event.deployment.name"];
        let key = service.clone().or_else(|| first_of(properties, &named));
        ChangeEvent {
            to: properties.get("dt.event.deployment.version").and_then(word),
            environment: owned(properties, &["dt.event.deployment.release_stage"]),
            link: owned(properties, &["dt.event.deployment.ci_back_link"]),
            ..ChangeEvent::new(ChangeKind::Deployment, key.unwrap_or_else(|| title.to_owned()))
        }
    } else {
        ChangeEvent::new(ChangeKind::Event, title)
    };
    change.service = service;
    let start = time_in(object.get("startTime")).map_err(|reason| wrong(&reason))?;
    let end = time_in(object.get("endTime")).map_err(|reason| wrong(&reason))?;
    let took = text(properties, &["duration"]).and_then(duration_of);
    (change.at, change.until) = match (start, took) {
        // What is finished is told when it ends, and the end of the event is not that of what it tells of.
        (Some(told), Some(took)) if text(properties, &["state"]) == Some("finished") => {
            (Some(before(told, took)), Some(told))
        }
        (Some(start), Some(took)) => (Some(start), end.or(Some(after(start, took)))),
        _ => (start, end),
    };
    Ok(change)
}

fn of_lifecycle(object: &Object, kind: &str) -> Result<ChangeEvent, String> {
    let wrong = |reason: String| format!("an SDLC event of type {}: {reason}", quote(kind.as_bytes()));
    let time = |key: &str| time_in(object.get(key)).map_err(wrong);
    let (start, end, told) = (time("start_time")?, time("end_time")?, time("timestamp")?);
    let took = text(object, &["duration"]).and_then(duration_of);
    let state = first_of(object, &["event.category", "event.status"]);
    let finished = ["event.category", "event.status"].iter().any(|key| text(object, &[key]) == Some("finished"));
    let end = end.or(told.filter(|_| finished));
    let (at, until) = match (start.or(told.filter(|_| !finished)), end, took) {
        (Some(start), None, Some(took)) => (Some(start), Some(after(start, took))),
        (None, Some(end), Some(took)) => (Some(before(end, took)), Some(end)),
        (None, Some(end), None) => (Some(end), None),
        (start, end, _) => (start, end),
    };
    let words = [text(object, &["event.provider"]), Some(kind), state.as_deref()];
    let key = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Ok(ChangeEvent {
        at,
        until,
        service: first_of(object, &["service", "service.name"]),
        detail: owned(object, &["purpose"]),
        ..ChangeEvent::new(ChangeKind::Event, key)
    })
}

fn before(time: Nanos, nanos: u64) -> Nanos {
    Nanos(time.0.saturating_sub(nanos))
}

fn after(time: Nanos, nanos: u64) -> Nanos {
    Nanos(time.0.saturating_add(nanos))
}

/// The service that a selector names; `None` when it selects by something else, or things that are no services.
fn service_of(selector: &str) -> Option<String> {
    let is_service = argument(selector, "type(")?.eq_ignore_ascii_case("service");
    let name = argument(selector, "entityName.equals(")?;
    (is_service && !name.is_empty()).then(|| name.to_owned())
}

/// What stands in the brackets of a predicate, with or without quotes.
fn argument<'s>(selector: &'s str, predicate: &str) -> Option<&'s str> {
    let (_, rest) = selector.split_once(predicate)?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').map(|(argument, _)| argument),
        None => rest.split_once(')').map(|(argument, _)| argument.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_of_a_selector() {
        for (selector, service) in [
            ("type(SERVICE),entityName.equals(paymentservice)", Some("paymentservice")),
            ("type(\"SERVICE\"),entityName.equals(\"pay (new)\")", Some("pay (new)")),
            ("entityName.equals( cart ),type(service)", Some("cart")),
            ("type(PROCESS_GROUP_INSTANCE),tag(easytravel)", None),
            ("type(HOST),entityName.equals(cart)", None),
            ("type(SERVICE),entityName.equals(", None),
            ("type(SERVICE),entityName.equals()", None),
            ("type(SERVICE),entityName.startsWith(cart)", None),
            ("", None),
        ] {
            assert_eq!(service_of(selector).as_deref(), service, "{selector}");
        }
    }
}
