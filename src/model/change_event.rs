//! Something that was changed, as somebody announced it.

use crate::model::time::Nanos;

/// What sort of thing was changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChangeKind {
    /// A feature flag was given another variant, or other rules.
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
    /// When, or when it began; `None` when nobody said.
    pub at: Option<Nanos>,
    /// When it ended, of changes that take a while (a load test, a roll-out); `None` of those that happen at once.
    pub until: Option<Nanos>,
    /// What sort of thing was changed.
    pub kind: ChangeKind,
    /// The flag, what was deployed, or the name of the event.
    pub key: String,
    /// What it was before.
    pub from: Option<String>,
    /// What it became. The same as `from` when what is served by default stayed and something else was changed, such as the
    /// targeting of a flag: `detail` says what.
    pub to: Option<String>,
    /// The service that it touches, as far as the announcement says.
    pub service: Option<String>,
    /// Where it was made, such as `production`.
    pub environment: Option<String>,
    /// Who made it: a name or an e-mail address.
    pub actor: Option<String>,
    /// Where more is told of it: an address that starts with `http://` or `https://`.
    pub link: Option<String>,
    /// What else there is to know, in a few words.
    pub detail: Option<String>,
    /// Who announced it: a file, or `command line`.
    pub source: String,
}

impl ChangeEvent {
    /// A change of which nothing else is known yet.
    #[must_use]
    pub fn new(kind: ChangeKind, key: impl Into<String>) -> Self {
        Self {
            at: None,
            until: None,
            kind,
            key: key.into(),
            from: None,
            to: None,
            service: None,
            environment: None,
            actor: None,
            link: None,
            detail: None,
            source: String::new(),
        }
    }
}
