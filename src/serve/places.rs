//! In which slice each trace is, in many small tables: when one of them grows, requests wait for that one alone.

use crate::model::ids::TraceId;
use hashbrown::HashMap;

/// How many tables there are.
const TABLES: usize = 256;

/// The slices of all traces that are held.
#[derive(Debug)]
pub(crate) struct Places {
    tables: Vec<HashMap<TraceId, u64>>,
    count: usize,
}

impl Default for Places {
    fn default() -> Self {
        Self { tables: vec![HashMap::new(); TABLES], count: 0 }
    }
}

impl Places {
    /// How many traces there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The slice of a trace; `begin` says which, when it is not known yet.
    pub(crate) fn of(&mut self, trace: TraceId, begin: impl FnOnce() -> u64) -> u64 {
        let Self { tables, count } = self;
        *tables[table(trace)].entry(trace).or_insert_with(|| {
            *count += 1;
            begin()
        })
    }

    /// Forgets a trace.
    pub(crate) fn remove(&mut self, trace: TraceId) {
        self.count -= usize::from(self.tables[table(trace)].remove(&trace).is_some());
    }
}

/// The table of a trace: ids are random at their end, or count there.
fn table(trace: TraceId) -> usize {
    usize::from(trace.0[15]) % TABLES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_stays_where_it_began_until_it_is_forgotten() {
        let mut places = Places::default();
        let traces = (0..1000_u128).map(|number| TraceId(number.to_be_bytes())).collect::<Vec<_>>();
        for slice in [7, 8] {
            assert!(traces.iter().all(|&trace| places.of(trace, || slice) == 7));
        }
        assert_eq!(places.count(), 1000);
        for &trace in traces.iter().chain(&traces) {
            places.remove(trace);
        }
        assert_eq!((places.count(), places.of(traces[3], || 9)), (0, 9));
    }
}
