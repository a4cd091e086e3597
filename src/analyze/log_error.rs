//! Exceptions that only a log record tells of, in spans that are well.

use crate::analyze::diagnosis::{Case, Diagnosis};
use crate::analyze::kind::CauseKind;
use crate::analyze::message;
use crate::analyze::origin::{Ending, Origin};
use crate::analyze::role::Role;
use crate::analyze::told::told;
use crate::model::exception::ExceptionSource;
use crate::model::names::Names;
use crate::model::tree::{SpanIx, TraceTree};

/// Adds an origin for every span that is well though an ERROR or FATAL record of it tells of an exception.
///
/// A record that tells of a failure which the trace shows anyway (the caller logs what it caught) adds nothing.
pub(crate) fn find(tree: &TraceTree, names: &Names, diagnosis: &mut Diagnosis) {
    let mut logged: Vec<SpanIx> = Vec::new();
    for (ix, event) in &tree.logs {
        let Some(exception) = &event.exception else { continue };
        let told_of_it = |origin: &Origin| {
            origin.path.contains(ix)
                || origin.exception.as_ref().is_some_and(|known| message::wraps(&exception.message, &known.message))
        };
        if exception.source == ExceptionSource::ErrorLog
            && diagnosis.role(*ix) == Role::Healthy
            && logged.last() != Some(ix)
            && !diagnosis.origins.iter().any(told_of_it)
        {
            logged.push(*ix);
        }
    }
    for ix in logged {
        let case = Case { tree, names, entries: &diagnosis.entries };
        let exception = told(tree, &[ix], 1);
        let mut origin = case.describe(vec![ix], Ending::Unnoticed, exception);
        origin.kind = CauseKind::LogError;
        origin.client_fault = false;
        origin.peer = None;
        case.finish_log_error(&mut origin);
        diagnosis.origins.push(origin);
    }
}
