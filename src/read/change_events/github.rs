//! Webhooks of GitHub about deployments.
//!
//! ```text
//! deployment          somebody asked for one: nothing was changed yet
//! deployment_status   success: it was made.    error, failure, inactive, in_progress, pending, queued, waiting: it was not
//! ```
//!
//! Which service a deployment is of, GitHub does not say: the key is the repository.
//!
//! Source: octokit/webhooks, `payload-examples/api.github.com/deployment_status`, and GitHub REST API, "Create a deployment
//! status" (the states).

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::read::change_events::members::{Object, Recognised, owned, text};
use crate::read::change_events::times::time_in;
use crate::read::quote::quote;

/// The change of a webhook with a deployment, and perhaps its status.
pub(super) fn change_of(object: &Object) -> Recognised {
    let sha = text(object, &["deployment", "sha"])?;
    let repository = text(object, &["repository", "full_name"])?;
    let Some(status) = object.get("deployment_status").and_then(|status| status.as_object()) else {
        let reason = "a deployment of GitHub that was asked for; deployment_status says whether it was made";
        return Some(Err(reason.to_owned()));
    };
    let state = text(status, &["state"]).unwrap_or_default();
    if state != "success" {
        let state = quote(state.as_bytes());
        return Some(Err(format!(
            "a deployment_status of GitHub with the state {state}: only \"success\" is a change"
        )));
    }
    let at = match time_in(status.get("created_at")) {
        Ok(at) => at,
        Err(reason) => return Some(Err(format!("a deployment_status of GitHub: {reason}"))),
    };
    let deployment = |key: &str| owned(object, &["deployment", key]);
    let branch = deployment("ref").filter(|branch| branch != sha);
    Some(Ok(ChangeEvent {
        at,
        to: Some(sha.to_owned()),
        environment: owned(status, &["environment"]).or_else(|| deployment("environment")),
        actor: owned(object, &["deployment", "creator", "login"]),
        link: owned(status, &["log_url"]).or_else(|| owned(status, &["target_url"])),
        detail: branch.map(|branch| format!("of {branch}")),
        ..ChangeEvent::new(ChangeKind::Deployment, repository)
    }))
}
