//! What a call tells of whom it went to and what it asked.

use crate::facts::sample::{MESSAGE_BYTES, cut};
use crate::model::names::Names;
use crate::model::span::Asked;
use crate::model::target::TargetId;

/// What a call tells of whom it went to; empty where it says nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Callee {
    /// `db.system.name`, `messaging.system` or `rpc.system`.
    pub system: String,
    /// Host, and port where one is told.
    pub address: String,
    /// Database name or message destination.
    pub resource: String,
    /// What was asked of a database: an operation.
    pub operation: String,
    /// The table or collection that it was asked of.
    pub collection: String,
    /// The statement, without its values.
    pub statement: String,
}

impl Callee {
    /// Every text of it.
    pub(crate) fn texts_mut(&mut self) -> [&mut String; 6] {
        let Self { system, address, resource, operation, collection, statement } = self;
        [system, address, resource, operation, collection, statement]
    }

    /// What a call that goes to `target` and asks this tells.
    pub(crate) fn of(names: &Names, target: TargetId, asked: Asked) -> Self {
        let target = names.target_of(target);
        let text = |sym| cut(names.text(sym), MESSAGE_BYTES);
        let host = text(target.address);
        let address = if target.port == 0 || host.is_empty() { host } else { format!("{host}:{}", target.port) };
        Self {
            system: text(target.system),
            address,
            resource: text(target.resource),
            operation: text(asked.operation),
            collection: text(asked.collection),
            statement: text(asked.statement),
        }
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        let Self { system, address, resource, operation, collection, statement } = self;
        size_of::<Self>()
            + [system, address, resource, operation, collection, statement].map(String::len).iter().sum::<usize>()
    }
}
