//! Webhooks of LaunchDarkly, which are entries of its audit log.
//!
//! ```text
//! accesses[].resource   proj/default:env/production:flag/checkout-v2;tag      environment and flag
//! accesses[].action     updateOn, updateFallthrough, updateRules, ...
//! previousVersion, currentVersion   what is served by default: off variation, or the one that all others fall through to
//! titleVerb             turned on the flag, turned off the flag: when the versions are not there
//! ```
//!
//! They may come in any order: each has the time of the change, by which changes are sorted later.
//!
//! Sources: LaunchDarkly documentation, "Webhooks" (sample payload, order), "Get audit log entry" (both versions), "Feature
//! flags" (sample representation), "Role actions" (the actions); LaunchDarkly's integration framework, "Capabilities" (the payload
//! with `timestamp`); getsentry/sentry `src/sentry/flags/providers.py` (what another reader takes).

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::read::change_events::members::{Object, Recognised, at, owned, text, word};
use crate::read::change_events::times::time_in;
use crate::read::quote::quote;
use serde_json::Value;

/// Actions on a flag that change nothing of what is served.
const WITHOUT_EFFECT: [&str; 9] = [
    "createFlagLink",
    "deleteFlagLink",
    "updateDescription",
    "updateFlagCustomProperties",
    "updateFlagLink",
    "updateMaintainer",
    "updateName",
    "updateTags",
    "updateTemporary",
];

/// The change of an entry of the audit log.
pub(super) fn change_of(object: &Object) -> Recognised {
    let kind = text(object, &["kind"])?;
    let name = text(object, &["name"])?;
    at(object, &["_links", "canonical"]).or_else(|| at(object, &["accesses"]).filter(|it| it.is_array()))?;
    Some(change(object, kind, name))
}

fn change(object: &Object, kind: &str, name: &str) -> Result<ChangeEvent, String> {
    let wrong = |reason: &str| format!("an event of LaunchDarkly about {}: {reason}", quote(name.as_bytes()));
    if kind != "flag" {
        return Err(wrong(&format!("its kind is {}, and only changes of flags are read", quote(kind.as_bytes()))));
    }
    let time = object.get("date").or_else(|| at(object, &["timestamp", "milliseconds"]));
    let time = time_in(time).map_err(|reason| wrong(&reason))?;
    let accesses = object.get("accesses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let actions: Vec<&str> = accesses.iter().filter_map(|access| access.get("action")?.as_str()).collect();
    if !actions.is_empty() && actions.iter().all(|action| WITHOUT_EFFECT.contains(action)) {
        return Err(wrong("nothing of what is served was changed"));
    }
    let resource = accesses.iter().find_map(|access| access.get("resource")?.as_str());
    let part = |name: &str| {
        let part = resource?.split(':').find_map(|part| part.strip_prefix(name)?.strip_prefix('/'))?;
        part.split(';').next().filter(|part| !part.is_empty())
    };
    let canonical = text(object, &["_links", "canonical", "href"]);
    let in_link = canonical.and_then(|link| link.strip_prefix("/api/v2/flags/")?.split_once('/')).map(|(_, flag)| flag);
    let environment = part("env").filter(|environment| *environment != "*");
    let (from, to) = served(object, environment, text(object, &["titleVerb"]).unwrap_or_default());
    let member = |key: &str| owned(object, &["member", key]);
    let full_name = || [member("firstName"), member("lastName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let mut detail = owned(object, &["titleVerb"]);
    if detail.is_none() && !actions.is_empty() {
        detail = Some(actions.join(", "));
    }
    Ok(ChangeEvent {
        at: time,
        from,
        to,
        environment: environment.map(str::to_owned),
        actor: Some(member("email").unwrap_or_else(full_name)),
        link: owned(object, &["_links", "site", "href"]),
        detail,
        ..ChangeEvent::new(ChangeKind::FeatureFlag, part("flag").or(in_link).unwrap_or(name))
    })
}

/// What was served by default before and after, as far as the entry says.
fn served(object: &Object, environment: Option<&str>, verb: &str) -> (Option<String>, Option<String>) {
    let version = |key: &str| served_by(object.get(key)?, environment?);
    match (version("previousVersion"), version("currentVersion")) {
        (None, None) => {}
        found => return found,
    }
    let words = |from: &str, to: &str| (Some(from.to_owned()), Some(to.to_owned()));
    match verb {
        "turned on the flag" => words("off", "on"),
        "turned off the flag" => words("on", "off"),
        _ => (None, None),
    }
}

/// The value that a version of a flag serves to all for whom no rule says otherwise; `None` when it is divided among several.
fn served_by(version: &Value, environment: &str) -> Option<String> {
    let here = version.get("environments")?.get(environment)?;
    let variation = match here.get("on")?.as_bool()? {
        true => here.get("fallthrough")?.get("variation")?,
        false => here.get("offVariation")?,
    };
    let variation = version.get("variations")?.get(usize::try_from(variation.as_u64()?).ok()?)?;
    word(variation.get("value")?)
}
