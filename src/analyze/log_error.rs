//! Exceptions that only a log record tells of, in spans that are well.

use crate::analyze::describe::Describer;
use crate::analyze::diagnosis::{Diagnosis, ORIGINS_PER_TRACE};
use crate::analyze::message;
use crate::analyze::origin::Origin;
use crate::analyze::role::Role;
use crate::model::exception::ExceptionSource;
use crate::model::tree::SpanIx;
use crate::ordered::set::OrderedSet;

/// How many different messages of origins a record is compared with.
const COMPARED: usize = 32;

/// An origin for every span that is well though an ERROR or FATAL record of it tells of an exception.
///
/// A record that tells of a failure which the trace shows anyway (the caller logs what it caught) adds nothing.
pub(crate) fn find(describer: &Describer<'_>, diagnosis: &Diagnosis) -> Vec<Origin> {
    let tree = describer.tree;
    let on_the_way: OrderedSet<SpanIx> = diagnosis.origins.iter().flat_map(|origin| &origin.path).copied().collect();
    let known: OrderedSet<&str> = diagnosis
        .origins
        .iter()
        .flat_map(|origin| origin.exception.iter().map(|told| told.message.as_str()).chain(origin.text.as_deref()))
        .filter(|message| !message.trim().is_empty())
        .take(COMPARED)
        .collect();
    let mut logged: Vec<SpanIx> = Vec::new();
    for (ix, event) in &tree.logs {
        let Some(exception) = &event.exception else { continue };
        if exception.source == ExceptionSource::ErrorLog
            && diagnosis.role(*ix) == Role::Healthy
            && logged.last() != Some(ix)
            && logged.len() < ORIGINS_PER_TRACE
            && !on_the_way.contains(ix)
            && !known.iter().any(|known| message::wraps(&exception.message, known))
        {
            logged.push(*ix);
        }
    }
    logged.into_iter().map(|ix| describer.logged(ix)).collect()
}
