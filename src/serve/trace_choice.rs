//! Which traces of an hour stay when the others go: all that failed in any way, and of the rest some that are typical of their
//! entry point and its slowest.

use crate::facts::rows::{RowStore, Rows, TraceRow};
use crate::facts::tables::TableError;
use crate::model::ids::TraceId;
use crate::model::lot::lot_of_trace;
use crate::model::names::Names;
use crate::model::operation::OpId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// How many traces are typical, and how many are slow, of each entry point.
const OF_EACH: usize = 3;

/// How many traces of an entry point are drawn by lot to find the typical ones among.
const DRAWN: usize = 256;

/// Gathers the traces that stay, from rows; these also go to another store, when there is one.
pub(crate) struct TraceChoice<'s> {
    also: Option<&'s dyn RowStore>,
    chosen: Mutex<Chosen>,
}

#[derive(Default)]
struct Chosen {
    failing: BTreeSet<TraceId>,
    passing: BTreeMap<OpId, OfEntry>,
}

/// Passing traces of one entry point.
#[derive(Default)]
struct OfEntry {
    /// Those with the lowest numbers: the same whatever the order.
    drawn: BTreeMap<(u64, TraceId), u64>,
    slowest: BTreeSet<(u64, TraceId)>,
}

impl<'s> TraceChoice<'s> {
    /// Nothing yet; all rows go to `also`.
    pub(crate) fn new(also: Option<&'s dyn RowStore>) -> Self {
        Self { also, chosen: Mutex::default() }
    }

    /// The traces that stay.
    pub(crate) fn traces(self) -> BTreeSet<TraceId> {
        let Chosen { failing: mut traces, passing } = self.chosen.into_inner().unwrap_or_else(PoisonError::into_inner);
        for OfEntry { drawn, slowest } in passing.into_values() {
            traces.extend(slowest.into_iter().map(|(_, trace)| trace));
            let mut by_duration: Vec<(u64, TraceId)> =
                drawn.into_iter().map(|((_, trace), duration)| (duration, trace)).collect();
            by_duration.sort_unstable();
            let from = by_duration.len().saturating_sub(OF_EACH) / 2;
            traces.extend(by_duration.iter().skip(from).take(OF_EACH).map(|&(_, trace)| trace));
        }
        traces
    }
}

impl Chosen {
    fn add(&mut self, row: &TraceRow) {
        if row.failed || row.root_causes > 0 {
            self.failing.insert(row.trace);
            return;
        }
        let OfEntry { drawn, slowest } = self.passing.entry(row.entry.unwrap_or_default()).or_default();
        let duration = row.time.duration();
        drawn.insert((lot_of_trace(row.trace), row.trace), duration);
        if drawn.len() > DRAWN {
            drawn.pop_last();
        }
        slowest.insert((duration, row.trace));
        if slowest.len() > OF_EACH {
            slowest.pop_first();
        }
    }
}

impl RowStore for TraceChoice<'_> {
    fn add(&self, number: usize, rows: Rows, names: &Names) -> Result<(), TableError> {
        let mut chosen = self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        rows.traces.iter().for_each(|row| chosen.add(row));
        drop(chosen);
        self.also.map_or(Ok(()), |also| also.add(number, rows, names))
    }

    fn finish(&self, names: &Names) -> Result<(), TableError> {
        self.also.map_or(Ok(()), |also| also.finish(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{Interval, Nanos};

    fn row(number: u8, duration: u64, root_causes: u64) -> TraceRow {
        TraceRow {
            trace: TraceId([number; 16]),
            time: Interval { start: Nanos(1), end: Nanos(1 + duration) },
            spans: 1,
            services: 1,
            entry: Some(OpId::of_number(u32::from(number % 2))),
            failed: root_causes > 1,
            root_causes,
            signature: None,
            defects: 0,
        }
    }

    #[test]
    fn failing_typical_and_slow_traces_stay_whatever_the_order() {
        let mut rows: Vec<TraceRow> = (1..=40).map(|number| row(number, u64::from(number) * 10, 0)).collect();
        rows.extend([row(50, 1, 1), row(51, 1, 2)]);
        let chosen = |rows: &[TraceRow]| {
            let choice = TraceChoice::new(None);
            for (number, row) in rows.iter().enumerate() {
                let rows = Rows { traces: vec![row.clone()], spans: vec![] };
                choice.add(number, rows, &Names::new()).expect("taken");
            }
            choice.traces().into_iter().map(|trace| trace.0[0]).collect::<Vec<_>>()
        };
        let of_all = chosen(&rows);
        // Odd and even ones have an entry point each: three from the middle, three from the end.
        assert_eq!(of_all, [17, 18, 19, 20, 21, 22, 35, 36, 37, 38, 39, 40, 50, 51]);
        rows.reverse();
        assert_eq!(chosen(&rows), of_all);
    }
}
