//! Kinds of spans.

/// What a span says of its place in a call (`SpanKind` of the OTLP trace proto).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum SpanKind {
    /// Not given.
    #[default]
    Unspecified,
    /// Work inside one service.
    Internal,
    /// Answers a request.
    Server,
    /// Makes a request and waits for the answer.
    Client,
    /// Puts a message on its way.
    Producer,
    /// Takes a message and works on it.
    Consumer,
}

impl SpanKind {
    /// The kind of an OTLP enum value; unknown values are [`SpanKind::Unspecified`].
    #[must_use]
    pub fn from_otlp(value: u64) -> Self {
        match value {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }

    /// The word of the OpenTelemetry specification.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "UNSPECIFIED",
            Self::Internal => "INTERNAL",
            Self::Server => "SERVER",
            Self::Client => "CLIENT",
            Self::Producer => "PRODUCER",
            Self::Consumer => "CONSUMER",
        }
    }

    /// Whether such a span answers somebody: SERVER or CONSUMER.
    #[must_use]
    pub fn takes_work(self) -> bool {
        matches!(self, Self::Server | Self::Consumer)
    }

    /// Whether such a span calls somebody: CLIENT or PRODUCER.
    #[must_use]
    pub fn gives_work(self) -> bool {
        matches!(self, Self::Client | Self::Producer)
    }
}
