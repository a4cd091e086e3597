//! Slow requests of one capture as root causes: with low confidence, as nothing tells whether they were always slow.

use crate::analyze::signature;
use crate::facts::profile::Passed;
use crate::facts::quantile::quantile;
use crate::judge::evidence_cause::{Confidence, Exemplar, Level, RootCause, Status, Step, Traces};
use crate::judge::evidence_shift::Latency;
use crate::judge::gate::contributions::metric;
use crate::judge::gate::words::{in_ms, ms, place, rounded};
use crate::judge::outliers::Outlier;
use crate::judge::wording::count;

/// How many of them are told.
pub(crate) const TOLD: usize = 5;

/// How many traces are named that show it.
const EXEMPLARS: usize = 5;

/// The root cause of slow requests.
pub(crate) fn spelt_out(rank: u64, outlier: &Outlier<'_>) -> RootCause {
    let at = place(&outlier.at);
    let what = if outlier.site.callee.is_some() { format!("the wire to {at}") } else { at };
    let counted = format!("{} of {}", outlier.slow, count(outlier.passed, "request"));
    let entry = place(outlier.entry);
    let slower_than = ms(in_ms(outlier.slower_than));
    RootCause {
        rank,
        signature: signature::of_place("latency", &outlier.at.service, &outlier.at.operation),
        grouping: None,
        kind: "latency".to_owned(),
        service: outlier.at.service.clone(),
        operation: outlier.at.operation.clone(),
        span_name: outlier.site.operation.clone(),
        began_at: Vec::new(),
        peer: outlier.site.peer.clone(),
        called_as: None,
        also_called_as: Vec::new(),
        answered_for: false,
        callee: None,
        effect: None,
        client_fault: false,
        change: None,
        comparison: None,
        p_value: None,
        sentence: format!(
            "{counted} of {entry} took longer than {slower_than}, usually {}: most of the time goes to {what}.",
            ms(in_ms(outlier.median))
        ),
        exception: None,
        status: Status { message: None, grpc: None, http: None },
        attempts: None,
        traces: Traces { baseline: None, candidate: outlier.showing.len() as u64, fatal: 0, absorbed: 0 },
        share_of_failing: 0.0,
        entry_points: Vec::new(),
        degraded_entry_points: Vec::new(),
        async_entry_points: Vec::new(),
        propagation: vec![Step {
            service: outlier.at.service.clone(),
            operation: outlier.at.operation.clone(),
            span_name: outlier.site.operation.clone(),
            role: "origin".to_owned(),
        }],
        hidden_steps: 0,
        confidence: confidence(outlier),
        latency: Some(latency(outlier)),
        excess: None,
        structure: None,
        traffic: None,
        onset: None,
        compared: None,
        suspects: Vec::new(),
        conditions: Vec::new(),
        exemplars: outlier.showing.iter().take(EXEMPLARS).map(|request| exemplar(request)).collect(),
    }
}

fn confidence(outlier: &Outlier<'_>) -> Confidence {
    let share = format!("{:.0} %", 100.0 * outlier.explains);
    let looked_at = count(outlier.looked_at.len() as u64, "slow request");
    Confidence {
        level: Level::Low,
        speaks_for: vec![
            format!("{share} of what slow requests took more was spent there"),
            format!("it took most of the time in {} of {looked_at} that were looked at", outlier.showing.len()),
        ],
        against: vec![
            "there is no baseline: such requests may always have been slow".to_owned(),
            "nothing failed: it may be what these requests ask for".to_owned(),
        ],
    }
}

fn latency(outlier: &Outlier<'_>) -> Latency {
    let of = |times: &[u64], share: f64| in_ms(quantile(times, share));
    Latency {
        metric: metric(outlier.site.callee.is_some()).to_owned(),
        baseline_p50_ms: of(&outlier.usual_times, 0.5),
        candidate_p50_ms: of(&outlier.slow_times, 0.5),
        baseline_p95_ms: of(&outlier.usual_times, 0.95),
        candidate_p95_ms: of(&outlier.slow_times, 0.95),
        slower_than_ms: of(&outlier.usual_times, 0.99),
        slow_request_ms: None,
        explains: rounded(outlier.explains),
        entry_point: Some(outlier.split.told(outlier.entry)),
        typical: outlier.typical.map(exemplar),
    }
}

fn exemplar(request: &Passed) -> Exemplar {
    Exemplar { trace_id: request.trace.to_string(), span_id: request.span.to_string() }
}
