//! What `whyspan doctor` says, as data: how far the telemetry of each service carries, and what it lacks.

use crate::judge::evidence::{Severity, Window};
use crate::judge::redaction::Redaction;
use serde::{Deserialize, Serialize};

/// The name and version of this format.
pub const SCHEMA: &str = "whyspan.doctor/v1";

/// All that was found of the telemetry of one capture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkup {
    /// `whyspan.doctor/v1`.
    pub schema: String,
    /// `doctor`.
    pub command: String,
    /// How far the input can be trusted, `A` to `D`: the same grade as `quality.grade` of the evidence.
    pub grade: String,
    /// One plain sentence.
    pub summary: String,
    /// The window of time, and what there is of it.
    pub window: Window,
    /// Metrics, which are counted and not read.
    pub metrics: u64,
    /// Traces, by what there is of them.
    pub traces: Traces,
    /// The inputs that were opened, in the order of reading; at most ten thousand.
    pub inputs: Vec<Input>,
    /// What could not be used, with input and record; a bounded number of messages.
    pub messages: Vec<String>,
    /// By name; at most ten thousand, those with most spans.
    pub services: Vec<Service>,
    /// What is lacking: what leaves no conclusion safe, what weakens conclusions, the rest; each in the order of the page
    /// that describes the codes.
    pub findings: Vec<Finding>,
    /// What was taken out before this was written: secrets and personal data.
    pub redaction: Redaction,
}

/// Traces, by what there is of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Traces {
    /// Traces with a span that names no parent.
    pub with_root: u64,
    /// Traces of which every topmost span names a parent that is not in the input.
    pub without_root: u64,
    /// Traces with a span of status ERROR.
    pub with_error: u64,
    /// Traces of which there are log records and no span; not counted in the window.
    pub without_span: u64,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The name that the user knows it by.
    pub name: String,
    /// The format that was recognised; null when none was.
    pub format: Option<String>,
    /// The compression that was undone, outermost first.
    pub compression: Vec<String>,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Spans.
    pub spans: u64,
    /// Log records.
    pub logs: u64,
    /// Metrics.
    pub metrics: u64,
    /// Records, or parts of them, that could not be used.
    pub skipped: u64,
    /// Records that were kept although a part of them could not be used.
    pub mended: u64,
    /// Whether it could be read to its end.
    pub whole: bool,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Service name.
    pub service: String,
    /// How far its spans can be trusted, by the same rule as the whole; null when it has none.
    pub grade: Option<String>,
    /// `telemetry.sdk.language`, as far as its spans tell.
    pub languages: Vec<String>,
    /// `service.version`, at most a hundred.
    pub versions: Vec<String>,
    /// How many of its processes can be told apart, at most a hundred.
    pub instances: u64,
    /// Start of its first span, RFC 3339 in UTC.
    pub start: Option<String>,
    /// End of its last span, RFC 3339 in UTC.
    pub end: Option<String>,
    /// Traces that it takes part in.
    pub traces: u64,
    /// Spans, each once.
    pub spans: u64,
    /// Requests that it took, and those that it made of its own.
    pub requests: u64,
    /// Spans whose parent is not in the input.
    pub orphans: u64,
    /// Spans that tell of an exception.
    pub exceptions: u64,
    /// Log records.
    pub logs: Logs,
    /// What its spans tell of sampling.
    pub sampling: Sampling,
}

/// Log records of one service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logs {
    /// All of them.
    pub records: u64,
    /// Those with a trace id.
    pub with_trace: u64,
    /// Those without.
    pub without_trace: u64,
    /// Those that are ERROR or worse, or tell of an exception.
    pub errors: u64,
}

/// What spans of one service tell of the sampling that kept them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Spans that tell the probability by which they were kept.
    pub told: u64,
    /// How many spans these stand for; null when none tells.
    pub stand_for: Option<u64>,
    /// The smallest and the greatest probability that was told; null when none was.
    pub probability: Option<[f64; 2]>,
    /// Spans with a randomness of their own (`ot=rv:`).
    pub own_randomness: u64,
    /// Spans with flags.
    pub flagged: u64,
    /// Spans whose trace id is random by the W3C flag.
    pub random: u64,
    /// Spans whose parent is known to lie in another process.
    pub remote_parent: u64,
    /// Spans that were kept because somebody asked for it (`sampling.priority`).
    pub forced: u64,
}

/// One thing that is lacking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable code, described in `docs/doctor.md`.
    pub code: String,
    /// `fail`: no conclusion is safe; `warn`: conclusions are weakened; `info`: to be known.
    pub severity: Severity,
    /// How often it was met.
    pub count: u64,
    /// How often it could have been met; null where there is no such number.
    pub of: Option<u64>,
    /// `count` of `of`, 0 to 1; null where there is no such number.
    pub share: Option<f64>,
    /// What was found: one plain sentence.
    pub sentence: String,
    /// Which conclusions that weakens, and how.
    pub weakens: String,
    /// What to do about it.
    pub advice: String,
    /// The services that it was met in, those that it was met in most often first; at most ten thousand.
    pub services: Vec<Concerned>,
}

/// How often one service is concerned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Concerned {
    /// Service name.
    pub service: String,
    /// How often it was met there.
    pub count: u64,
    /// How often it could have been met there; null where there is no such number.
    pub of: Option<u64>,
    /// More about this service; null where there is nothing more to say.
    pub note: Option<String>,
}
