//! Of the requests that were kept to be drawn, the one that shows a root cause which is no failure.

use crate::facts::cause::OperationName;
use crate::facts::exemplar_trace::{DrawnSpan, DrawnTrace};
use crate::facts::window::WindowFacts;
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_shift::{Excess, Structure};
use std::cmp::Reverse;

/// Where so large a part of the spans shows a shift, any of them may be drawn for it.
const NEARLY_ALL: f64 = 0.9;

/// A request of the candidate that passed and shows it, and the place of the span that does among those that are drawn.
///
/// Of a slower place it is one whose span is slow there by itself: first those that the evidence names, then the slowest. Of another
/// course one that has the calls that are new, and not those that are missing; more calls and told steps cannot be seen in what is
/// drawn, so that only one is taken that the evidence names, or any where nearly all requests show it. `None` for failures, and
/// when no request shows it for sure.
pub(crate) fn shifted_trace<'f>(
    candidate: &'f WindowFacts,
    baseline: Option<&WindowFacts>,
    cause: &RootCause,
) -> Option<(&'f DrawnTrace, usize)> {
    let slow = cause.latency.as_ref().map(|latency| latency.slower_than_ms);
    if slow.is_none() && cause.structure.is_none() && cause.traffic.is_none() {
        return None;
    }
    let for_all = cause.excess.as_ref().is_some_and(nearly_all);
    // What is missing must have been there under this name, or it would be missing everywhere.
    let course = cause.structure.as_ref().filter(|course| course.missing.iter().all(|it| was_drawn(baseline, it)));
    let of_trace = |trace: &'f DrawnTrace| {
        let id = trace.trace.to_string();
        let is_named = cause.exemplars.iter().any(|exemplar| exemplar.trace_id == id);
        let shown = (0..trace.spans.len()).filter(|&at| shows(cause, &trace.spans, at));
        let longest = shown.min_by_key(|&at| (Reverse(own_time(&trace.spans, at)), at))?;
        let own_time = own_time(&trace.spans, longest);
        let takes_it = course.is_some_and(|course| takes(course, &trace.spans, longest));
        (slow.is_some() || is_named || for_all || takes_it).then_some((is_named, own_time, trace, longest))
    };
    let shown = candidate.pictures.passing.iter().filter_map(of_trace);
    // Where all are alike, the first by trace id.
    let shown = shown.min_by_key(|(is_named, own_time, trace, _)| {
        (Reverse(*is_named), slow.map(|_| Reverse(*own_time)), trace.trace)
    });
    shown.map(|(.., trace, at)| (trace, at))
}

fn shows(cause: &RootCause, spans: &[DrawnSpan<OperationName>], at: usize) -> bool {
    let span = &spans[at].at;
    let is_wire = cause.latency.as_ref().is_some_and(|latency| latency.metric == "wire");
    // A wire is told by the call, which may be another service's than the one that is to blame.
    let is_there = span.service == cause.service || is_wire;
    let is_it = span.operation == cause.span_name || span.operation == cause.operation;
    is_there
        && is_it
        && cause.latency.as_ref().is_none_or(|latency| in_ms(own_time(spans, at)) > latency.slower_than_ms)
}

/// Whether a span does what is new and does not do what is missing, for sure: nothing below it is hidden.
fn takes(course: &Structure, spans: &[DrawnSpan<OperationName>], at: usize) -> bool {
    let below = || spans[at + 1..].iter().take_while(|below| below.depth > spans[at].depth);
    let is_whole = spans[at].hidden == 0 && below().all(|span| span.hidden == 0);
    let does = |act: &String| below().any(|span| in_words(span) == *act);
    is_whole && course.added.iter().all(does) && !course.missing.iter().any(does)
}

fn was_drawn(baseline: Option<&WindowFacts>, act: &str) -> bool {
    let traces = baseline.into_iter().flat_map(|facts| facts.pictures.passing.iter());
    traces.flat_map(|trace| &trace.spans).any(|span| in_words(span) == act)
}

/// As the evidence names a call.
fn in_words(span: &DrawnSpan<OperationName>) -> String {
    format!("{} of {}", span.at.operation, span.at.service)
}

/// The time of a span beside the drawn spans right below it: of a call its wire, of other work its own. Children that overlap are
/// counted twice, so that it is rather too little.
fn own_time(spans: &[DrawnSpan<OperationName>], at: usize) -> u64 {
    let span = &spans[at];
    let below = spans[at + 1..].iter().take_while(|below| below.depth > span.depth);
    let children: u64 = below.filter(|below| below.depth == span.depth + 1).map(|child| child.duration).sum();
    span.duration.saturating_sub(children)
}

#[expect(clippy::cast_precision_loss, reason = "durations of spans lie far below 2^53 nanoseconds, 104 days")]
fn in_ms(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

fn nearly_all(excess: &Excess) -> bool {
    excess.spans > 0 && excess.share >= NEARLY_ALL
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::SpanId;

    fn span(depth: u32, at: &str, duration: u64) -> DrawnSpan<OperationName> {
        let (service, operation) = at.split_once(' ').expect("a service and an operation");
        let at = OperationName { service: service.to_owned(), operation: operation.to_owned() };
        DrawnSpan { id: SpanId::default(), depth, at, kind: "server", role: "healthy", start: 0, duration, hidden: 0 }
    }

    /// An order with a mail, and one without.
    fn orders() -> [Vec<DrawnSpan<OperationName>>; 2] {
        let charge = || [span(1, "shop Charge", 30), span(2, "payment Charge", 26)];
        let [mut with, without] = [vec![span(0, "shop POST /order", 90)], vec![span(0, "shop POST /order", 60)]];
        let without = without.into_iter().chain(charge()).collect();
        with.extend(charge());
        with.extend([span(1, "shop SendMail", 30), span(2, "email SendMail", 26)]);
        [with, without]
    }

    #[test]
    fn a_course_is_taken_where_what_is_missing_is_missing_and_nothing_is_hidden() {
        let [with, mut without] = orders();
        let course =
            |missing: &str, added: &str| Structure { missing: vec![missing.to_owned()], added: vec![added.to_owned()] };
        let no_mail = course("SendMail of email", "Charge of payment");
        assert!(takes(&no_mail, &without, 0) && !takes(&no_mail, &with, 0));
        assert!(!takes(&course("SendMail of email", "Log of shop"), &without, 0));
        without[1].hidden = 1;
        assert!(!takes(&no_mail, &without, 0));
    }

    #[test]
    fn the_time_of_a_span_is_what_no_drawn_span_below_it_has() {
        let [with, _] = orders();
        assert_eq!((0..5).map(|at| own_time(&with, at)).collect::<Vec<_>>(), [30, 4, 26, 4, 26]);
    }
}
