//! Webhooks of Unleash, which are its events.
//!
//! ```text
//! {"type":"feature-environment-enabled","featureName":"checkout-v2","environment":"production","createdAt":"...","createdBy":"..."}
//! {"type":"feature-strategy-update",...,"preData":{"parameters":{"rollout":"67"}},"data":{"parameters":{"rollout":"32"}}}
//! ```
//!
//! Sources: Unleash/unleash, `src/lib/events/index.ts` (the types), `src/lib/openapi/spec/event-schema.ts`,
//! `src/lib/addons/webhook.ts` and `feature-event-formatter-md.test.ts` (payloads of strategies).

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::read::change_events::members::{Object, Recognised, owned, text};
use crate::read::change_events::times::time_in;
use crate::read::quote::quote;

/// Types of events after which other requests than before are given a feature, or another variant, in words.
const WITH_EFFECT: [(&str, &str); 14] = [
    ("feature-environment-enabled", "enabled"),
    ("feature-environment-disabled", "disabled"),
    ("feature-strategy-add", "a strategy was added"),
    ("feature-strategy-update", "a strategy was changed"),
    ("feature-strategy-remove", "a strategy was removed"),
    ("feature-environment-variants-updated", "its variants were changed"),
    ("feature-variants-updated", "its variants were changed"),
    ("feature-dependency-added", "it depends on another feature"),
    ("feature-dependency-removed", "it depends no more on another feature"),
    ("feature-dependencies-removed", "it depends no more on other features"),
    ("feature-updated", "it was changed"),
    ("feature-archived", "archived"),
    ("feature-revived", "revived"),
    ("feature-deleted", "deleted"),
];

/// The change of an event about a feature.
pub(super) fn change_of(object: &Object) -> Recognised {
    let kind = text(object, &["type"])?;
    let feature = text(object, &["featureName"])?;
    let time = object.get("createdAt")?;
    let Some((_, words)) = WITH_EFFECT.iter().find(|(known, _)| *known == kind) else {
        let kind = quote(kind.as_bytes());
        return Some(Err(format!(
            "an event of Unleash of type {kind}: nothing of what is served was changed, as far as is known"
        )));
    };
    let at = match time_in(Some(time)) {
        Ok(at) => at,
        Err(reason) => return Some(Err(format!("an event of Unleash: {reason}"))),
    };
    let mut change = ChangeEvent {
        at,
        environment: owned(object, &["environment"]),
        actor: owned(object, &["createdBy"]),
        ..ChangeEvent::new(ChangeKind::FeatureFlag, feature)
    };
    let into = |from: Option<&str>| (from.map(str::to_owned), Some((*words).to_owned()));
    match kind {
        "feature-environment-enabled" => (change.from, change.to) = into(Some("disabled")),
        "feature-environment-disabled" => (change.from, change.to) = into(Some("enabled")),
        "feature-archived" | "feature-revived" | "feature-deleted" => (change.from, change.to) = into(None),
        _ => change.detail = Some(format!("{words}{}", strategy(object))),
    }
    Some(Ok(change))
}

/// `: flexibleRollout, rollout 67 to 32`, as far as the event has it.
fn strategy(object: &Object) -> String {
    let of = |way: &[&str]| {
        let sides = ["preData", "data"].map(|side| text(object, &[&[side], way].concat()));
        match sides {
            [Some(before), Some(after)] if before != after => Some(format!("{before} to {after}")),
            [before, after] => after.or(before).map(str::to_owned),
        }
    };
    let name = of(&["name"]).map(|name| format!(": {name}")).unwrap_or_default();
    let rollout = of(&["parameters", "rollout"]).map(|rollout| format!(", rollout {rollout}")).unwrap_or_default();
    format!("{name}{rollout}")
}
