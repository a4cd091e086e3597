//! What a validation is asked for with: two windows, or what was before a change and what is since; and a policy.

use crate::judge::policy::Policy;
use crate::model::time::{Nanos, TimeWindow};
use crate::read::change_events::times::time_of;
use crate::serve::api_times::{AskedWindow, around};
use crate::serve::quantity::duration;
use serde::Deserialize;
use std::time::Duration;

/// How long the baseline before a change is, when nobody says.
const BEFORE: Duration = Duration::from_secs(1800);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(default)]
    baseline: AskedWindow,
    #[serde(default)]
    candidate: AskedWindow,
    change_at: Option<String>,
    before: Option<String>,
    /// A policy in TOML.
    policy: Option<String>,
}

/// What is to be judged.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The window that is compared with.
    pub baseline: TimeWindow,
    /// The window that is judged.
    pub candidate: TimeWindow,
    /// By what it is judged.
    pub policy: Policy,
}

impl Wanted {
    /// Reads the body of `POST /api/v1/validations`, at this moment.
    ///
    /// # Errors
    ///
    /// When it is no JSON, knows other members, or lacks a window; in words for whoever asked.
    pub fn read(bytes: &[u8], now: Nanos) -> Result<Self, String> {
        let body: Body = serde_json::from_slice(bytes).map_err(|told| told.to_string())?;
        let (baseline, candidate) = match (body.baseline.window()?, body.candidate.window()?, &body.change_at) {
            (Some(baseline), Some(candidate), None) => (baseline, candidate),
            (None, None, Some(at)) => {
                let before = body.before.as_deref().map_or(Ok(BEFORE), duration)?;
                around(time_of(at)?, u64::try_from(before.as_nanos()).unwrap_or(u64::MAX), now)?
            }
            _ => return Err("give baseline and candidate, each with from and to, or change_at alone".to_owned()),
        };
        let policy = match &body.policy {
            None => Policy::default(),
            Some(text) => Policy::from_toml(text).map_err(|told| format!("no policy: {told}"))?,
        };
        Ok(Self { baseline, candidate, policy })
    }
}
