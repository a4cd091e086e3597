//! A trace that shows a root cause beside one that passed as usual: each span as a bar on one axis of time, with its role.

use crate::judge::evidence_pictures::{SpanPicture, TracePicture};
use crate::judge::wording::{capitalised, count};
use crate::report::html::bar::short;
use crate::report::html::page::Context;
use crate::report::html::text::{code, name};
use crate::report::numbers::milliseconds;
use maud::{Markup, html};

/// The style sheet knows this many depths; what is deeper stands as far in as the last.
const DEPTHS: u32 = 12;

/// The traces of one root cause, by its place in the evidence; nothing when none was kept.
pub(crate) fn waterfalls(context: &Context<'_>, place: usize) -> Option<Markup> {
    let reference = format!("/root_causes/{place}");
    let traces: Vec<&TracePicture> =
        context.evidence.pictures.traces.iter().filter(|trace| trace.reference == reference).collect();
    // One axis for both, or they could not be compared.
    let longest = traces.iter().flat_map(|trace| &trace.spans).map(|span| span.start_ms + span.duration_ms);
    let longest = longest.fold(0.0_f64, f64::max);
    (!traces.is_empty()).then(|| html! {
        h4 { (heading(&traces)) @if traces.len() > 1 { ", on one axis of " (milliseconds(longest)) } }
        div.waterfalls { @for trace in &traces { (waterfall(context, trace, longest)) } }
        p.note { (legend(&traces)) "A service stands where the work comes to it; names without their package; spans that are not drawn are counted where they lie." }
    })
}

fn heading(traces: &[&TracePicture]) -> &'static str {
    match (traces.first().map(|trace| trace.outcome.as_str()), traces.len()) {
        (Some("shifted"), 1) => "A request that shows it",
        (Some("shifted"), _) => "A request that shows it beside one of before",
        (_, 1) => "A trace that fails",
        _ => "A trace that fails beside one that passes",
    }
}

/// The marks that these traces have.
fn legend(traces: &[&TracePicture]) -> Markup {
    let is_there = |mark: &str| traces.iter().flat_map(|trace| &trace.spans).any(|span| role(&span.role).1 == mark);
    let marks = [
        ("●", "it began here"),
        ("◆", "it shows here"),
        ("✕", "failed by it"),
        ("○", "got over it"),
        ("↻", "tried again"),
        ("–", "called off"),
    ];
    let shown: Vec<String> =
        marks.iter().filter(|(mark, _)| is_there(mark)).map(|(mark, words)| format!("{mark} {words}")).collect();
    html! { @if !shown.is_empty() { (shown.join(", ")) ". " } }
}

fn outcome(trace: &TracePicture) -> &'static str {
    match trace.outcome.as_str() {
        "failing" => "fails",
        "shifted" => "shows it",
        _ => "passes",
    }
}

fn waterfall(context: &Context<'_>, trace: &TracePicture, longest: f64) -> Markup {
    let origin = trace.spans.iter().find(|span| matches!(span.role.as_str(), "origin" | "shifted"));
    let origin = origin.or(trace.spans.first());
    let span_id = origin.map_or("", |span| span.span_id.as_str());
    let title =
        format!("{}, {}, {}", capitalised(outcome(trace)), name(&trace.window), milliseconds(trace.duration_ms));
    html! {
        figure.waterfall {
            figcaption { b { (title) } " · " (context.trace(&trace.trace_id, span_id)) }
            div.scroll role="region" aria-label={ "Spans of the trace that " (outcome(trace)) } tabindex="0" {
                table {
                    thead { tr { th scope="col" { "span" } th.span-bar scope="col" { "when" } th.number scope="col" { "took" } } }
                    tbody { @for (span, above) in trace.spans.iter().zip(services_above(&trace.spans)) { (row(span, above, longest)) } }
                }
            }
            @if trace.hidden_spans > 0 { p.more { (count(trace.hidden_spans, "span")) " hidden" } }
        }
    }
}

/// Of each span the service of the span that it lies below; `None` at the top.
fn services_above(spans: &[SpanPicture]) -> Vec<Option<&str>> {
    let mut above: Vec<&SpanPicture> = Vec::new();
    let mut services = Vec::with_capacity(spans.len());
    for span in spans {
        above.truncate(span.depth as usize);
        services.push(above.last().map(|it| it.service.as_str()));
        above.push(span);
    }
    services
}

/// `above` is the service of the span that it lies below: it is not said again.
fn row(span: &SpanPicture, above: Option<&str>, longest: f64) -> Markup {
    let (class, mark, word) = role(&span.role);
    let at = |ms: f64| (1000.0 * ms / longest.max(f64::MIN_POSITIVE)).clamp(0.0, 1000.0);
    let (start, width) = (at(span.start_ms), at(span.duration_ms).max(3.0));
    html! {
        tr class={ "span-" (class) } data-service=(name(&span.service)) {
            th scope="row" class={ "d" (span.depth.min(DEPTHS)) } title={ (name(&span.service)) " " (name(&span.operation)) } {
                @if !mark.is_empty() { span.span-mark aria-hidden="true" { (mark) } " " }
                @if above == Some(&*span.service) { span.unseen { (name(&span.service)) " " } } @else { span.span-service { (name(&span.service)) } " " }
                (code(short_name(&span.operation)))
                @if matches!(class, "origin" | "shifted") { " " span.span-role { (word) } } @else if !word.is_empty() { span.unseen { ", " (word) } }
                @if span.hidden > 0 { " " span.span-hidden { "+" (span.hidden) " hidden" } }
            }
            td.span-bar {
                svg.bar viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                    rect x=(short(start.min(997.0))) width=(short(width)) height="10" {}
                }
            }
            td.number { (milliseconds(span.duration_ms)) }
        }
    }
}

/// `PaymentService/Charge` of `oteldemo.PaymentService/Charge`: there is little room, and the whole name is in the title.
fn short_name(operation: &str) -> &str {
    let (service, _) = operation.split_once('/').unwrap_or((operation, ""));
    match service.rfind('.') {
        Some(dot) if service.len() < operation.len() && !service.contains(' ') => &operation[dot + 1..],
        _ => operation,
    }
}

/// Class, mark and words of a role.
fn role(role: &str) -> (&'static str, &'static str, &'static str) {
    match role {
        "origin" => ("origin", "●", "it began here"),
        "shifted" => ("shifted", "◆", "it shows here"),
        "propagated" => ("failed", "✕", "failed"),
        "silent" => ("failed", "✕", "failed, unmarked"),
        "absorbed" => ("absorbed", "○", "got over it"),
        "retried" => ("absorbed", "↻", "tried again"),
        "cancelled" => ("cancelled", "–", "called off"),
        _ => ("well", "", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_their_package_and_nothing_else() {
        let short = ["a.b.Payment/Charge", "POST /v1.2/x", "Charge", "a.b", "/x.y/z"].map(short_name);
        assert_eq!(short, ["Payment/Charge", "POST /v1.2/x", "Charge", "a.b", "/x.y/z"]);
    }
}
