//! What changed, as the evidence lists it.

use crate::judge::analysis::rfc3339;
use crate::judge::evidence::Change;
use crate::judge::suspects::changes::{Changed, Shown, Sort};

/// The source of changes that nobody announced.
const TELEMETRY: &str = "telemetry";

/// One change as evidence.
pub(crate) fn told(change: &Changed) -> Change {
    let shown = change.shown.as_ref();
    let event = change.announced.as_ref();
    let seen_first = shown.and_then(|shown| shown.latest).and_then(rfc3339);
    Change {
        kind: change.sort.as_str().to_owned(),
        key: change.key.clone(),
        from: change.from.clone(),
        to: change.to.clone(),
        at: event.and_then(|event| event.at).and_then(rfc3339).or_else(|| seen_first.clone()),
        until: event.and_then(|event| event.until).and_then(rfc3339),
        service: event.and_then(|event| event.service.clone()),
        environment: event.and_then(|event| event.environment.clone()),
        actor: event.and_then(|event| event.actor.clone()),
        link: event.and_then(|event| event.link.clone()),
        detail: event.and_then(|event| event.detail.clone()),
        source: event.map_or_else(|| TELEMETRY.to_owned(), |event| event.source.clone()),
        shown: shown.is_some(),
        not_before: shown.and_then(|shown| shown.earliest).and_then(rfc3339),
        seen_first,
        services: shown.map(|shown| shown.services.iter().cloned().collect()).unwrap_or_default(),
        sentence: sentence(change, shown),
    }
}

fn sentence(change: &Changed, shown: Option<&Shown>) -> String {
    let same = change.from.is_some() && change.from == change.to;
    let from = change.from.as_deref().map(|from| format!(" from {from}")).unwrap_or_default();
    let to = change.to.as_deref().map(|to| format!(" to {to}")).unwrap_or_default();
    let what = match change.sort {
        Sort::Flag if same => {
            format!("Flag {} changed, with {} as before", change.key, change.to.as_deref().unwrap_or_default())
        }
        Sort::Flag => format!("Flag {} changed{from}{to}", change.key),
        Sort::Deployment => format!("{} changed{from}{to}", change.key),
        Sort::Event => {
            format!("{}{}", change.key, change.to.as_deref().map(|to| format!(": {to}")).unwrap_or_default())
        }
        Sort::Service => format!("{} is new", change.key),
        Sort::Dependency => {
            format!("{} calls {}, which it did not before", change.key, change.to.as_deref().unwrap_or_default())
        }
        Sort::Operation => format!("{} of {} is new", change.to.as_deref().unwrap_or_default(), change.key),
    };
    match (shown, change.announced.is_some(), change.refuted) {
        (Some(Shown { shares: Some((before, now)), .. }), announced, _) => {
            let told = if announced { "" } else { "; nobody announced it" };
            format!("{what}: in {:.0} % of the traces that tell, before in {:.0} %{told}.", now * 100.0, before * 100.0)
        }
        (Some(_), ..) => format!("{what}."),
        (None, _, true) => format!("{what}, as was announced; the telemetry tells of it, and shows no change."),
        (None, ..) => format!("{what}, as was announced; nothing in the telemetry shows it."),
    }
}
