//! What a call tells of whom it went to and what it asked, in the words of every report.

use crate::judge::evidence_cause::{CalleeTold, RootCause, StatementTold};
use crate::judge::wording::count;

/// How many statements of a root cause are shown.
pub(crate) const STATEMENTS: usize = 3;

/// What is told of the callee, each with what it is.
pub(crate) fn told(callee: &CalleeTold) -> Vec<(&'static str, &str)> {
    let told = [
        ("system", &callee.system),
        ("address", &callee.address),
        ("name", &callee.name),
        ("operation", &callee.operation),
        ("collection", &callee.collection),
    ];
    told.into_iter().filter_map(|(what, text)| Some((what, text.as_deref()?))).collect()
}

/// What calls name whoever is to blame, where that is known by another name.
pub(crate) fn called_as(cause: &RootCause) -> Vec<&str> {
    let names = cause.called_as.iter().chain(&cause.also_called_as);
    names.map(String::as_str).filter(|&name| cause.peer.as_deref() != Some(name)).collect()
}

/// In how many traces of the root cause a statement was asked.
pub(crate) fn share(cause: &RootCause, told: &StatementTold) -> String {
    format!("{} of {}", told.traces, count(cause.traces.candidate, "trace"))
}

/// How many traces asked something that is not shown; `None` when all is.
pub(crate) fn other_statements(callee: &CalleeTold) -> Option<String> {
    let hidden: u64 = callee.statements.iter().skip(STATEMENTS).map(|told| told.traces).sum();
    let traces = hidden + callee.traces_of_other_statements.unwrap_or(0);
    (traces > 0).then(|| format!("other statements in {}", count(traces, "trace")))
}
