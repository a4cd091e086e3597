//! How far the input can be trusted, and what each oddity costs.

use crate::facts::cause::CAUSES;
use crate::facts::entry_counts::ENTRIES_OF_CAUSE;
use crate::facts::input::InputFacts;
use crate::facts::window::WindowFacts;
use crate::judge::evidence::{self, Quality};
use crate::judge::services::LISTED;
use crate::judge::wording::{agree, count, percent};
use crate::model::bounds::{LOGS_OF_SPAN, NAME_BEYOND_BOUND, SPANS_OF_TRACE, TEXT_OF_TRACE};
use crate::model::defect::Defect;

/// Orphans beyond this share of the spans weaken conclusions.
pub(crate) const ORPHANS_WEAKEN: f64 = 0.05;
/// Orphans beyond this share leave no conclusion safe.
pub(crate) const ORPHANS_RUIN: f64 = 0.3;

/// The grade of some spans.
///
/// | grade | when |
/// | --- | --- |
/// | D | no spans, or more than 30 % of them orphans |
/// | C | more than 5 % orphans, an input that could not be read to its end, or events dropped from failing spans |
/// | B | anything odd besides |
/// | A | nothing odd |
///
/// `broken` says that a part is missing that nobody can tell of; `odd` that anything was told at all.
pub(crate) fn grade(spans: u64, orphans: u64, broken: bool, odd: bool) -> &'static str {
    #[expect(clippy::cast_precision_loss, reason = "counts of spans lie far below 2^53")]
    let orphans = orphans as f64 / spans.max(1) as f64;
    if spans == 0 || orphans > ORPHANS_RUIN {
        "D"
    } else if orphans > ORPHANS_WEAKEN || broken {
        "C"
    } else if odd {
        "B"
    } else {
        "A"
    }
}

/// What a grade means, in words.
#[must_use]
pub fn meaning(grade: &str) -> &'static str {
    match grade {
        "A" => "nothing odd in the input",
        "B" => "minor oddities",
        "C" => "conclusions are weakened",
        _ => "conclusions are not safe",
    }
}

/// The quality of two windows: the worse grade, and what was odd in either.
pub(crate) fn quality_of_both(
    candidate: &WindowFacts,
    candidate_input: &InputFacts,
    baseline: &WindowFacts,
    baseline_input: &InputFacts,
) -> Quality {
    let mut both = quality(candidate, candidate_input);
    operations_not_told_apart(&mut both, candidate);
    // Of one capture that was cut, what reading it came to is told once.
    let nothing = InputFacts::default();
    let one_input = std::ptr::eq(candidate_input, baseline_input);
    let mut before = quality(baseline, if one_input { &nothing } else { baseline_input });
    operations_not_told_apart(&mut before, baseline);
    // A is the best: the later letter is the worse grade.
    if baseline.spans > 0 && before.grade > both.grade {
        both.grade = before.grade;
    }
    both.defects.extend(
        before
            .defects
            .into_iter()
            .map(|defect| evidence::Defect { sentence: format!("In the baseline: {}", defect.sentence), ..defect }),
    );
    both
}

/// Tells how many requests of a window that is compared were for operations that are too many to be told apart.
fn operations_not_told_apart(quality: &mut Quality, facts: &WindowFacts) {
    let requests = facts.of_other_operations();
    let sentence = format!(
        "{} for operations that are too many to tell all apart: failures that somebody got over are not compared there, and of some \
         of them it is not looked for what changed. Do span names hold ids?",
        verb(requests, "request was", "requests were")
    );
    tell_besides(quality, "operations-beyond-bound", requests, sentence);
}

/// Tells how many comparisons of entry points have no objective in the evidence.
pub(crate) fn objectives_not_listed(quality: &mut Quality, left_out: u64) {
    let judged = verb(left_out, "comparison of an entry point was", "comparisons of entry points were");
    let sentence = format!("{judged} judged and left out of the list of objectives: no more than {LISTED} are listed.");
    tell_besides(quality, "objectives-not-listed", left_out, sentence);
}

/// Tells how many requests came in at entry points that are not listed with their root cause, as there are too many of all.
pub(crate) fn hits_not_listed(quality: &mut Quality, requests: u64) {
    let sentence = format!(
        "{} at entry points that are not listed with their root cause: there are too many of all root causes together.",
        verb(requests, "request came in", "requests came in")
    );
    tell_besides(quality, "entry-point-not-listed", requests, sentence);
}

/// Tells what was odd besides the input itself, unless it was met no time.
fn tell_besides(quality: &mut Quality, code: &str, count: u64, sentence: String) {
    if count == 0 {
        return;
    }
    quality.defects.push(evidence::Defect { code: code.to_owned(), count, sentence });
    if quality.grade == "A" {
        "B".clone_into(&mut quality.grade);
    }
}

