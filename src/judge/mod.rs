//! Facts of a window become evidence: root causes ranked, findings in plain sentences, the quality of the input.

pub mod analysis;
pub mod checkup;
pub mod confidence_level;
pub mod evidence;
pub mod evidence_cause;
pub mod evidence_gate;
pub mod evidence_pictures;
pub mod evidence_shift;
pub mod examination;
pub mod exceptions_file;
pub mod findings;
pub mod gate;
pub mod grouping;
pub mod lack;
mod outlier_evidence;
mod outliers;
mod pictures;
pub mod policy;
pub mod quality;
pub mod redaction;
pub mod root_causes;
pub mod rule;
pub mod services;
mod shifted_trace;
pub mod statistics;
mod suspects;
pub mod wording;

mod examined;
mod lack_words;
mod lacks_of_calls;
mod lacks_of_input;
mod lacks_of_logs;
mod lacks_of_sampling;
mod lacks_of_spans;
mod lacks_of_traces;
mod tally;
