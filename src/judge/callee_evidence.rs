//! What calls tell of whom they went to and what they asked, as evidence.

use crate::facts::callee::Callee;
use crate::facts::statements::Statements;
use crate::judge::evidence_cause::{CalleeTold, StatementTold};
use crate::judge::wording::told;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// What is told of a callee, and the statements that it was asked; `None` where that is nothing.
pub(crate) fn callee_told(callee: &Callee, asked: &Statements) -> Option<CalleeTold> {
    let [system, address, name] = [&callee.system, &callee.address, &callee.resource].map(|text| told(text));
    let [operation, collection] = [&callee.operation, &callee.collection].map(|text| told(text));
    let of = |(statement, traces): (&str, u64)| StatementTold { statement: statement.to_owned(), traces };
    let mut statements: Vec<StatementTold> = asked.iter().map(of).collect();
    statements.shared_sort_by_key(|told| Reverse(told.traces));
    let tells = [&system, &address, &name, &operation, &collection].iter().any(|text| text.is_some());
    (tells || !statements.is_empty()).then_some(CalleeTold {
        system,
        address,
        name,
        operation,
        collection,
        statements,
        traces_of_other_statements: Some(asked.others).filter(|&traces| traces > 0),
    })
}
