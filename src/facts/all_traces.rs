//! Every trace that was read, assembled, analysed and added up, by as many threads as are wanted.

use crate::analyze::diagnosis::diagnose;
use crate::assemble::open_traces::OpenTrace;
use crate::assemble::partitions::Partitions;
use crate::assemble::trace::assemble;
use crate::facts::gather::Gathering;
use crate::facts::window::WindowFacts;
use crate::model::names::Names;
use std::io;
use std::thread;

/// The facts of all traces, the same for any number of threads, and why some of what was put on disk could not be read
/// back.
#[must_use]
pub fn gather(partitions: &Partitions, names: &Names, threads: usize) -> (WindowFacts, Vec<io::Error>) {
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| some(partitions, names))).collect();
        let (mut facts, mut errors) = some(partitions, names);
        for other in others {
            match other.join() {
                Ok((more, failed)) => {
                    facts.merge(more);
                    errors.extend(failed);
                }
                // A bug: end as if it had happened on this thread.
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        facts.keep_causes();
        (facts, errors)
    })
}

/// The facts of those traces that the other threads leave.
fn some(partitions: &Partitions, names: &Names) -> (WindowFacts, Vec<io::Error>) {
    let (mut gathering, mut errors) = (Gathering::default(), Vec::new());
    while let Some((mut traces, error)) = partitions.take_next() {
        errors.extend(error);
        for (id, OpenTrace { spans, logs, left_out, .. }) in traces.drain() {
            let mut assembled = assemble(id, spans, logs, names);
            assembled.defects.merge(&left_out);
            let diagnosis = diagnose(&assembled.tree, names);
            gathering.add(&assembled, &diagnosis, names);
        }
    }
    (gathering.finish(names), errors)
}
