//! What can be odd about the input. Told, never thrown.

/// One sort of oddity. Its code is what the evidence and the pages show.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Defect {
    /// A span names a parent that is not in the input.
    Orphan,
    /// The same span was exported more than once; one copy was kept.
    DuplicateSpan,
    /// Client and server share one span id, as Zipkin has it; they were told apart.
    SharedId,
    /// Different spans of one trace bear the same id; all were kept, children follow the first.
    IdConflict,
    /// A span names itself as its parent; it was made a root.
    SelfParent,
    /// Spans are each other's ancestors; the ring was opened at its earliest span.
    Cycle,
    /// A span ends before it starts; it counts as instantaneous.
    NegativeDuration,
    /// A server span lay outside its caller's time; it was moved into it.
    SkewCorrected,
    /// A server span lies so far outside its caller's time that no correction was tried.
    SkewBeyondBound,
    /// A log record of a trace names a span that is not in the input.
    LogWithoutSpan,
    /// An exception or error record bears no trace id and could not be joined to any request.
    LogWithoutTrace,
    /// A failing span lost events before export (`dropped_events_count`): its exception may be missing.
    DroppedEvents,
    /// A span of a process that does not tell its `service.name`.
    NoServiceName,
    /// A trace failed in so many places that only the first of them were described.
    OriginsNotDescribed,
    /// A trace has so many spans that the last of them were left out.
    SpansBeyondBound,
    /// A trace has so many bytes of messages and stack traces that a span or log record lost its own.
    TextsBeyondBound,
    /// A span wrote so many log records that only the first and last of them were kept.
    LogsBeyondBound,
    /// A name came after so many different ones that it was not stored.
    NamesBeyondBound,
    /// A root cause came after so many different ones that it was counted and not kept.
    CausesBeyondBound,
    /// A request came in at an entry point after so many different ones that it was counted with others.
    EntryPointsBeyondBound,
}

impl Defect {
    /// Every sort, in the order in which they are shown.
    pub const ALL: [Self; 20] = [
        Self::Orphan,
        Self::DuplicateSpan,
        Self::SharedId,
        Self::IdConflict,
        Self::SelfParent,
        Self::Cycle,
        Self::NegativeDuration,
        Self::SkewCorrected,
        Self::SkewBeyondBound,
        Self::LogWithoutSpan,
        Self::LogWithoutTrace,
        Self::DroppedEvents,
        Self::NoServiceName,
        Self::OriginsNotDescribed,
        Self::SpansBeyondBound,
        Self::TextsBeyondBound,
        Self::LogsBeyondBound,
        Self::NamesBeyondBound,
        Self::CausesBeyondBound,
        Self::EntryPointsBeyondBound,
    ];

    /// The stable code of the evidence.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Orphan => "orphan",
            Self::DuplicateSpan => "duplicate-span",
            Self::SharedId => "shared-id",
            Self::IdConflict => "id-conflict",
            Self::SelfParent => "self-parent",
            Self::Cycle => "cycle",
            Self::NegativeDuration => "negative-duration",
            Self::SkewCorrected => "clock-skew-corrected",
            Self::SkewBeyondBound => "clock-skew-beyond-bound",
            Self::LogWithoutSpan => "log-without-span",
            Self::LogWithoutTrace => "log-without-trace",
            Self::DroppedEvents => "dropped-events",
            Self::NoServiceName => "no-service-name",
            Self::OriginsNotDescribed => "origins-not-described",
            Self::SpansBeyondBound => "spans-beyond-bound",
            Self::TextsBeyondBound => "texts-beyond-bound",
            Self::LogsBeyondBound => "logs-beyond-bound",
            Self::NamesBeyondBound => "names-beyond-bound",
            Self::CausesBeyondBound => "causes-beyond-bound",
            Self::EntryPointsBeyondBound => "entry-points-beyond-bound",
        }
    }
}

/// How often each sort of defect was met.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DefectCounts([u64; Defect::ALL.len()]);

impl DefectCounts {
    /// Counts one more.
    pub fn add(&mut self, defect: Defect) {
        self.add_many(defect, 1);
    }

    /// Counts `count` more.
    pub fn add_many(&mut self, defect: Defect, count: u64) {
        self.0[defect as usize] += count;
    }

    /// How often `defect` was met.
    #[must_use]
    pub fn count(&self, defect: Defect) -> u64 {
        self.0[defect as usize]
    }

    /// Adds the counts of another piece of the same capture.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }

    /// The sorts that were met, with their counts, in the order of [`Defect::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Defect, u64)> + '_ {
        Defect::ALL.into_iter().map(|defect| (defect, self.count(defect))).filter(|&(_, count)| count > 0)
    }
}
