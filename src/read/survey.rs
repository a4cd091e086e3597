//! Counts what each service sent, while its records pass: for `whyspan doctor`.

use crate::model::names::Names;
use crate::model::sent::Sent;
use crate::model::span::SEVERITY_ERROR;
use crate::model::sym::Sym;
use crate::model::time::{Interval, Nanos};
use crate::ordered::map::OrderedMap;
use crate::read::log_parts::LogParts;
use crate::read::resource_parts::ResourceParts;
use crate::read::sampling_parts::{ot_pairs, weight};
use crate::read::semconv::Key;
use crate::read::span_parts::SpanParts;

/// The W3C flag of a trace that was sampled, of spans and log records.
const SAMPLED: u32 = 1;

/// The W3C flag of a trace id that is random in its last 7 bytes.
const RANDOM: u32 = 2;

/// The flags that say that the parent is known to lie in another process (`SpanFlags` of the OTLP trace proto).
const REMOTE_PARENT: u32 = 0x300;

/// What each service sent, as far as one thread has read it. Counts of several threads add up.
#[derive(Debug, Default)]
pub struct Survey {
    services: OrderedMap<Sym, Sent>,
}

impl Survey {
    /// Counts a span that was handed on.
    pub(crate) fn span(&mut self, resource: &ResourceParts, parts: &SpanParts<'_>, names: &Names) {
        // A part of a span that is not known yet has no service of its own, and comes in a dialect that tells none of this.
        if resource.service.is_empty() {
            return;
        }
        let sent = self.services.entry(resource.service).or_default();
        sent.spans += 1;
        if !resource.language.is_empty() {
            sent.languages.add(names.text(resource.language), 1);
        }
        sent.dropped_attributes.add(parts.dropped_attributes);
        sent.dropped_events.add(parts.dropped_events);
        sent.dropped_links.add(parts.dropped_links);
        let sampling = &mut sent.sampling;
        if let Some(weight) = weight(&parts.trace_state, &parts.attributes) {
            sampling.add_weight(weight);
        }
        sampling.own_randomness += u64::from(ot_pairs(&parts.trace_state).any(|(key, _)| key == "rv"));
        sampling.flagged += u64::from(parts.trace_flags != 0);
        sampling.random += u64::from(parts.trace_flags & RANDOM != 0);
        sampling.remote_parent += u64::from(parts.trace_flags & REMOTE_PARENT == REMOTE_PARENT);
        sampling.forced += u64::from(parts.attributes.integer(&[Key::SamplingPriority]).is_some_and(|it| it > 0));
    }

    /// Counts a log record, whether it is handed on or not.
    pub(crate) fn log(&mut self, resource: &ResourceParts, parts: &LogParts<'_>) {
        let logs = &mut self.services.entry(resource.service).or_default().logs;
        let severity = parts.severity();
        let error = severity >= SEVERITY_ERROR || parts.tells_exception();
        let outside = parts.trace.is_none();
        logs.records += 1;
        logs.in_traces += u64::from(!outside);
        logs.errors += u64::from(error);
        logs.errors_outside += u64::from(error && outside);
        // A flag evaluation is an event, and events need no severity.
        logs.without_severity += u64::from(severity == 0 && !parts.attributes.has(Key::FlagKey));
        logs.sampled += u64::from(!outside && parts.trace_flags & SAMPLED != 0);
        let time = parts.best_time();
        if time != Nanos::default() {
            logs.time = Interval::of_both(logs.time, Some(Interval { start: time, end: time }));
        }
    }

    /// What was counted, by service.
    #[must_use]
    pub fn finish(self, names: &Names) -> OrderedMap<String, Sent> {
        self.services.into_iter().map(|(service, sent)| (names.text(service).to_owned(), sent)).collect()
    }
}
