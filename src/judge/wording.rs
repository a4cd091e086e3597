//! Plain sentences: how counts, shares, places and faults are put into words.

use crate::analyze::kind::CauseKind;
use crate::analyze::stack::frame::Frame;
use crate::analyze::told::{Cause, ToldException, short_kind};
use crate::facts::cause::{CauseFacts, EffectRank, OperationName};
use crate::facts::sample::Sample;
use crate::model::grpc_code;
use crate::shared_sort::SharedSort;

/// How many characters of a message fit a sentence.
const QUOTED: usize = 120;

/// `1 trace`, `2 traces`.
pub fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `None` for text that was not told.
pub(crate) fn told(text: &str) -> Option<String> {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The text with a capital at its start.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A sentence whose words agree with the number that it is about: of `[tells|tell]` the first stands for one, the second for
/// more.
pub(crate) fn agree(number: u64, sentence: &str) -> String {
    let mut parts = sentence.split('[');
    let mut words = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (choice, rest) = part.split_once(']').unwrap_or(("", part));
        let (one, more) = choice.split_once('|').unwrap_or((choice, choice));
        words.extend([if number == 1 { one } else { more }, rest]);
    }
    words
}

/// A part of a whole in percent, as precise as it makes sense: `0.3 %`, `12 %`.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a rounding error of 2^-53 does not show in a percentage")]
    let share = if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 };
    if share > 0.0 && share < 1.0 { format!("{share:.1} %") } else { format!("{share:.0} %") }
}

/// Text of telemetry within a sentence: on one line, cut, in quotation marks.
pub fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(QUOTED).collect();
    let more = if cut.len() < line.len() { "…" } else { "" };
    format!("\"{cut}{more}\"")
}

/// `file:line`, with only the last part of the path.
pub(crate) fn short_place(frame: &Frame) -> String {
    let file = frame.file.rsplit(['/', '\\']).next().unwrap_or(&frame.file);
    frame.line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"))
}

/// What a root cause is and whom it hit, in one sentence.
///
/// `answers` is the service that is known to answer calls such as the one that failed.
pub(crate) fn root_cause(
    facts: &CauseFacts,
    answers: Option<&str>,
    total_at: impl Fn(&OperationName) -> u64,
) -> String {
    let attempts = match facts.sample.attempts {
        0 | 1 => String::new(),
        attempts => format!(", in {attempts} attempts in turn"),
    };
    let fault = fault(facts, answers);
    format!("{fault}{attempts}{}{}.", other_callers(facts), consequence(facts, total_at))
}

/// Who else could not reach the same callee.
fn other_callers(facts: &CauseFacts) -> String {
    match facts.began_at.len() {
        0 | 1 => String::new(),
        operations => {
            let others = count(operations as u64 - 1, "other operation");
            if is_answered_for(facts) { format!(", as are calls of {others}") } else { format!(", nor can {others}") }
        }
    }
}

/// Whether calls that found nobody were answered each time, by the callee or by a proxy before it: a callee that was not reached in
/// some other trace cannot be reached.
pub(crate) fn is_answered_for(facts: &CauseFacts) -> bool {
    facts.sample.kind == CauseKind::Unreachable && facts.answered_for() == facts.traces
}

/// What a root cause is, without whom it hit.
pub(crate) fn fault(facts: &CauseFacts, answers: Option<&str>) -> String {
    let sample = &facts.sample;
    let OperationName { service, operation } = &sample.at;
    let told = sample.exception.as_ref();
    let mut place = placed(told.and_then(|told| told.frame.as_ref()));
    if let Some(within) = told.and_then(within_the_group) {
        place = place + ", caused by " + &worded(&within.kind, &within.message) + &placed(within.frame.as_ref());
    }
    let what = what_it_says(sample);
    let peer = answers.or(sample.peer.as_deref()).unwrap_or("an unnamed callee");
    match sample.kind {
        CauseKind::Exception => format!("{operation} of {service} throws {what}{place}"),
        CauseKind::ErrorStatus if sample.peer.is_some() => {
            format!("{peer}, called by {operation} of {service}, answers with {what}{place}")
        }
        CauseKind::ErrorStatus => format!("{operation} of {service} fails with {what}{place}"),
        CauseKind::Unreachable if is_answered_for(facts) => {
            let answer = code(sample).unwrap_or_else(|| "an error".to_owned());
            format!("{operation} of {service} is answered with {answer} by {peer} or a proxy before it{place}")
        }
        CauseKind::Unreachable => {
            let answered = match facts.answered_for() {
                0 => String::new(),
                traces => format!(", or is answered in its place (in {traces} of {})", count(facts.traces, "trace")),
            };
            format!("{operation} of {service} cannot reach {peer}{answered}{place}")
        }
        CauseKind::Dependency => format!("{peer} fails {operation} of {service} with {what}{place}"),
        CauseKind::Timeout if sample.peer.is_some() => {
            format!("{operation} of {service} waits too long for {peer}{place}")
        }
        CauseKind::Timeout => format!("{operation} of {service} takes so long that its caller gives up{place}"),
        CauseKind::LogError => {
            format!("{operation} of {service} logs {what}{place}, although its spans are well")
        }
    }
}

