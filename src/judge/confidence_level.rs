//! From points for and against to a level and sentences.

use crate::analyze::confidence::Point;
use crate::facts::cause::CauseFacts;
use crate::judge::evidence_cause::{Confidence, Level};
use crate::judge::wording::count;

/// The confidence in a root cause; `learnt` is what a callee was called, who answers such calls, and how many it answered.
/// A point weighs when it holds in at least half of the traces.
///
/// | speaks against | weighs |
/// | --- | --- |
/// | only the caller tells; unmarked chain; parent missing; competing; callee unseen, or well; answered for by 502 or 503; hole below; dropped events; found by time; other words | 1 |
/// | seen in one trace only | 1 |
/// | neither exception nor message | 1 |
/// | clocks disagree | 0: told, as no rule rests on it alone |
///
/// 0 is high, 1 medium, more low.
#[must_use]
pub fn confidence(facts: &CauseFacts, learnt: Option<(&str, &str, u64)>) -> Confidence {
    let mut confidence = Confidence { level: Level::High, speaks_for: Vec::new(), against: Vec::new() };
    let mut weight = 0;
    for (point, holds_in) in Point::ALL.into_iter().zip(facts.points) {
        if holds_in == 0 {
            continue;
        }
        let sentence = if holds_in == facts.traces {
            point.sentence().to_owned()
        } else {
            format!("{} (in {holds_in} of {})", point.sentence(), count(facts.traces, "trace"))
        };
        if point.speaks_for() {
            confidence.speaks_for.push(sentence);
        } else {
            weight += u32::from(point != Point::ClockSkew && holds_in * 2 >= facts.traces);
            confidence.against.push(sentence);
        }
    }
    if let Some((peer, service, calls)) = learnt {
        confidence.speaks_for.push(format!("{service} answered {} to {peer}", count(calls, "other call")));
    }
    if facts.traces == 1 {
        weight += 1;
        confidence.against.push("it was seen in one trace only".to_owned());
    } else {
        confidence.speaks_for.push(format!("it was seen in {}", count(facts.traces, "trace")));
    }
    if facts.sample.exception.is_none() && facts.sample.text.is_none() {
        weight += 1;
        confidence.against.push("neither an exception nor a message was recorded".to_owned());
    }
    confidence.level = match weight {
        0 => Level::High,
        1 => Level::Medium,
        _ => Level::Low,
    };
    confidence
}
