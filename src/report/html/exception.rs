//! An exception: what it says, its causes, and its stack with the application's own calls before all others.

use crate::judge::evidence_cause::{Cause, Exception, Frame, RootCause, StackFrame};
use crate::judge::wording::{count, failing_code};
use crate::report::html::cause_parts::place;
use crate::report::html::text::{MESSAGE, code, line, lines, message};
use maud::{Markup, html};

/// How many bytes of a stack trace are shown as they are.
const STACK_TRACE: usize = 8192;
/// How many causes of an exception are shown.
const CAUSES: usize = 10;

/// What was told of the failure itself.
pub(crate) fn exception(cause: &RootCause) -> Markup {
    let answer = failing_code(cause.status.grpc, cause.status.http);
    html! {
        @match &cause.exception {
            Some(exception) => {
                p.exception { (told(exception.kind.as_deref(), exception.message.as_deref(), exception.frame.as_ref())) }
                @for link in exception.chain.iter().take(CAUSES) { p.exception.caused { "caused by " (of_cause(link)) } }
                @if exception.chain.len() > CAUSES { p.more { (exception.chain.len() - CAUSES) " more causes: see the evidence JSON" } }
                (stack(exception))
            }
            None => @if let Some(text) = &cause.status.message { p.exception { (message(text, MESSAGE)) } },
        }
        @if let Some(answer) = answer { p.note { "The call or request ended with " (answer) "." } }
    }
}

fn of_cause(cause: &Cause) -> Markup {
    told(cause.kind.as_deref(), cause.message.as_deref(), cause.frame.as_ref())
}

fn told(kind: Option<&str>, text: Option<&str>, frame: Option<&Frame>) -> Markup {
    html! {
        b { (code(kind.unwrap_or("exception"))) }
        @if let Some(text) = text { " " (message(text, MESSAGE)) }
        @if let Some(frame) = frame { br; "at " (place(frame, true)) }
    }
}

/// The parsed calls, else the text as it was told.
fn stack(exception: &Exception) -> Markup {
    let text = exception.stacktrace.as_deref().filter(|text| !text.trim().is_empty());
    let Some(text) = text else { return html! {} };
    let own = exception.frames.iter().filter(|frame| frame.in_app).count();
    html! {
        @if own > 0 {
            ol.frames aria-label="Calls of the application’s own code, innermost first" {
                @for run in runs(&exception.frames) { (shown(run)) }
            }
        }
        details.stack {
            summary { "Stack trace as it was told" }
            pre tabindex="0" role="region" aria-label="Stack trace" { (first_lines(text)) }
            @if text.len() > STACK_TRACE { p.more { "More of it: see the evidence JSON." } }
        }
    }
}

/// Calls that follow each other and are all the application's own, or all not.
fn runs(frames: &[StackFrame]) -> impl Iterator<Item = &[StackFrame]> {
    frames.chunk_by(|one, next| one.in_app == next.in_app)
}

fn shown(run: &[StackFrame]) -> Markup {
    let is_own = run.first().is_some_and(|frame| frame.in_app);
    html! {
        @if is_own {
            @for frame in run { li.frame-own { (call(frame)) } }
        } @else {
            li.frame-library {
                details {
                    summary { (count(run.len() as u64, "call")) " of libraries" }
                    @for frame in run { p { (call(frame)) } }
                }
            }
        }
    }
}

fn call(frame: &StackFrame) -> Markup {
    let numbers = [frame.line, frame.column].into_iter().flatten().map(|number| format!(":{number}"));
    let place = line(&frame.file, 200) + &numbers.collect::<String>();
    html! {
        span.function { (line(frame.function.as_deref().unwrap_or("(no name)"), 200)) } " "
        span.place { (place) }
    }
}

/// Whole lines, as long as they fit; at least the start of the first.
fn first_lines(text: &str) -> String {
    if text.len() <= STACK_TRACE {
        return lines(text);
    }
    let most = text.floor_char_boundary(STACK_TRACE);
    lines(&text[..text[..most].rfind('\n').unwrap_or(most)])
}
