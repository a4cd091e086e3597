//! What goes wrong in both windows alike.

use crate::carried::Failure;
use crate::common::chance::Chance;
use crate::request::Request;
use crate::system::{System, Values};

/// What each such failure says.
pub(crate) const GAVE_UP: &str = "gave up";

/// The failure that an operation has now and then whatever is changed, if it has it for this request.
pub(crate) fn background_failure(
    system: &System,
    request: &Request,
    operation: usize,
    chance: &mut Chance,
) -> Option<Failure> {
    let it = &system.operations[operation];
    if chance.happens(it.client_faults) {
        return Some(Failure { exception: None, message: "no such thing".to_owned(), is_callers: true });
    }
    let background = it.background.as_ref()?;
    let is_about = background.only.is_none_or(|(told, value)| match &system.traits[told].values {
        Values::Of(values) => request.values[told] == values[value].0,
        _ => false,
    });
    (is_about && chance.happens(background.share)).then(|| Failure {
        exception: Some(background.exception),
        message: format!("{} {GAVE_UP}", it.name),
        is_callers: false,
    })
}
