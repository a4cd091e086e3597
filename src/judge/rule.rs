//! The rules of a gate: what is looked for, and what it means for the decision when it is found.

use serde::{Deserialize, Serialize};

/// What a finding means for the decision of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The change must not go.
    Fail,
    /// Nothing can be decided, unless something else decides for no-go.
    Inconclusive,
    /// Told, but the change may go.
    Warn,
    /// To be known.
    Info,
}

impl Level {
    /// The word that policies and the evidence use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }

    /// The level that a word stands for.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Fail, Self::Inconclusive, Self::Warn, Self::Info].into_iter().find(|level| level.as_str() == word)
    }
}

/// A rule of the gate. Its code is the code of the findings that it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A fault that was not there before fails requests, significantly and relevantly.
    NewRootCause,
    /// A fault that was there before fails more requests, significantly and relevantly.
    WorseRootCause,
    /// More requests of an entry point fail, significantly and relevantly, by whatever faults.
    ErrorRate,
    /// The passing requests of an entry point became slower, significantly and relevantly.
    Slower,
    /// An operation fails that did not, or fails more often, although its callers get over it.
    AbsorbedFailure,
    /// An exception is logged, on a significant and relevant share of an operation's requests, that was not or less often.
    LoggedException,
    /// A fault was seen only in the candidate, or more often there, but too rarely to be sure.
    RareRootCause,
    /// An entry point fails more or is slower, but only because other things are asked for: no sort of requests is worse.
    MixShift,
    /// More calls needed a second attempt.
    Retries,
    /// More calls failed whose service got over it by itself.
    ToleratedFailures,
    /// The work of an operation, or the wire to it, takes longer, although no entry point is shown to be slower by it.
    SlowerInside,
    /// An operation makes other calls than it did, or stops halfway, although nothing failed.
    CallStructure,
    /// An operation makes more calls for each request, or messages wait longer for it.
    CallCounts,
    /// ERROR records or handled exceptions are told that were not, although nothing failed.
    ErrorRecords,
    /// An entry point of the baseline has no request in the candidate, more than chance explains.
    EntryPointVanished,
    /// An entry point of the baseline has no request in the candidate, as chance would have it.
    EntryPointWithoutData,
    /// Entry points are too many to be told apart, and more of them fail, or they have a large part of all requests.
    EntryPointsBeyondBound,
    /// So few requests that even if all of them failed, it could not be told from chance.
    TooFewRequests,
    /// The baseline holds no span.
    BaselineEmpty,
    /// The candidate holds no span.
    CandidateEmpty,
    /// An input could not be read, or not to its end.
    InputBroken,
    /// The telemetry is so incomplete that no conclusion is safe.
    DataQuality,
    /// An entry point has requests in the candidate only.
    NewEntryPoint,
    /// The share of an entry point among all requests is another one.
    Traffic,
    /// Callers were refused for their own fault more often.
    ClientFaults,
    /// No request of an entry point passed in the baseline, so its slowness has no measure.
    NoPassingBaseline,
    /// A fault that was there before at about the same rate.
    SameRootCause,
    /// A fault that fails fewer requests than before, or that is gone.
    BetterRootCause,
    /// A change was announced, and nothing in the telemetry shows it.
    UnseenChange,
}

impl Rule {
    /// Every rule, in the order in which policies list them.
    pub const ALL: [Self; 29] = [
        Self::NewRootCause,
        Self::WorseRootCause,
        Self::ErrorRate,
        Self::Slower,
        Self::AbsorbedFailure,
        Self::LoggedException,
        Self::RareRootCause,
        Self::MixShift,
        Self::Retries,
        Self::ToleratedFailures,
        Self::SlowerInside,
        Self::CallStructure,
        Self::CallCounts,
        Self::ErrorRecords,
        Self::EntryPointVanished,
        Self::EntryPointWithoutData,
        Self::EntryPointsBeyondBound,
        Self::TooFewRequests,
        Self::BaselineEmpty,
        Self::CandidateEmpty,
        Self::InputBroken,
        Self::DataQuality,
        Self::NewEntryPoint,
        Self::Traffic,
        Self::ClientFaults,
        Self::NoPassingBaseline,
        Self::SameRootCause,
        Self::BetterRootCause,
        Self::UnseenChange,
    ];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NewRootCause => "new-root-cause",
            Self::WorseRootCause => "worse-root-cause",
            Self::ErrorRate => "error-rate",
            Self::Slower => "slower",
            Self::AbsorbedFailure => "absorbed-failure",
            Self::LoggedException => "logged-exception",
            Self::RareRootCause => "rare-root-cause",
            Self::MixShift => "mix-shift",
            Self::Retries => "retries",
            Self::ToleratedFailures => "tolerated-failures",
            Self::SlowerInside => "slower-inside",
            Self::CallStructure => "call-structure",
            Self::CallCounts => "call-counts",
            Self::ErrorRecords => "error-records",
            Self::EntryPointVanished => "entry-point-vanished",
            Self::EntryPointWithoutData => "entry-point-without-data",
            Self::EntryPointsBeyondBound => "entry-points-beyond-bound",
            Self::TooFewRequests => "too-few-requests",
            Self::BaselineEmpty => "baseline-empty",
            Self::CandidateEmpty => "candidate-empty",
            Self::InputBroken => "input-broken",
            Self::DataQuality => "data-quality",
            Self::NewEntryPoint => "new-entry-point",
            Self::Traffic => "traffic",
            Self::ClientFaults => "client-faults",
            Self::NoPassingBaseline => "no-passing-baseline",
            Self::SameRootCause => "same-root-cause",
            Self::BetterRootCause => "better-root-cause",
            Self::UnseenChange => "unseen-change",
        }
    }

    /// The rule of a code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }

    /// What the built-in policy makes of it.
    #[must_use]
    pub fn default_level(self) -> Level {
        match self {
            Self::NewRootCause
            | Self::WorseRootCause
            | Self::ErrorRate
            | Self::Slower
            | Self::AbsorbedFailure
            | Self::LoggedException => Level::Fail,
            Self::EntryPointVanished
            | Self::EntryPointsBeyondBound
            | Self::TooFewRequests
            | Self::BaselineEmpty
            | Self::CandidateEmpty
            | Self::InputBroken
            | Self::DataQuality => Level::Inconclusive,
            Self::RareRootCause
            | Self::MixShift
            | Self::Retries
            | Self::ToleratedFailures
            | Self::SlowerInside
            | Self::CallStructure
            | Self::CallCounts
            | Self::ErrorRecords
            | Self::EntryPointWithoutData => Level::Warn,
            Self::NewEntryPoint
            | Self::Traffic
            | Self::ClientFaults
            | Self::NoPassingBaseline
            | Self::SameRootCause
            | Self::BetterRootCause
            | Self::UnseenChange => Level::Info,
        }
    }

    /// Whether a policy may let a change go although the rule found something: no data is never "go".
    #[must_use]
    pub fn may_go(self) -> bool {
        !matches!(self, Self::BaselineEmpty | Self::CandidateEmpty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_evidence() {
        for rule in Rule::ALL {
            assert_eq!(Rule::of(rule.code()), Some(rule));
            assert_eq!(serde_json::to_value(rule).expect("JSON"), rule.code());
        }
        assert_eq!(Rule::of("nonsense"), None);
    }
}
