//! What speaks for and against a root cause.

/// One thing that bears on how sure we are. Each is counted over the traces of a root cause.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Point {
    /// The origin marked itself as failed, by status or code.
    Marked,
    /// An exception was told.
    Exception,
    /// A line of the application's own code is known.
    InAppFrame,
    /// Every span from the origin to the entry point is marked as failed.
    MarkedChain,
    /// A span above repeats or wraps what the origin says.
    Repeated,
    /// The call found nobody, and no span of the callee exists.
    NobodyThere,
    /// The origin has no words: its message is the one with which its caller was answered, under the same code.
    CallerWasTold,
    /// The origin is unmarked: only its caller's failure tells of it.
    OnlyCallerTells,
    /// Spans on the way up are unmarked, and none above repeats what the origin says.
    UnmarkedChain,
    /// The chain ends at a span whose parent is not in the input.
    ParentMissing,
    /// Another origin reached the same entry point, or this one's caller failed by another.
    Competing,
    /// The callee answered, or let its caller wait, yet the input has no span of it.
    CalleeUnseen,
    /// The call failed, and its callee's span says that all went well.
    CalleeWell,
    /// Spans that began meanwhile lost their parent: calls in between are missing, and the failure may have come over them.
    HoleBelow,
    /// The origin's time had to be corrected, or lies beyond correction.
    ClockSkew,
    /// The origin lost events before export.
    DroppedEvents,
    /// The place was found by where the time went.
    FoundByTime,
    /// Spans above tell of their failure in other words.
    OtherWords,
    /// The call was answered, and the answer says that nobody is there.
    AnsweredFor,
}

impl Point {
    /// Every point, those that speak for first.
    pub const ALL: [Self; 19] = [
        Self::Marked,
        Self::Exception,
        Self::InAppFrame,
        Self::MarkedChain,
        Self::Repeated,
        Self::NobodyThere,
        Self::CallerWasTold,
        Self::OnlyCallerTells,
        Self::UnmarkedChain,
        Self::ParentMissing,
        Self::Competing,
        Self::CalleeUnseen,
        Self::CalleeWell,
        Self::HoleBelow,
        Self::ClockSkew,
        Self::DroppedEvents,
        Self::FoundByTime,
        Self::OtherWords,
        Self::AnsweredFor,
    ];

    /// Whether it speaks for the cause.
    #[must_use]
    pub fn speaks_for(self) -> bool {
        self < Self::OnlyCallerTells
    }

    /// What it says, to be followed by "in N of M traces".
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Marked => "the span marks itself as failed",
            Self::Exception => "an exception was recorded",
            Self::InAppFrame => "the stack trace leads to a line of the application",
            Self::MarkedChain => "every span from the origin to where the failure ended is marked as failed",
            Self::Repeated => "a span above repeats the origin's message",
            Self::NobodyThere => "the client could not connect, and no span of the callee exists",
            Self::CallerWasTold => {
                "its message is the one with which its caller was answered, under the same code: it recorded none itself"
            }
            Self::OnlyCallerTells => "the span is not marked as failed; only its caller saw the failure",
            Self::UnmarkedChain => "spans on the way up are not marked, and none repeats the origin's message",
            Self::ParentMissing => "the way up ends at a span whose parent is not in the input",
            Self::Competing => "another failure in the same request may have decided",
            Self::CalleeUnseen => "the callee sent no spans: the failure may have begun further down",
            Self::CalleeWell => "the call failed, and the callee's span says that all went well",
            Self::HoleBelow => {
                "spans that began meanwhile lost their parent: the failure may have come over a missing call"
            }
            Self::ClockSkew => "the clocks of caller and callee disagree",
            Self::DroppedEvents => "the SDK dropped events of the span, so an exception may be missing",
            Self::OtherWords => "the spans above tell of their failure in other words",
            Self::AnsweredFor => "the call was answered with HTTP 502 or 503, and nobody behind that answer is seen",
            Self::FoundByTime => "no span failed below the call: the place was found by where the time went",
        }
    }
}

/// A set of [`Point`]s.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Points(u32);

impl Points {
    /// Adds `point` when it `holds`.
    pub fn set(&mut self, point: Point, holds: bool) {
        self.0 |= u32::from(holds) << point as u16;
    }

    /// Whether `point` is in the set.
    #[must_use]
    pub fn has(self, point: Point) -> bool {
        self.0 & (1 << point as u16) != 0
    }
}
