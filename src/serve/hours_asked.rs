//! What was asked of services in a window: of hours that were looked at as a whole, from their files; of the rest, from the requests.
//!
//! ```text
//! window     09:40 ─────────────────────────── 13:20
//! files            10 │ 11 │ 12 (more came since)        unless a segment was written since that may tell of the hour
//! requests   ▪▪▪▪▪▪           ▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪▪        read as those of every window
//! ```
//!
//! A trace belongs to the part in which it begins, so that what the parts tell adds up. One that lasts longer than
//! [`LONGEST_TRACE`](crate::read::kept_segments::LONGEST_TRACE) is cut there, as it is at the ends of a window.

use crate::facts::window::WindowFacts;
use crate::model::time::{Nanos, TimeWindow};
use crate::read::kept_segments::{Form, Segment, around, overlaps, segments};
use crate::serve::hour_services;
use crate::serve::hour_stays::Made;
use crate::serve::hours::{hours_with_files, window_of_hour};
use crate::serve::keeper::BeingWritten;
use std::io;
use std::path::Path;

/// What the files of hours tell of a window.
#[derive(Debug, Default)]
pub(crate) struct OfHours {
    /// What was asked in the hours whose files are used.
    pub(crate) facts: WindowFacts,
    /// Log records of these hours.
    pub(crate) logs: u64,
    /// What is left of the window.
    pub(crate) rest: Vec<TimeWindow>,
}

impl OfHours {
    /// Looks at a store for a window; `being_written` is the segment that requests went to, as it was before this.
    ///
    /// # Errors
    ///
    /// When the store cannot be listed.
    pub(crate) fn of(store: &Path, window: TimeWindow, being_written: BeingWritten) -> io::Result<Self> {
        let (all, mut of_hours, mut from) = (segments(store)?, Self::default(), window.from);
        for hour in hours_with_files(store)? {
            let whole = window_of_hour(hour);
            if whole.from < window.from || window.to < whole.to {
                continue;
            }
            let Some((facts, logs)) = of_hour(store, hour, &all, being_written) else { continue };
            of_hours.put_rest(from, whole.from);
            add_services(&mut of_hours.facts, facts);
            of_hours.logs += logs;
            from = whole.to;
        }
        of_hours.put_rest(from, window.to);
        Ok(of_hours)
    }

    fn put_rest(&mut self, from: Nanos, to: Nanos) {
        if from < to {
            self.rest.push(TimeWindow { from, to });
        }
    }
}

/// Adds totals and services, and nothing else.
pub(crate) fn add_services(all: &mut WindowFacts, more: WindowFacts) {
    let mut part = WindowFacts::default();
    part.time = more.time;
    (part.traces, part.spans, part.failing_traces) = (more.traces, more.spans, more.failing_traces);
    part.services = more.services;
    all.merge(part);
}

/// What was written down of an hour, if nothing that was kept since may tell of it.
fn of_hour(store: &Path, hour: u32, all: &[Segment], being_written: BeingWritten) -> Option<(WindowFacts, u64)> {
    let (made, window) = (Made::read(store, hour)?, window_of_hour(hour));
    let may_tell = |segment: &Segment| match segment.form {
        // Of one that was begun after the question was asked nothing is expected. An older one could not be completed.
        Form::Open => match being_written.of_segment(segment.number) {
            Some(time) => overlaps(around(window), time),
            None => being_written.began_after(segment.number),
        },
        _ => segment.may_hold(window),
    };
    let is_current = !all.iter().filter(|segment| segment.number > made.seen).any(may_tell);
    is_current.then(|| hour_services::read(store, hour, made))?
}
