//! What to do about a no-go: undo the change that did it, or look where the fault began.

use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::Action;

/// How many root causes are acted on.
const CAUSES: usize = 5;

/// What to do, of root causes that are new or worse; the same thing once.
pub(crate) fn actions(causes: &[RootCause]) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    let deciding = |cause: &&RootCause| !cause.client_fault && matches!(cause.change.as_deref(), Some("new" | "worse"));
    for (place, cause) in causes.iter().enumerate().filter(|(_, cause)| deciding(cause)).take(CAUSES) {
        let action = of(cause, format!("/root_causes/{place}"));
        if !actions.iter().any(|known| known.sentence == action.sentence) {
            actions.push(action);
        }
    }
    actions
}

fn of(cause: &RootCause, reference: String) -> Action {
    let suspect = cause.suspects.first();
    let (kind, sentence) = match suspect.map(|suspect| (suspect.kind.as_str(), suspect)) {
        Some(("feature-flag", flag)) => {
            let back = flag
                .from
                .as_deref()
                .map_or_else(|| format!("away from {}", flag.value), |from| format!("back to {from}"));
            ("roll-back-flag", format!("Set flag {} {back}.", flag.key))
        }
        Some(("deployment", service)) => {
            let back = service.from.as_deref().map(|from| format!(" to {from}")).unwrap_or_default();
            ("roll-back-deployment", format!("Roll {} back from {}{back}.", service.key, service.value))
        }
        Some(("event", event)) => ("undo-change", format!("Undo what was announced as {}.", event.key)),
        Some((_, attribute)) => {
            ("look-at", format!("Look at requests with {} = {}: {}.", attribute.key, attribute.value, place_of(cause)))
        }
        None => ("look-at", format!("No change explains it. Look at {}.", place_of(cause))),
    };
    Action { kind: kind.to_owned(), sentence, reference }
}

fn place_of(cause: &RootCause) -> String {
    if let (Some(peer), "unreachable" | "dependency") = (&cause.peer, cause.kind.as_str()) {
        return format!("{peer}, as {} sees it", cause.service);
    }
    let own = cause.exception.as_ref().and_then(|exception| {
        let inner = exception.chain.iter().rev().find_map(|inner| inner.frame.as_ref());
        exception.frame.as_ref().or(inner)
    });
    match (own, &cause.peer) {
        (Some(frame), _) => {
            let line = frame.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{}{line} of {}", frame.file, cause.service)
        }
        (None, Some(peer)) => peer.clone(),
        (None, None) => format!("{} of {}", cause.operation, cause.service),
    }
}
