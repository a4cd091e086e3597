//! What a failure means at one span.

use crate::model::tree::SpanIx;

/// The role of a span in the failures of its trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    /// No failure touched it.
    #[default]
    Healthy,
    /// It failed, and nothing below explains it.
    Origin,
    /// It failed because of the child `from`.
    Propagated {
        /// The child that explains it.
        from: SpanIx,
    },
    /// It is not marked as failed, yet it passed on the failure of the child `from`.
    Silent {
        /// The child whose failure it passed on.
        from: SpanIx,
    },
    /// It stayed well although the child `from` failed: the failure ended here.
    Absorbed {
        /// The child whose failure ended here.
        from: SpanIx,
    },
    /// It failed, and the later attempt `by` of the same call went well.
    Retried {
        /// The attempt that went well.
        by: SpanIx,
    },
    /// It was cut short: because its sibling `by` had failed, or because whoever had asked for it went away.
    Cancelled {
        /// The sibling whose failure came first, if that was the reason.
        by: Option<SpanIx>,
    },
}

impl Role {
    /// The word of the evidence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Origin => "origin",
            Self::Propagated { .. } => "propagated",
            Self::Silent { .. } => "silent",
            Self::Absorbed { .. } => "absorbed",
            Self::Retried { .. } => "retried",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}
