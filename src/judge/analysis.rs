//! The evidence of one capture, looked at by itself.

use crate::facts::input::InputFacts;
use crate::facts::same_callees::SameCallees;
use crate::facts::window::WindowFacts;
use crate::judge::evidence::{Evidence, SCHEMA, Window, Windows};
use crate::judge::findings::findings;
use crate::judge::listed_hits::keep_hits;
use crate::judge::pictures::pictures;
use crate::judge::quality::{hits_not_listed, quality};
use crate::judge::redaction::Redaction;
use crate::judge::root_causes::root_causes;
use crate::judge::services::{entry_points, services};
use crate::model::time::Nanos;

/// Ranks the root causes of a window and grades its input. Decides nothing: there is no baseline to decide by.
#[must_use]
pub fn analysis(facts: &WindowFacts, input: &InputFacts) -> Evidence {
    let same = SameCallees::of(&[facts]);
    let facts = &*same.united(facts);
    let mut quality = quality(facts, input);
    let mut root_causes = root_causes(facts);
    hits_not_listed(&mut quality, keep_hits(&mut root_causes));
    Evidence {
        schema: SCHEMA.to_owned(),
        command: "analyze".to_owned(),
        verdict: None,
        policy: None,
        findings: findings(&root_causes, &quality, input),
        pictures: pictures(facts, None, &root_causes, &[]),
        windows: Windows { baseline: None, candidate: window(facts, input), settling: 0 },
        root_causes,
        objectives: Vec::new(),
        services: services(facts),
        entry_points: entry_points(facts, None),
        changes: Vec::new(),
        quality,
        redaction: Redaction::default(),
    }
}

pub(crate) fn window(facts: &WindowFacts, input: &InputFacts) -> Window {
    Window {
        start: facts.time.and_then(|time| rfc3339(time.start)),
        end: facts.time.and_then(|time| rfc3339(time.end)),
        traces: facts.traces,
        spans: facts.spans,
        logs: input.logs,
        failing_traces: facts.failing_traces,
        services: facts.services.len() as u64,
    }
}

/// RFC 3339 in UTC with the digits that are needed; `None` past the year 9999.
pub(crate) fn rfc3339(time: Nanos) -> Option<String> {
    jiff::Timestamp::from_nanosecond(i128::from(time.0)).ok().map(|time| time.to_string())
}
