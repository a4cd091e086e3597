//! Root causes, ranked and spelt out.

use crate::analyze::origin::Effect;
use crate::analyze::signature::common_parts;
use crate::analyze::stack;
use crate::facts::cause::{CauseFacts, OperationName};
use crate::facts::sample::Sample;
use crate::facts::window::WindowFacts;
use crate::judge::callee_evidence::callee_told;
use crate::judge::confidence_level::confidence;
use crate::judge::evidence_cause::{
    BeganAt, Cause, EntryPointAsync, EntryPointDegraded, EntryPointHit, Exception, Exemplar, Frame, Grouping, KeyPart,
    RootCause, StackFrame, Status, Step, Traces,
};
use crate::judge::outlier_evidence::{TOLD, spelt_out};
use crate::judge::outliers::outliers;
use crate::judge::wording::{self, told};
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// All root causes of a window, ranked: the callers' own faults last; within the others fatal, absorbed, neither; then by
/// traces in which they got that far; then by signature, so that the order never depends on chance. What makes some requests
/// slow comes after what fails.
#[must_use]
pub fn root_causes(facts: &WindowFacts) -> Vec<RootCause> {
    let mut causes: Vec<(&String, &CauseFacts)> = facts.causes.iter().collect();
    causes.shared_sort_by_key(|&(signature, cause)| (cause.place(), signature));
    let answers = |peer: &str| facts.who_answers(peer);
    let of_callers = causes.iter().position(|(_, cause)| cause.sample.client_fault).unwrap_or(causes.len());
    let (faults, of_callers) = causes.split_at(of_callers);
    let spelt = |(signature, cause): &(&String, &CauseFacts)| root_cause(0, signature, cause, facts, answers);
    let mut ranked: Vec<RootCause> = faults.iter().map(spelt).collect();
    ranked.extend(outliers(facts).iter().take(TOLD).map(|outlier| spelt_out(0, outlier)));
    ranked.extend(of_callers.iter().map(spelt));
    (1..).zip(&mut ranked).for_each(|(rank, cause)| cause.rank = rank);
    ranked
}

/// One root cause of a window, spelt out. `answers` says which service answers calls that go by a name, and how many.
pub(crate) fn root_cause<'f>(
    rank: u64,
    signature: &str,
    cause: &CauseFacts,
    facts: &WindowFacts,
    answers: impl Fn(&str) -> Option<(&'f str, u64)>,
) -> RootCause {
    let sample = &cause.sample;
    let learnt = sample.peer.as_deref().and_then(|peer| answers(peer).map(|(service, calls)| (peer, service, calls)));
    let total_at = |entry: &OperationName| facts.entries.get(entry).map_or(0, |entry| entry.total);
    let effect = sample.exemplar.rank.effect().map(|effect| match effect {
        Effect::Fatal => "fatal",
        Effect::Absorbed => "absorbed",
    });
    let mut entry_points: Vec<EntryPointHit> = cause
        .failed_entries
        .iter()
        .map(|(entry, failing)| EntryPointHit {
            service: entry.service.clone(),
            operation: entry.operation.clone(),
            failing,
            total: total_at(entry),
        })
        .collect();
    entry_points.shared_sort_by_key(|entry| Reverse(entry.failing));
    let mut degraded_entry_points: Vec<EntryPointDegraded> = cause
        .degraded_entries
        .iter()
        .map(|(entry, absorbed)| EntryPointDegraded {
            service: entry.service.clone(),
            operation: entry.operation.clone(),
            absorbed,
            total: total_at(entry),
        })
        .collect();
    degraded_entry_points.shared_sort_by_key(|entry| Reverse(entry.absorbed));
    let mut async_entry_points: Vec<EntryPointAsync> = cause
        .asked_by
        .iter()
        .map(|(entry, requests)| EntryPointAsync {
            service: entry.service.clone(),
            operation: entry.operation.clone(),
            requests,
            total: total_at(entry),
        })
        .collect();
    async_entry_points.shared_sort_by_key(|entry| Reverse(entry.requests));
    let mut propagation: Vec<Step> = sample
        .path
        .iter()
        .map(|step| Step {
            service: step.at.service.clone(),
            operation: step.at.operation.clone(),
            span_name: step.span_name.clone(),
            role: step.role.to_owned(),
        })
        .collect();
    propagation.extend(async_entry_points.first().map(|asker| Step {
        service: asker.service.clone(),
        operation: asker.operation.clone(),
        span_name: asker.operation.clone(),
        role: "async".to_owned(),
    }));
    RootCause {
        rank,
        signature: signature.to_owned(),
        grouping: Some(grouping(sample)),
        kind: sample.kind.as_str().to_owned(),
        service: sample.at.service.clone(),
        operation: sample.at.operation.clone(),
        span_name: sample.span_name.clone(),
        began_at: began_at(cause),
        peer: learnt.map(|(_, service, _)| service.to_owned()).or_else(|| sample.peer.clone()),
        called_as: learnt.map(|(peer, ..)| peer.to_owned()),
        also_called_as: cause.names.iter().filter(|name| sample.peer.as_ref() != Some(name)).cloned().collect(),
        answered_for: wording::is_answered_for(cause),
        callee: cause.sample.callee.as_deref().and_then(|callee| callee_told(callee, &cause.statements)),
        effect: effect.map(str::to_owned),
        client_fault: sample.client_fault,
        change: None,
        comparison: None,
        p_value: None,
        sentence: wording::root_cause(cause, learnt.map(|(_, service, _)| service), total_at),
        exception: exception(cause),
        status: Status {
            message: sample.text.as_deref().and_then(told),
            grpc: sample.codes.grpc,
            http: sample.codes.http,
        },
        attempts: Some(sample.attempts).filter(|&attempts| attempts > 1),
        traces: Traces { baseline: None, candidate: cause.traces, fatal: cause.fatal, absorbed: cause.absorbed },
        share_of_failing: share(cause.fatal, facts.failing_traces),
        entry_points,
        degraded_entry_points,
        async_entry_points,
        propagation,
        hidden_steps: sample.hidden_steps,
        confidence: confidence(cause, learnt),
        latency: None,
        onset: None,
        compared: None,
        excess: None,
        structure: None,
        traffic: None,
        suspects: Vec::new(),
        conditions: Vec::new(),
        exemplars: cause
            .exemplars
            .iter()
            .map(|exemplar| Exemplar { trace_id: exemplar.trace.to_string(), span_id: exemplar.span.to_string() })
            .collect(),
    }
}

