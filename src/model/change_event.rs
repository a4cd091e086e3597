//! Something that was changed, as somebody announced it.

use crate::model::time::Nanos;

/// What sort of thing was changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChangeKind {
    /// A feature flag was given another variant.
    FeatureFlag,
    /// Another version of a service was deployed, or its configuration or replicas were changed.
    Deployment,
    /// Anything else that somebody thought worth announcing.
    Event,
}

impl ChangeKind {
    /// The word of the evidence.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FeatureFlag => "feature-flag",
            Self::Deployment => "deployment",
            Self::Event => "event",
        }
    }

    /// The kind that a word of announcements stands for.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "feature-flag" | "feature_flag" | "flag" => Some(Self::FeatureFlag),
            "deployment" => Some(Self::Deployment),
            "event" => Some(Self::Event),
            _ => None,
        }
    }
}

/// One change.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ChangeEvent {
    /// When; `None` when nobody said.
    pub at: Option<Nanos>,
    /// What sort of thing was changed.
    pub kind: ChangeKind,
    /// The flag, the service, or the name of the event.
    pub key: String,
    /// What it was before.
    pub from: Option<String>,
    /// What it became.
    pub to: Option<String>,
    /// Who announced it: a file, or `command line`.
    pub source: String,
}