/// Where it was thrown, as the end of a sentence.
fn placed(frame: Option<&Frame>) -> String {
    frame.map(|frame| format!(" ({})", short_place(frame))).unwrap_or_default()
}

/// Names of types that hold several exceptions, whose own message only counts them: those of Python, .NET and JavaScript.
const GROUPS: [&str; 4] = ["ExceptionGroup", "BaseExceptionGroup", "AggregateException", "AggregateError"];

/// The first exception of a group that is no group itself, if the group's own message does not repeat it.
fn within_the_group(told: &ToldException) -> Option<&Cause> {
    let is_group = |kind: &str| GROUPS.contains(&short_kind(kind));
    let first = told.causes.iter().find(|cause| !is_group(&cause.kind)).filter(|_| is_group(&told.kind))?;
    let counts_only = first.message.trim().is_empty() || !told.message.contains(&first.message);
    let says = !first.kind.is_empty() || !first.message.trim().is_empty();
    (says && counts_only).then_some(first)
}

/// Type and message; either may be empty.
fn worded(kind: &str, message: &str) -> String {
    match (kind.is_empty(), message.trim().is_empty()) {
        (_, true) => kind.to_owned(),
        (true, false) => quoted(message),
        (false, false) => format!("{kind} {}", quoted(message)),
    }
}

/// The exception, else the words of the span, else its code. Words that only the caller was answered with come with the code.
fn what_it_says(sample: &Sample) -> String {
    let message = sample.exception.as_ref().map(|told| (told.joined_kind(), &*told.message));
    let answer = code(sample).filter(|_| sample.caller_was_told);
    let answer = |text: &str| answer.as_ref().map_or_else(|| quoted(text), |code| format!("{code} {}", quoted(text)));
    match (message, sample.text.as_deref()) {
        (Some((kind, text)), _) if !kind.is_empty() && !text.trim().is_empty() => {
            let comma = if sample.caller_was_told { "," } else { "" };
            format!("{kind}{comma} {}", answer(text))
        }
        (Some((kind, _)), _) if !kind.is_empty() => kind,
        (Some((_, text)), _) | (None, Some(text)) if !text.trim().is_empty() => answer(text),
        _ => code(sample).unwrap_or_else(|| "status ERROR and no message".to_owned()),
    }
}

fn code(sample: &Sample) -> Option<String> {
    failing_code(sample.codes.grpc, sample.codes.http)
}

/// The failing answer code in words: `gRPC UNAVAILABLE`, `HTTP 500`; `None` when neither code tells of a failure.
#[must_use]
pub fn failing_code(grpc: Option<u8>, http: Option<u16>) -> Option<String> {
    match (grpc, http) {
        (Some(code), _) if code != 0 => {
            Some(grpc_code::name(code).map_or_else(|| format!("gRPC code {code}"), |name| format!("gRPC {name}")))
        }
        (_, Some(code)) if code >= 400 => Some(format!("HTTP {code}")),
        _ => None,
    }
}

fn consequence(facts: &CauseFacts, total_at: impl Fn(&OperationName) -> u64) -> String {
    let traces = count(facts.traces, "trace");
    if facts.sample.client_fault {
        return format!("; the caller's own fault ({traces})");
    }
    match facts.sample.exemplar.rank {
        EffectRank::Fatal => {
            let mut hit: Vec<_> = facts.failed_entries.iter().collect();
            hit.shared_sort_by_key(|&(_, failing)| std::cmp::Reverse(failing));
            let Some((entry, failing)) = hit.first() else { return format!("; fatal in {traces}") };
            let others = match hit.len() - 1 {
                0 => String::new(),
                more => format!(" and requests at {}", count(more as u64, "other entry point")),
            };
            let OperationName { service, operation } = entry;
            format!("; it fails {failing} of {} at {service} {operation}{others}", count(total_at(entry), "request"))
        }
        EffectRank::Absorbed if facts.degraded_entries.is_empty() => {
            format!("; the requests that it touched failed by another failure ({traces})")
        }
        EffectRank::Absorbed => format!("; absorbed before it reached an entry point ({traces})"),
        EffectRank::Nothing => format!("; no request failed by it ({traces})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_agree_with_their_number() {
        let sentence = "[names|name] [itself|themselves] as parent";
        assert_eq!(agree(1, sentence), "names itself as parent");
        assert_eq!(agree(2, sentence), "name themselves as parent");
        assert_eq!(agree(0, "no choice"), "no choice");
    }
}