/// The operations in which it began, where there are several.
fn began_at(cause: &CauseFacts) -> Vec<BeganAt> {
    let mut began_at: Vec<BeganAt> = cause
        .began_at
        .iter()
        .map(|(at, traces)| BeganAt { service: at.service.clone(), operation: at.operation.clone(), traces })
        .collect();
    began_at.shared_sort_by_key(|at| Reverse(at.traces));
    if began_at.len() > 1 { began_at } else { Vec::new() }
}

fn grouping(sample: &Sample) -> Grouping {
    let part = |part: &str, value: &str| KeyPart { part: part.to_owned(), value: value.to_owned() };
    let common = common_parts(sample.kind, &sample.at.service, &sample.at.operation, sample.peer.as_deref());
    let common = common.into_iter().map(|(name, value)| part(name, value));
    Grouping {
        family: sample.family.to_string(),
        parts: common.chain(sample.key.iter().map(|it| part(it.name, &it.value))).collect(),
    }
}

fn exception(cause: &CauseFacts) -> Option<Exception> {
    let exception = cause.sample.exception.as_ref()?;
    Some(Exception {
        kind: told(&exception.kind),
        class: told(&exception.class),
        message: told(&exception.message),
        stacktrace: told(&exception.stacktrace),
        frame: exception.frame.as_ref().map(frame),
        frames: frames(&exception.calls),
        chain: exception
            .causes
            .iter()
            .map(|cause| Cause {
                kind: told(&cause.kind),
                message: told(&cause.message),
                frame: cause.frame.as_ref().map(frame),
            })
            .collect(),
    })
}

/// The calls of the exception that escaped.
fn frames(calls: &[stack::frame::Frame]) -> Vec<StackFrame> {
    let shown = calls.iter().map(|frame| StackFrame {
        file: frame.file.to_string(),
        line: frame.line,
        column: frame.column,
        function: told(&frame.function),
        in_app: frame.in_app,
    });
    shown.collect()
}

fn frame(frame: &stack::frame::Frame) -> Frame {
    Frame { file: frame.file.to_string(), line: frame.line, column: frame.column, function: told(&frame.function) }
}

/// `part` of `whole`, 0 to 1, to six places so that the evidence reads well.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of traces lie far below 2^53")]
    let share = part as f64 / whole as f64;
    (share * 1e6).round() / 1e6
}
