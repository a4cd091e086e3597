//! Whom calls go to, and ids of these.

use crate::model::sym::Sym;

/// An interned [`Target`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct TargetId(pub(super) u32);

impl TargetId {
    /// The target of which nothing is known.
    pub const NONE: Self = Self(0);

    /// Its place among the targets of its [`Names`](crate::model::names::Names).
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// What sort of peer a call goes to, as its attributes tell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum TargetClass {
    /// Nothing tells.
    #[default]
    Unknown,
    /// `rpc.*`.
    Rpc,
    /// `http.*`.
    Http,
    /// `db.*`.
    Database,
    /// `messaging.*`.
    Messaging,
}

/// Whom a CLIENT or PRODUCER span calls, from old and new semantic conventions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Target {
    /// What sort of peer it is.
    pub class: TargetClass,
    /// `db.system.name`, `messaging.system` or `rpc.system`.
    pub system: Sym,
    /// `peer.service`.
    pub peer_service: Sym,
    /// `rpc.service`.
    pub rpc_service: Sym,
    /// The host, from whatever names it best: `docs/attributes.md` has the order.
    pub address: Sym,
    /// `server.port`, else `net.peer.port`; 0 when not given.
    pub port: u16,
    /// Database name or message destination.
    pub resource: Sym,
}
