//! Where a span of a synthetic system begins and ends.

use crate::carried::Failure;

/// Where a span hangs.
#[derive(Clone, Copy)]
pub(crate) struct Hold {
    pub(crate) parent: Option<u64>,
    pub(crate) link: Option<(u128, u64)>,
    /// The kind of the span that takes the request: server or consumer.
    pub(crate) kind: u8,
}

/// How an operation ended.
pub(crate) struct Ended {
    pub(crate) at: u64,
    pub(crate) failure: Option<Failure>,
}
