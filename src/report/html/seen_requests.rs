//! Requests that one can look at, beside the numbers that count them.

use crate::judge::evidence::{EntryExemplar, EntryPoint};
use crate::report::html::page::Context;
use crate::report::numbers::milliseconds;
use maud::{Markup, html};

/// Which of the requests of an entry point a number is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum About {
    /// Requests that fail.
    Failures,
    /// How long requests take that pass.
    Durations,
    /// Both.
    All,
}

/// What can be looked at, each with its window, unless that is the only one.
pub(crate) fn seen_requests(context: &Context<'_>, service: &str, operation: &str, about: About) -> Option<Markup> {
    let entry = context.entry(service, operation)?;
    let seen: Vec<&EntryExemplar> = entry.exemplars.iter().filter(|it| is_about(&it.shows, about)).collect();
    (!seen.is_empty()).then(|| html! { @for exemplar in &seen { " " span.seen { (in_words(entry, exemplar)) ": " (context.trace_in_short(&exemplar.trace_id, &exemplar.span_id)) } } })
}

fn is_about(shows: &str, about: About) -> bool {
    match about {
        About::Failures => shows == "first-failing",
        About::Durations => shows == "slowest-passing",
        About::All => true,
    }
}

fn in_words(entry: &EntryPoint, exemplar: &EntryExemplar) -> String {
    let is_gate = entry.baseline_total.is_some();
    let when = match exemplar.window.as_str() {
        _ if !is_gate => "",
        "baseline" => " before",
        _ => " now",
    };
    match exemplar.shows.as_str() {
        "first-failing" => format!("first that failed{when}"),
        _ => format!("slowest{when}, {}", milliseconds(exemplar.duration_ms)),
    }
}