/// Grades the input of a window, and tells what was odd.
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
    let others =
        facts.causes.values().map(|cause| cause.failed_entries.others() + cause.degraded_entries.others()).sum();
    tell(
        "entry-point-not-listed",
        others,
        format!(
            "{} at an entry point beyond {ENTRIES_OF_CAUSE} of their root cause: counted, not listed.",
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
    let broken = input.broken_inputs > 0 || facts.defects.count(Defect::DroppedEvents) > 0;
    let grade = grade(facts.spans, facts.defects.count(Defect::Orphan), broken, !defects.is_empty());
    Quality { grade: grade.to_owned(), defects }
}

fn verb(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

fn sentence(defect: Defect, number: u64, spans: u64) -> String {
    let subject = match defect {
        Defect::DuplicateSpan => count(number, "repeated export"),
        Defect::SharedId => count(number, "call"),
        Defect::Cycle => count(number, "ring"),
        Defect::SkewCorrected | Defect::SkewBeyondBound => count(number, "server span"),
        Defect::LogWithoutSpan => count(number, "error record"),
        Defect::LogWithoutTrace => count(number, "exception or error record"),
        Defect::DroppedEvents | Defect::OriginsNotDescribed => count(number, "failing span"),
        Defect::LogsBeyondBound => count(number, "log record"),
        Defect::NamesBeyondBound => count(number, "name"),
        Defect::CausesBeyondBound => count(number, "root cause"),
        Defect::EntryPointsBeyondBound => count(number, "request"),
        Defect::TextsBeyondBound => verb(number, "span or log record", "spans or log records"),
        Defect::Orphan => format!("{} ({})", count(number, "span"), percent(number, spans)),
        _ => count(number, "span"),
    };
    let bounded = |told: &str| format!("{subject} {}", agree(number, told));
    let told = match defect {
        Defect::Orphan => {
            "[names|name] a parent that is not in the input: failures cannot be followed above [it|them]."
        }
        Defect::DuplicateSpan => "of the same span: one copy was kept.",
        Defect::SharedId => "[shares|share] one id between client and server: told apart.",
        Defect::IdConflict => "[bears|bear] the id of another span of [its|their] trace: children follow the first.",
        Defect::SelfParent => "[names itself|name themselves] as parent: made [a root|roots].",
        Defect::Cycle => "of spans that are each other's ancestors: opened at the earliest.",
        Defect::NegativeDuration => "[ends before it starts|end before they start]: taken as instantaneous.",
        Defect::SkewCorrected => {
            "lay outside the time of [its caller|their callers]: the clocks disagree, and [it was|they were] moved into it."
        }
        Defect::SkewBeyondBound => {
            "[lies|lie] so far outside the time of [its caller|their callers] that [it was|they were] left: order and \
             latency there are unsafe."
        }
        Defect::LogWithoutSpan => "[names|name] a span that is not in the input.",
        Defect::LogWithoutTrace => "[bears no trace id and explains|bear no trace id and explain] no request.",
        Defect::DroppedEvents => "lost events in the SDK (dropped_events_count): exceptions may be missing.",
        Defect::OriginsNotDescribed => {
            "beyond the first thousand of [its|their] trace [was|were] counted and not described."
        }
        Defect::SpansBeyondBound => {
            let most = SPANS_OF_TRACE;
            return bounded(&format!("[was|were] left out: no more than {most} of one trace are analysed."));
        }
        Defect::TextsBeyondBound => {
            let most = TEXT_OF_TRACE >> 20;
            return bounded(&format!(
                "lost [its|their] messages and stack traces: no more than {most} MB of them are kept for one trace."
            ));
        }
        Defect::LogsBeyondBound => {
            let most = LOGS_OF_SPAN;
            return bounded(&format!(
                "[was|were] left out: of a span that wrote more than {most}, the first and the last were kept."
            ));
        }
        Defect::NamesBeyondBound => {
            "[was|were] not stored, after too many different ones: do span names, services or hosts hold ids?"
        }
        Defect::CausesBeyondBound => {
            let most = CAUSES;
            return bounded(&format!(
                "[was|were] beyond the {most} that matter most and not kept: their messages differ from trace to trace."
            ));
        }
        Defect::EntryPointsBeyondBound => {
            return bounded(&format!(
                "[was|were] counted under {NAME_BEYOND_BOUND}: there are too many entry points to tell all apart. Do span names \
                 hold ids?"
            ));
        }
        Defect::NoServiceName => "without service.name: shown as unknown_service.",
    };
    bounded(told)
}
