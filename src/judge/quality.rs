//! How far the input can be trusted, and what each oddity costs.

use crate::facts::cause::{CAUSES, ENTRIES_OF_CAUSE};
use crate::facts::input::InputFacts;
use crate::facts::window::WindowFacts;
use crate::judge::evidence::{self, Quality};
use crate::judge::services::LISTED;
use crate::judge::wording::{count, percent};
use crate::model::bounds::{LOGS_OF_SPAN, SPANS_OF_TRACE, TEXT_OF_TRACE};
use crate::model::defect::Defect;

/// Orphans beyond this share of the spans weaken conclusions.
const ORPHANS_WEAKEN: f64 = 0.05;
/// Orphans beyond this share leave no conclusion safe.
const ORPHANS_RUIN: f64 = 0.3;

/// Grades the input of a window.
///
/// | grade | when |
/// | --- | --- |
/// | D | no spans, or more than 30 % of them orphans |
/// | C | more than 5 % orphans, an input that could not be read to its end, or events dropped from failing spans |
/// | B | anything odd besides |
/// | A | nothing odd |
#[must_use]
pub fn quality(facts: &WindowFacts, input: &InputFacts) -> Quality {
    let mut defects: Vec<evidence::Defect> = facts
        .defects
        .iter()
        .map(|(defect, number)| evidence::Defect {
            code: defect.code().to_owned(),
            count: number,
            sentence: sentence(defect, number, facts.spans),
        })
        .collect();
    let mut tell = |code: &str, count: u64, sentence: String| {
        if count > 0 {
            defects.push(evidence::Defect { code: code.to_owned(), count, sentence });
        }
    };
    tell(
        "record-skipped",
        input.skipped_records,
        format!("{} of the input could not be used.", count(input.skipped_records, "record")),
    );
    tell(
        "record-mended",
        input.mended_records,
        format!(
            "{} kept without a part that could not be used.",
            verb(input.mended_records, "record was", "records were")
        ),
    );
    let unlisted = facts.services.len().saturating_sub(LISTED) + facts.entries.len().saturating_sub(LISTED);
    tell(
        "not-listed",
        unlisted as u64,
        format!(
            "{} left out of the lists: no more than {LISTED} of each are listed.",
            verb(unlisted as u64, "service or entry point was", "services and entry points were")
        ),
    );
    let others = facts.causes.values().map(|cause| cause.failed_entries.others + cause.degraded_entries.others).sum();
    tell(
        "entry-point-not-listed",
        others,
        format!(
            "{} at an entry point beyond the first {ENTRIES_OF_CAUSE} of their root cause: counted, not listed.",
            verb(others, "request came in", "requests came in")
        ),
    );
    tell(
        "input-broken",
        input.broken_inputs,
        format!("{} could not be read, or not to the end.", count(input.broken_inputs, "input")),
    );
    tell(
        "not-telemetry",
        input.foreign_inputs,
        format!(
            "{} left out.",
            verb(input.foreign_inputs, "input is no telemetry and was", "inputs are no telemetry and were")
        ),
    );
    tell(
        "called-off",
        facts.called_off,
        format!(
            "{} by whoever had asked for it (disconnected clients, closed streams, lost races): no failure.",
            verb(facts.called_off, "call was called off", "calls were called off")
        ),
    );
    tell(
        "callers-own-failure",
        facts.callers_own,
        format!(
            "{} on the callers' side, above an entry point that answered well: not counted against any service.",
            count(facts.callers_own, "failing span")
        ),
    );
    #[expect(clippy::cast_precision_loss, reason = "counts of spans lie far below 2^53")]
    let orphans = facts.defects.count(Defect::Orphan) as f64 / facts.spans.max(1) as f64;
    let dropped = facts.defects.count(Defect::DroppedEvents) > 0;
    let grade = if facts.spans == 0 || orphans > ORPHANS_RUIN {
        "D"
    } else if orphans > ORPHANS_WEAKEN || input.broken_inputs > 0 || dropped {
        "C"
    } else if defects.is_empty() {
        "A"
    } else {
        "B"
    };
    Quality { grade: grade.to_owned(), defects }
}

fn verb(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

fn sentence(defect: Defect, number: u64, spans: u64) -> String {
    let share = percent(number, spans);
    match defect {
        Defect::Orphan => format!(
            "{} ({share}) name a parent that is not in the input: failures cannot be followed above them.",
            count(number, "span")
        ),
        Defect::DuplicateSpan => format!("{} of the same span: one copy was kept.", count(number, "repeated export")),
        Defect::SharedId => format!("{} share one id between client and server: told apart.", count(number, "call")),
        Defect::IdConflict => {
            format!("{} bear the id of another span of their trace: children follow the first.", count(number, "span"))
        }
        Defect::SelfParent => format!("{} name themselves as parent: made roots.", count(number, "span")),
        Defect::Cycle => {
            format!("{} of spans that are each other's ancestors: opened at the earliest.", count(number, "ring"))
        }
        Defect::NegativeDuration => format!("{} end before they start: taken as instantaneous.", count(number, "span")),
        Defect::SkewCorrected => format!(
            "{} lay outside the time of their callers: the clocks disagree, and they were moved into it.",
            count(number, "server span")
        ),
        Defect::SkewBeyondBound => format!(
            "{} lie so far outside the time of their callers that they were left: order and latency there are unsafe.",
            count(number, "server span")
        ),
        Defect::LogWithoutSpan => format!("{} name a span that is not in the input.", count(number, "error record")),
        Defect::LogWithoutTrace => {
            format!("{} bear no trace id and explain no request.", count(number, "exception or error record"))
        }
        Defect::DroppedEvents => format!(
            "{} lost events in the SDK (dropped_events_count): exceptions may be missing.",
            count(number, "failing span")
        ),
        Defect::OriginsNotDescribed => format!(
            "{} beyond the first thousand of their trace were counted and not described.",
            count(number, "failing span")
        ),
        Defect::SpansBeyondBound => format!(
            "{} left out: no more than {SPANS_OF_TRACE} of one trace are analysed.",
            verb(number, "span was", "spans were")
        ),
        Defect::TextsBeyondBound => format!(
            "{} their messages and stack traces: no more than {} MB of them are kept for one trace.",
            verb(number, "span or log record lost", "spans or log records lost"),
            TEXT_OF_TRACE >> 20
        ),
        Defect::LogsBeyondBound => format!(
            "{} left out: of a span that wrote more than {LOGS_OF_SPAN}, the first and the last were kept.",
            verb(number, "log record was", "log records were")
        ),
        Defect::NamesBeyondBound => format!(
            "{} not stored, after too many different ones: do span names, services or hosts hold ids?",
            verb(number, "name was", "names were")
        ),
        Defect::CausesBeyondBound => format!(
            "{} beyond the {CAUSES} that matter most and not kept: their messages differ from trace to trace.",
            verb(number, "root cause was", "root causes were")
        ),
        Defect::NoServiceName => format!("{} without service.name: shown as unknown_service.", count(number, "span")),
    }
}
