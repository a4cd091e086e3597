//! The three sorts of telemetry that one file can hold.

/// What a resource block holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Signal {
    /// Spans.
    #[default]
    Traces,
    /// Log records.
    Logs,
    /// Metrics: counted, not read.
    Metrics,
}

impl Signal {
    /// The signal of a request's member, by its JSON key.
    pub(crate) fn of_request_key(key: &[u8]) -> Option<Self> {
        match key {
            b"resourceSpans" | b"resource_spans" | b"batches" => Some(Self::Traces),
            b"resourceLogs" | b"resource_logs" => Some(Self::Logs),
            b"resourceMetrics" | b"resource_metrics" => Some(Self::Metrics),
            _ => None,
        }
    }

    /// Whether `key` holds the scopes of a resource block.
    pub(crate) fn is_scopes(self, key: &[u8]) -> bool {
        match self {
            Self::Traces => matches!(key, b"scopeSpans" | b"scope_spans"),
            Self::Logs => matches!(key, b"scopeLogs" | b"scope_logs"),
            Self::Metrics => matches!(key, b"scopeMetrics" | b"scope_metrics"),
        }
    }

    /// Whether `key` holds the scopes as they were called before OTLP 0.15: read only when there are no others.
    pub(crate) fn is_old_scopes(self, key: &[u8]) -> bool {
        let (camel, snake, deprecated): (&[u8], &[u8], [&[u8]; 2]) = match self {
            Self::Traces => (
                b"instrumentationLibrarySpans",
                b"instrumentation_library_spans",
                [b"deprecatedScopeSpans", b"deprecated_scope_spans"],
            ),
            Self::Logs => (
                b"instrumentationLibraryLogs",
                b"instrumentation_library_logs",
                [b"deprecatedScopeLogs", b"deprecated_scope_logs"],
            ),
            Self::Metrics => (
                b"instrumentationLibraryMetrics",
                b"instrumentation_library_metrics",
                [b"deprecatedScopeMetrics", b"deprecated_scope_metrics"],
            ),
        };
        key == camel || key == snake || deprecated.contains(&key)
    }

    /// Whether `key` holds the records of a scope.
    pub(crate) fn is_records(self, key: &[u8]) -> bool {
        match self {
            Self::Traces => key == b"spans",
            Self::Logs => matches!(key, b"logRecords" | b"log_records" | b"logs"),
            Self::Metrics => key == b"metrics",
        }
    }
}
