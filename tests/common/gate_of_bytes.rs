//! A gate over captures that are bytes, with announced changes: what the command line does, without files.

use whyspan::capture::{Capture, compare};
use whyspan::facts::split::Split;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::policy::Policy;
use whyspan::model::change_event::ChangeEvent;
use whyspan::model::time::Nanos;
use whyspan::read::change_events::file::changes_of;
use whyspan::read::change_events::spec::change_of_spec;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;

/// Lines as a file of changes has them, or words of the command line.
pub(crate) fn changes(lines: &[String]) -> Vec<ChangeEvent> {
    let mut events = Vec::new();
    for line in lines {
        if line.starts_with('{') {
            let read = changes_of("changes.jsonl", line.as_bytes(), &[]);
            assert_eq!(read.messages, Vec::<String>::new());
            events.extend(read.changes);
        } else {
            events.push(change_of_spec(line).expect("a change"));
        }
    }
    events
}

fn capture(name: &str, bytes: &[u8]) -> Capture {
    let mut capture = Capture::new(ReadOptions { request_attributes: true, ..ReadOptions::default() }, None);
    if !bytes.is_empty() {
        capture.read_bytes(name, bytes);
    }
    assert_eq!(capture.messages(), &[] as &[String], "{name}");
    capture
}

/// The evidence of two captures.
pub(crate) fn gate_of_two(baseline: &[u8], candidate: &[u8], announced: &[String]) -> Evidence {
    let facts = |name, bytes| capture(name, bytes).into_facts();
    let (baseline, candidate) = (facts("baseline", baseline), facts("candidate", candidate));
    compare(&baseline, &candidate, &Policy::default(), changes(announced), &Redactor::default())
}

/// The evidence of one capture that is cut at a time, in nanoseconds since 1970.
pub(crate) fn gate_of_one(whole: &[u8], at: u64, announced: &[String]) -> Evidence {
    let split = Split { at: Nanos(at), settle: 0 };
    capture("capture", whole).into_evidence_of_change(split, &Policy::default(), changes(announced))
}
