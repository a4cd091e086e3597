//! The way of a failure, drawn: from the request that was made at the top down to where it began.
//!
//! ```text
//! frontend          o POST /api/checkout     passed it on
//!                   o PlaceOrder (call)      passed it on
//! checkoutservice   o PlaceOrder             passed it on
//! paymentservice    ● Charge                 it began here
//! ```

use crate::judge::evidence_cause::{RootCause, Step};
use crate::judge::wording::count;
use crate::report::html::text::{code, name};
use maud::{Markup, html};

/// How many spans of either end of a long way are shown.
const ENDS: usize = 20;

/// The way of one root cause; nothing when there is no way to draw.
pub(crate) fn path(cause: &RootCause) -> Option<Markup> {
    if cause.propagation.is_empty() || cause.propagation.len() == 1 && cause.peer.is_none() {
        return None;
    }
    let way = &cause.propagation;
    let (start, end) = match way.len().checked_sub(2 * ENDS) {
        Some(hidden) if hidden > 1 => (&way[..ENDS], &way[way.len() - ENDS..]),
        _ => (&way[..], &way[..0]),
    };
    let hidden = (way.len() - start.len() - end.len()) as u64 + cause.hidden_steps;
    let mut rows = Vec::new();
    let mut before: Option<&str> = None;
    for step in end.iter().rev() {
        rows.push(shown(step, before != Some(&step.service)));
        before = Some(&step.service);
    }
    if hidden > 0 {
        rows.push(
            html! { li.step-hidden { span.step-service {} span.step-what { (count(hidden, "span")) " hidden" } } },
        );
        before = None;
    }
    for step in start.iter().rev() {
        rows.push(shown(step, before != Some(&step.service)));
        before = Some(&step.service);
    }
    Some(html! {
        ol.path aria-label="The way of the failure, from the request that was made down to where it began" {
            @for row in &rows { (row) }
            @if let Some(peer) = &cause.peer {
                li.step-peer {
                    span.step-service { (name(peer)) }
                    span.step-what { "to blame" span.step-role { "no span of its own here" } }
                }
            }
        }
    })
}

fn shown(step: &Step, is_new: bool) -> Markup {
    let what = match step.role.as_str() {
        "origin" => "it began here",
        "propagated" => "passed it on",
        "silent" => "passed it on, unmarked",
        "absorbed" => "got over it",
        "retried" => "tried again",
        "slow" => "the time went here",
        "async" => "asked for it in a message",
        _ => "",
    };
    let is_origin = step.role == "origin";
    html! {
        li class=[is_origin.then_some("step-origin")] data-new[is_new] {
            span.step-service { @if is_new { (name(&step.service)) } @else { span.unseen { (name(&step.service)) } } }
            span.step-what { (code(&step.operation)) " " span.step-role { (what) } }
        }
    }
}
