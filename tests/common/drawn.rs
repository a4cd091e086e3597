//! Windows of drawn traces: many copies of a few small traces, written as OTLP/JSON.
//!
//! ```text
//! What the story shows.
//!
//! == truth
//! - exception, in payment, at span `Charge`, fatal
//!
//! == process payment-2
//! service.name=payment
//! service.version=1.5.0
//!
//! == trace refused
//! frontend | POST /checkout | server | 0..90 | error
//!   frontend | Charge | client | 5..80 | error | rpc.service=Payment
//!     payment-2 | Charge | server | 10..70 | error | exception=CardError: declined | flag=newCards:on
//!
//! == changes
//! flag:newCards=on@2026-11-22T11:58:00Z
//! == baseline
//! 100 fine
//! == candidate
//! 90 fine 12:00:00..12:10:00
//! 10 refused 12:05:00..12:10:00
//! ```
//!
//! The first column is a process that the story describes, else the name of a service. Copies of a trace are spread over the
//! time that is given, of 2026-11-22 in UTC; without it they start one after the other, twenty a second. Changes are words of
//! the command line or lines of a file of changes. `{n}` is the number of the copy, `{n mod 7}` what is left of it.
//! What spans say is explained in `drawn_span.rs`.

use crate::common::drawn_span::{Place, written};
use std::collections::BTreeMap;

/// The windows of one story.
pub(crate) struct Drawn {
    /// What comes before the first heading.
    pub(crate) about: String,
    /// What happened, as `truth.rs` reads it.
    pub(crate) truth: String,
    /// What was announced.
    pub(crate) changes: Vec<String>,
    traces: BTreeMap<String, Vec<String>>,
    processes: BTreeMap<String, Vec<String>>,
    windows: BTreeMap<String, Vec<Copies>>,
}

/// Copies of one trace.
struct Copies {
    times: u64,
    trace: String,
    /// From and to, in nanoseconds since 1970.
    over: Option<(u64, u64)>,
}

/// 2026-11-22T00:00:00Z, nanoseconds since 1970.
const DAY: u64 = 1_795_305_600_000_000_000;

/// When windows start whose story does not say when: baseline and candidate.
const STARTS: [u64; 2] = [DAY + 11 * 3_600_000_000_000, DAY + 12 * 3_600_000_000_000];

impl Drawn {
    pub(crate) fn parse(text: &str) -> Self {
        let mut drawn = Self {
            about: String::new(),
            truth: String::new(),
            changes: Vec::new(),
            traces: BTreeMap::new(),
            processes: BTreeMap::new(),
            windows: BTreeMap::new(),
        };
        let mut section = String::new();
        for line in text.lines() {
            if let Some(heading) = line.strip_prefix("== ") {
                section = heading.trim().to_owned();
            } else if line.trim().is_empty() || section.is_empty() {
                drawn.about += line.trim();
            } else if let Some(name) = section.strip_prefix("trace ") {
                drawn.traces.entry(name.to_owned()).or_default().push(line.to_owned());
            } else if let Some(name) = section.strip_prefix("process ") {
                drawn.processes.entry(name.to_owned()).or_default().push(line.trim().to_owned());
            } else if section == "truth" {
                drawn.truth += &format!("{line}\n");
            } else if section == "changes" {
                drawn.changes.push(line.trim().to_owned());
            } else {
                drawn.windows.entry(section.clone()).or_default().push(copies(line));
            }
        }
        drawn
    }

    /// The window as documents of traces and logs.
    pub(crate) fn window(&self, name: &str) -> Vec<u8> {
        let side = if name == "baseline" { 1 } else { 2 };
        let mut lines = Vec::new();
        let mut number = 0;
        for Copies { times, trace, over } in self.windows.get(name).map(Vec::as_slice).unwrap_or_default() {
            let drawing = self.traces.get(trace).unwrap_or_else(|| panic!("there is no trace {trace}"));
            for copy in 0..*times {
                number += 1;
                let start = match over {
                    Some((from, to)) => from + (to - from) / times * copy,
                    None => STARTS[side as usize - 1] + number * 50_000_000,
                };
                lines.extend(written(drawing, &self.processes, Place { side, number, copy, start }));
            }
        }
        lines.join("\n").into_bytes()
    }
}

fn copies(line: &str) -> Copies {
    let (times, rest) = line.split_once(' ').unwrap_or_else(|| panic!("no name of a trace: {line}"));
    let times = times.parse().unwrap_or_else(|_| panic!("no number of copies: {line}"));
    let (name, time) = match rest.rsplit_once(' ') {
        Some((name, time)) if time.contains("..") => (name, Some(time)),
        _ => (rest, None),
    };
    let trace = name.trim().to_owned();
    let over = time.and_then(|time| time.split_once("..")).map(|(from, to)| (time_of_day(from), time_of_day(to)));
    Copies { times, trace, over }
}

fn time_of_day(text: &str) -> u64 {
    let parts = text.split(':').map(|part| part.parse::<u64>().expect("a time as 12:00:00"));
    DAY + parts.fold(0, |sum, part| 60 * sum + part) * 1_000_000_000
}
