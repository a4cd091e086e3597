//! What happened so far, in numbers, for `/metrics` and the status.

use crate::serve::keeper::BeingWritten;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counts since the start, and what is there now.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Spans that were acknowledged.
    pub(crate) spans: AtomicU64,
    /// Log records that were acknowledged.
    pub(crate) logs: AtomicU64,
    /// Records that were rejected one by one.
    pub(crate) rejected: AtomicU64,
    /// Metric data points that were rejected: none are kept.
    pub(crate) data_points: AtomicU64,
    /// Requests that were acknowledged.
    pub(crate) requests: AtomicU64,
    /// Requests that could not be decoded.
    pub(crate) invalid: AtomicU64,
    /// Requests that were told to come again.
    pub(crate) refused: AtomicU64,
    /// Requests without a token, or with one of another scope.
    pub(crate) unauthorised: AtomicU64,
    /// Requests that were kept before.
    pub(crate) repeated: AtomicU64,
    /// Bytes of requests that were written to the store.
    pub(crate) kept_bytes: AtomicU64,
    /// Bytes of the store.
    pub(crate) store_bytes: AtomicU64,
    /// Segments of the store.
    pub(crate) segments: AtomicU64,
    /// Segments that retention removed.
    pub(crate) segments_removed: AtomicU64,
    /// Segments that were packed.
    pub(crate) segments_packed: AtomicU64,
    /// Segments that were thinned.
    pub(crate) segments_thinned: AtomicU64,
    /// Bytes of the segments of which everything is there.
    pub(crate) whole_bytes: AtomicU64,
    /// Bytes of the files of hours.
    pub(crate) facts_bytes: AtomicU64,
    /// Traces that wait to be analysed.
    pub(crate) open_traces: AtomicU64,
    /// Traces that were analysed, again for each time.
    pub(crate) analysed: AtomicU64,
    /// Spans that came after their trace was analysed.
    pub(crate) late_spans: AtomicU64,
    /// Bytes that live analysis holds, about.
    pub(crate) live_bytes: AtomicU64,
    /// How long the oldest trace waits beyond its quiet time, in milliseconds.
    pub(crate) lag_ms: AtomicU64,
    /// Bytes of requests that are being received.
    pub(crate) receiving_bytes: AtomicU64,
    /// How often all that was due was done to the store.
    pub(crate) upkeep_rounds: AtomicU64,
    /// Whether the store cannot be packed, thinned or emptied.
    upkeep_failing: AtomicU64,
    /// The segment that requests go to: said before they are acknowledged.
    pub(crate) being_written: Mutex<BeingWritten>,
    failing: AtomicBool,
    failure: Mutex<Option<String>>,
}

impl Counters {
    /// The disk takes what is written.
    pub(crate) fn disk_is_fine(&self) {
        if self.failing.swap(false, Ordering::Relaxed) {
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = None;
            tracing::info!("the store can be written to again");
        }
    }

    /// The disk does not take what is written, in words.
    pub(crate) fn disk_is_failing(&self, told: &str) {
        if !self.failing.swap(true, Ordering::Relaxed) {
            tracing::error!("{told}");
        }
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(told.to_owned());
    }

    /// All that was due was done to the store.
    pub(crate) fn upkeep_is_fine(&self) {
        self.upkeep_rounds.fetch_add(1, Ordering::Relaxed);
        if self.upkeep_failing.swap(0, Ordering::Relaxed) > 0 {
            tracing::info!("the store can be looked after again");
        }
    }

    /// The store cannot be looked after, in words. What comes is kept all the same, as long as the disk takes it.
    pub(crate) fn upkeep_is_failing(&self, told: &str) {
        if self.upkeep_failing.swap(1, Ordering::Relaxed) == 0 {
            tracing::error!("{told}");
        }
    }

    /// Whether the store cannot be looked after.
    pub(crate) fn is_upkeep_failing(&self) -> bool {
        self.upkeep_failing.load(Ordering::Relaxed) > 0
    }

    /// Why nothing can be kept, if so.
    pub(crate) fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All numbers in the text format of Prometheus.
    pub(crate) fn to_prometheus(&self) -> String {
        let counts = [
            ("whyspan_received_spans_total", "Spans that were acknowledged", &self.spans),
            ("whyspan_received_log_records_total", "Log records that were acknowledged", &self.logs),
            ("whyspan_rejected_records_total", "Records that were rejected one by one", &self.rejected),
            ("whyspan_rejected_data_points_total", "Metric data points: none are kept", &self.data_points),
            ("whyspan_requests_total", "Requests that were acknowledged", &self.requests),
            ("whyspan_invalid_requests_total", "Requests that could not be decoded", &self.invalid),
            ("whyspan_refused_requests_total", "Requests that were told to come again", &self.refused),
            ("whyspan_unauthorised_requests_total", "Requests without the right token", &self.unauthorised),
            ("whyspan_repeated_requests_total", "Requests that were kept before", &self.repeated),
            ("whyspan_kept_bytes_total", "Bytes of requests that were written to the store", &self.kept_bytes),
            ("whyspan_removed_segments_total", "Segments that retention removed", &self.segments_removed),
            ("whyspan_packed_segments_total", "Segments that were compressed together", &self.segments_packed),
            ("whyspan_thinned_segments_total", "Segments of which only some traces were left", &self.segments_thinned),
            ("whyspan_store_upkeep_total", "How often all that was due was done to the store", &self.upkeep_rounds),
            ("whyspan_analysed_traces_total", "Traces that were analysed, again for each time", &self.analysed),
            ("whyspan_late_spans_total", "Spans that came after their trace was analysed", &self.late_spans),
        ];
        let levels = [
            ("whyspan_store_bytes", "Bytes of the store", &self.store_bytes),
            ("whyspan_store_whole_bytes", "Bytes of segments that hold everything", &self.whole_bytes),
            ("whyspan_store_facts_bytes", "Bytes of the files of hours", &self.facts_bytes),
            ("whyspan_store_upkeep_failing", "Whether the store cannot be looked after", &self.upkeep_failing),
            ("whyspan_store_segments", "Segments of the store", &self.segments),
            ("whyspan_open_traces", "Traces that wait to be analysed", &self.open_traces),
            ("whyspan_live_bytes", "Bytes that live analysis holds, about", &self.live_bytes),
            (
                "whyspan_analysis_lag_milliseconds",
                "How long the oldest trace waits beyond its quiet time",
                &self.lag_ms,
            ),
            ("whyspan_receiving_bytes", "Bytes of requests that are being received", &self.receiving_bytes),
        ];
        let mut text = String::new();
        let mut put = |kind: &str, list: &[(&str, &str, &AtomicU64)]| {
            for (name, help, number) in list {
                let number = number.load(Ordering::Relaxed);
                // Writing to a string cannot fail.
                let _ = write!(text, "# HELP {name} {help}.\n# TYPE {name} {kind}\n{name} {number}\n");
            }
        };
        put("counter", &counts);
        put("gauge", &levels);
        let failing = u8::from(self.failing.load(Ordering::Relaxed));
        let name = "whyspan_store_failing";
        let _ = write!(
            text,
            "# HELP {name} Whether the store cannot be written to.\n# TYPE {name} gauge\n{name} {failing}\n"
        );
        text
    }
}
