//! The faults of the OpenTelemetry demo through a gate: a story's good requests before, all of its requests after.

use crate::cases::{Case, Given};
use crate::common::gate_of_bytes::gate_of_two;
use crate::common::truth::Truth;
use std::collections::BTreeSet;
use whyspan::judge::evidence::Severity;

/// How many times each request of a story is made on either side: enough for a bound of the 95th percentile.
const TIMES: u32 = 60;

/// A story whose requests all fail, and one of the same generation that has a good one.
const GOOD_REQUESTS_FROM: (&str, &str) = ("stories/demo_payment_unreachable", "stories/demo22_locust_wrap");

/// What the gate says of one story of the demo.
pub(crate) struct Gated {
    /// The story.
    pub(crate) name: String,
    /// How far the most important root cause got; `None` where nothing happened.
    pub(crate) effect: Option<String>,
    /// `go`, `no-go` or `inconclusive`.
    pub(crate) decision: String,
    /// Whether the most important root cause is named first.
    pub(crate) named_first: bool,
    /// Whether a finding that fails or warns is about it.
    pub(crate) is_told: bool,
}

/// All stories of the demo.
pub(crate) fn gated(cases: &[Case]) -> Vec<Gated> {
    let demo = cases.iter().filter(|case| case.name.starts_with("stories/demo"));
    demo.filter_map(|case| {
        let Given::Story(telemetry) = &case.given else { return None };
        let (all_fail, other) = GOOD_REQUESTS_FROM;
        let from = if case.name == all_fail { cases.iter().find(|it| it.name == other)? } else { case };
        let baseline = good_requests(from);
        let candidate = telemetry.copies(TIMES..2 * TIMES).join(&b'\n');
        let evidence = gate_of_two(&baseline, &candidate, &[]);
        Some(Gated {
            name: case.name.trim_start_matches("stories/").to_owned(),
            effect: case.truths.causes.first().and_then(|truth| truth.effect.clone()),
            decision: evidence.verdict.as_ref().expect("a gate decides").decision.clone(),
            is_told: evidence.findings.iter().any(|it| {
                it.severity != Severity::Info && it.refs.iter().any(|reference| reference == "/root_causes/0")
            }),
            // Who answers such calls elsewhere gives the callee its name.
            named_first: case.truths.rank(&evidence, if case.name == all_fail { Truth::is_near } else { Truth::is_at })
                == Some(1),
        })
    })
    .collect()
}

/// The requests of a story in which nothing failed, again and again.
fn good_requests(case: &Case) -> Vec<u8> {
    let Given::Story(telemetry) = &case.given else { return Vec::new() };
    let is_good = |id: &String| {
        let alone = telemetry.of_traces(&BTreeSet::from([id.clone()]));
        alone.evidence().root_causes.iter().all(|cause| cause.client_fault)
    };
    let good: BTreeSet<String> = telemetry.trace_ids().into_iter().filter(is_good).collect();
    assert!(!good.is_empty(), "{} has no good request", case.name);
    telemetry.of_traces(&good).copies(0..TIMES).join(&b'\n')
}
