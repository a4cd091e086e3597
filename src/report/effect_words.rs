//! How far a root cause got, in the words of every report.

use crate::judge::evidence_cause::RootCause;

/// How far it got.
pub(crate) fn effect(cause: &RootCause) -> &'static str {
    match cause.effect.as_deref() {
        _ if cause.client_fault => "caller's own fault",
        Some("fatal") => "fails requests",
        Some("absorbed") => "absorbed",
        _ if cause.kind == "latency" => "slows requests down",
        _ if cause.kind == "structure" => "takes another course",
        _ if cause.kind == "traffic" => "asks more often",
        _ => "no request hit",
    }
}
