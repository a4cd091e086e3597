//! Operations, and their ids.

use crate::model::span_kind::SpanKind;
use crate::model::sym::Sym;

/// An interned [`Operation`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct OpId(pub(super) u32);

impl OpId {
    /// The operation in this place among those of its [`Names`](crate::model::names::Names).
    pub(crate) fn of_number(number: u32) -> Self {
        Self(number)
    }

    /// Its place among the operations of its [`Names`](crate::model::names::Names).
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// The name of work: the key on which traces and windows meet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Operation {
    /// `service.name`.
    pub service: Sym,
    /// `rpc.service/rpc.method` where the span has them, else its name; without the `grpc.` or `/` that SDKs put before it.
    pub name: Sym,
    /// The span kind is part of what an operation is.
    pub kind: SpanKind,
}
