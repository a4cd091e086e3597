//! Whyspan's own announcements.
//!
//! ```text
//! {"kind":"feature-flag","key":"paymentServiceFailure","from":"off","to":"on","at":"2026-11-22T10:00:00Z","service":"payment"}
//! {"type":"deployment","service":"cart","from":"1.4","to":"1.5","timeUnixNano":"1795313190991506432"}
//! {"kind":"event","name":"load test","at":"2026-11-22T10:00:00Z","until":"2026-11-22T10:05:00Z","actor":"ci","link":"https://..."}
//! ```

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::read::change_events::members::{Object, Recognised, first_of, owned, word};
use crate::read::change_events::times::time_in;
use serde_json::Value;

/// The change of an object whose kind is one of ours.
pub(super) fn change_of(object: &Object) -> Recognised {
    let kind = ChangeKind::of(kind_of(object)?)?;
    Some(change(object, kind).map_err(|reason| format!("of kind {}: {reason}", kind.as_str())))
}

/// The word that stands for a kind, when it is not one of ours.
pub(super) fn unknown_kind(object: &Object) -> Option<&str> {
    kind_of(object).filter(|kind| ChangeKind::of(kind).is_none())
}

fn kind_of(object: &Object) -> Option<&str> {
    ["kind", "type"].iter().find_map(|key| object.get(*key)?.as_str())
}

fn change(object: &Object, kind: ChangeKind) -> Result<ChangeEvent, String> {
    let keys: &[&str] = match kind {
        ChangeKind::FeatureFlag => &["key", "flag", "featureFlag", "feature_flag"],
        ChangeKind::Deployment => &["key", "service"],
        ChangeKind::Event => &["key", "name", "service"],
    };
    let key = first_of(object, keys).ok_or("it does not say what was changed")?;
    let first = |keys: &[&str]| -> Option<&Value> { keys.iter().find_map(|key| object.get(*key)) };
    let service = owned(object, &["service"]);
    Ok(ChangeEvent {
        at: time_in(first(&["at", "time", "timestamp", "timeUnixNano", "time_unix_nano"]))?,
        until: time_in(first(&["until"]))?,
        from: first(&["from", "before"]).and_then(word),
        to: first(&["to", "after", "value", "variant", "version"]).and_then(word),
        service: service.or_else(|| (kind == ChangeKind::Deployment).then(|| key.clone())),
        environment: owned(object, &["environment"]),
        actor: owned(object, &["actor"]),
        link: owned(object, &["link"]),
        detail: owned(object, &["detail"]),
        ..ChangeEvent::new(kind, key)
    })
}
