//! A root cause as evidence: its part of the public contract.

use crate::judge::evidence_shift::{Excess, Latency, Structure, Traffic};
use crate::judge::evidence_suspect::{Compared, Condition, OnsetTold, Suspect};
use serde::{Deserialize, Serialize};

/// A fault and all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RootCause {
    /// From 1.
    pub rank: u64,
    /// The stable key of the same fault in other traces and other runs: version, colon, 16 hexadecimal digits.
    pub signature: String,
    /// What the signature was made of (`docs/signature.md`); absent for what is no failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grouping: Option<Grouping>,
    /// `exception`, `error-status`, `unreachable`, `dependency`, `timeout`, `log-error`, `latency`; and, against a
    /// baseline only, `structure`, `traffic`.
    pub kind: String,
    /// The service in which it began; for `unreachable` and `dependency` the one that saw it.
    pub service: String,
    /// The nearest SERVER or CONSUMER operation at or above the failing span in the same service, else the span's own.
    pub operation: String,
    /// The failing span's own name.
    pub span_name: String,
    /// Every operation in which it began, where there are several: those that could not reach one callee. The most frequent
    /// first; absent otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub began_at: Vec<BeganAt>,
    /// The callee or system to blame when it has no span of its own: the service that answers such calls elsewhere in the
    /// capture, else what the call names.
    pub peer: Option<String>,
    /// What the call itself names, where `peer` was learnt from other calls.
    pub called_as: Option<String>,
    /// Other names that calls to `peer` went by, where it was not reached by any of them; absent without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_called_as: Vec<String>,
    /// For `unreachable`: every call was answered, by `peer` or by a proxy before it, with a code that says that nobody is there (HTTP
    /// 502, 503). Absent when it was not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub answered_for: bool,
    /// What else the call tells of `peer`; absent where it tells nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callee: Option<CalleeTold>,
    /// The furthest that it got in any trace: `fatal` or `absorbed`; null when nobody was hit, and for client faults.
    pub effect: Option<String>,
    /// The caller is to blame: a wrong argument, an unknown thing, a missing right. Information, never fatal.
    pub client_fault: bool,
    /// Against the baseline: `new`, `worse`, `same`, `better`, `gone`; null for `analyze`.
    pub change: Option<String>,
    /// One plain sentence.
    pub sentence: String,
    /// The comparison with the baseline in one plain sentence; null for `analyze`.
    pub comparison: Option<String>,
    /// The chance of a rise at least as large if nothing had changed, one-sided; null for `analyze`, and where nothing can
    /// be compared.
    pub p_value: Option<f64>,
    /// The exception; null when none was told.
    pub exception: Option<Exception>,
    /// What the span says besides.
    pub status: Status,
    /// How often in turn the call was made in the first exemplar, failing each time; absent when it was not repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// In how many traces it is an origin.
    pub traces: Traces,
    /// Fatal traces as a part of the window's failing traces, 0 to 1.
    pub share_of_failing: f64,
    /// Entry points that failed by it.
    pub entry_points: Vec<EntryPointHit>,
    /// Entry points whose requests it touched without failing them.
    pub degraded_entry_points: Vec<EntryPointDegraded>,
    /// Entry points whose requests asked for what failed by it, over messages that led to traces of their own; absent without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub async_entry_points: Vec<EntryPointAsync>,
    /// The way up in the first exemplar: the origin first, last the entry point or the span where the failure ended.
    pub propagation: Vec<Step>,
    /// Steps left out in the middle of `propagation`: of a very long way both ends are kept.
    pub hidden_steps: u64,
    /// How sure we are.
    pub confidence: Confidence,
    /// For kind `latency`; null otherwise.
    pub latency: Option<Latency>,
    /// For root causes that are no failures: how much more of them there is than drift explains; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excess: Option<Excess>,
    /// For kinds `structure` and `log-error` that were found by the course of the work; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub structure: Option<Structure>,
    /// For kind `traffic` that was found by the number of calls; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<Traffic>,
    /// When it set in; null for `analyze`, for what is neither new nor worse, and where it cannot be told.
    pub onset: Option<OnsetTold>,
    /// Which requests suspects and conditions were looked for in; null for `analyze`, and where it was not.
    pub compared: Option<Compared>,
    /// What changed; empty for `analyze`.
    pub suspects: Vec<Suspect>,
    /// For which requests it fails; empty for `analyze`.
    pub conditions: Vec<Condition>,
    /// Traces that show it, the most telling first.
    pub exemplars: Vec<Exemplar>,
}

/// What a call tells of whom it went to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CalleeTold {
    /// The database, broker or RPC system: `postgresql`, `kafka`, `grpc`.
    pub system: Option<String>,
    /// Host, and port where one is told.
    pub address: Option<String>,
    /// Database name or message destination.
    pub name: Option<String>,
    /// What the first exemplar asked of a database: `SELECT`, `findAndModify`, `HGET`; absent where it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The table or collection that the first exemplar asked; absent where it is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Eight statements at most, without their values: of more, those that come first in the order of their texts, which need
    /// not be the most frequent ones. Listed are those with most traces first. A trace counts one statement, that of the origin
    /// that got furthest in it. Absent where none is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<StatementTold>,
    /// Traces with statements that are not listed; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces_of_other_statements: Option<u64>,
}

/// A statement that a database was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StatementTold {
    /// Without its values: `?` stands for one or several, `…` for what could not be read surely.
    pub statement: String,
    /// Traces in which it is the statement of the origin that got furthest; of a root cause that is no failure, spans that
    /// were looked at and show it.
    pub traces: u64,
}

/// An operation in which a root cause began.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BeganAt {
    /// The service.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// Traces in which it began there.
    pub traces: u64,
}

/// Why failures are the same fault.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Grouping {
    /// The key that it shares with faults of the same type and words, wherever they were thrown and whatever caused them.
    pub family: String,
    /// What counts, in order; redacted, and cut at 4 KiB each.
    pub parts: Vec<KeyPart>,
}

/// One thing that makes two failures the same fault or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyPart {
    /// What it is: `blame`, `service`, `operation`, `peer`, `type`, `message`, `frames`, `cause type`, `cause message`,
    /// `cause frames`, `code`, `rule`, `split`.
    pub part: String,
    /// What is compared.
    pub value: String,
}

/// An exception with its parsed stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// Class name, or the code that the SDK wrote in its place; null when not told.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The class name as the stack trace has it, where `type` is only a code (`ECONNREFUSED`, `9`); absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The message; null when not told. Of a gRPC server's exception without one, that with which its caller was answered,
    /// as `confidence` then says.
    pub message: Option<String>,
    /// The stack trace as told, cut at 16 KiB; null when not told.
    pub stacktrace: Option<String>,
    /// The innermost frame of the application's own code.
    pub frame: Option<Frame>,
    /// The calls of the stack trace, innermost first, of the exception that escaped, 100 at most; empty for languages whose
    /// stack traces are not parsed.
    #[serde(default)]
    pub frames: Vec<StackFrame>,
    /// Its causes, outermost first.
    pub chain: Vec<Cause>,
}

impl Exception {
    /// What it is called: its type, and where that is only a code, the class before it, as in `Error [ECONNREFUSED]`.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        match (&self.class, &self.kind) {
            (Some(class), Some(code)) => Some(format!("{class} [{code}]")),
            (class, kind) => class.clone().or_else(|| kind.clone()),
        }
    }
}

/// One cause of an exception.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// Class name; null when not told.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The message; null when not told.
    pub message: Option<String>,
    /// Its own innermost in-app frame.
    pub frame: Option<Frame>,
}

/// A line of code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// File as the stack trace names it.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
    /// Function as the language prints it.
    pub function: Option<String>,
}

/// One call of a stack trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StackFrame {
    /// File as the stack trace names it; empty when it names none.
    pub file: String,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
    /// Function as the language prints it.
    pub function: Option<String>,
    /// The application's own code, not a library's or the runtime's.
    pub in_app: bool,
}

/// What a span says of its failure besides the exception.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Status message, or what stands in its place: of a gRPC server that says nothing, the message with which its caller was
    /// answered, as `confidence` then says.
    pub message: Option<String>,
    /// gRPC status code.
    pub grpc: Option<u8>,
    /// HTTP status code.
    pub http: Option<u16>,
}

/// In how many traces a root cause is an origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// In the baseline; null for `analyze`.
    pub baseline: Option<u64>,
    /// In the candidate.
    pub candidate: u64,
    /// Of the candidate's, those in which it failed an entry point.
    pub fatal: u64,
    /// Of the candidate's, those in which it got no further than to be absorbed.
    pub absorbed: u64,
}

/// An entry point that a root cause failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryPointHit {
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Requests that failed by this root cause.
    pub failing: u64,
    /// All requests at this entry point.
    pub total: u64,
}

/// An entry point whose requests a root cause touched without failing them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryPointDegraded {
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Requests that got over the failure.
    pub absorbed: u64,
    /// All requests at this entry point.
    pub total: u64,
}

/// An entry point whose requests asked for work that failed later, in a trace of its own that links back to theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EntryPointAsync {
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Requests that asked for what failed; of very many an even sample was looked at.
    pub requests: u64,
    /// All requests at this entry point.
    pub total: u64,
}

/// One span on the way up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// The span's own name.
    pub span_name: String,
    /// `origin`, `propagated`, `silent`, `absorbed`, `retried`.
    pub role: String,
}

/// How sure we are of a root cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Confidence {
    /// `high`: nothing that matters speaks against it; `medium`: one thing does; `low`: more than one.
    pub level: Level,
    /// What speaks for it.
    #[serde(rename = "for")]
    pub speaks_for: Vec<String>,
    /// What speaks against it.
    pub against: Vec<String>,
}

/// A level of confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing that matters speaks against it.
    High,
    /// One thing speaks against it.
    Medium,
    /// More than one thing speaks against it.
    Low,
}

impl Level {
    /// The word of the evidence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// A trace that shows a root cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exemplar {
    /// Trace id, 32 hexadecimal digits.
    pub trace_id: String,
    /// Id of the span in which it began, 16 hexadecimal digits.
    pub span_id: String,
}
