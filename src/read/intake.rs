//! Where decoded records pass on their way to the sink: counts them, and tells what cannot be used.

use crate::model::attribute_value::AttributeValue;
use crate::model::bounds::NAME_BYTES;
use crate::model::sym::Sym;
use crate::read::attributes::{Attributes, Value};
use crate::read::cut_texts;
use crate::read::file_report::{FileReport, Skipped};
use crate::read::known::Known;
use crate::read::log_parts::LogParts;
use crate::read::options::ReadOptions;
use crate::read::resource_parts::{self, ResourceParts};
use crate::read::signal::Signal;
use crate::read::sink::Sink;
use crate::read::span_parts::SpanParts;
use crate::read::text::{capped, lossy};

/// How many attributes of one record are kept for the user.
const KEPT_ATTRIBUTES: usize = 128;

/// The longest attribute value that is kept for the user, in bytes.
const KEPT_BYTES: usize = 16 << 10;

/// A place in a record at which something other than what was expected stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Malformed {
    /// Bytes from the record's start.
    pub(crate) at: usize,
    /// What should stand there.
    pub(crate) expected: &'static str,
}

/// The way from decoders to the sink, with what they share while one input is read.
pub(crate) struct Intake<'s, S: Sink> {
    pub(crate) sink: &'s mut S,
    pub(crate) options: &'s ReadOptions,
    pub(crate) report: &'s mut FileReport,
    /// What a record is in this format.
    pub(crate) unit: &'static str,
    /// The record that is being read, counted from 1.
    pub(crate) record: u64,
    /// Where that record starts, in decompressed bytes.
    pub(crate) offset: u64,
    /// What the last protobuf block of the record held: the guess for one that does not tell.
    pub(crate) last_signal: Signal,
    resource: ResourceParts,
    known: &'s mut Known,
    scratch: Vec<u8>,
    /// How many names had been cut when it was told last.
    told_names: u64,
    /// Whether the record, or its resource, has more for the user than is kept.
    left_out: bool,
}

impl<'s, S: Sink> Intake<'s, S> {
    /// An intake that has read nothing yet.
    pub(crate) fn new(
        sink: &'s mut S,
        options: &'s ReadOptions,
        report: &'s mut FileReport,
        unit: &'static str,
        known: &'s mut Known,
    ) -> Self {
        let told_names = sink.names().cut();
        Self {
            sink,
            options,
            report,
            unit,
            record: 0,
            offset: 0,
            last_signal: Signal::default(),
            resource: ResourceParts::default(),
            known,
            scratch: Vec::new(),
            told_names,
            left_out: false,
        }
    }

    /// Starts the next record.
    pub(crate) fn begin(&mut self, record: u64, offset: u64) {
        self.record = record;
        self.offset = offset;
        self.last_signal = Signal::default();
        self.report.records += 1;
    }

    /// Tells of something that was left out. `at` counts from the record's start.
    pub(crate) fn skip(&mut self, at: usize, reason: impl Into<String>) {
        self.report.skipped_total += 1;
        if self.report.skipped.len() < self.options.max_told {
            let told = self.told(at, reason.into());
            self.report.skipped.push(told);
        }
    }

    /// Tells of a record, or the rest of one, that is not what its format asks for.
    pub(crate) fn skip_malformed(&mut self, what: &str, wrong: Malformed) {
        self.skip(wrong.at, format!("{what} left out: expected {}; export it again", wrong.expected));
    }

    /// Tells of a record that was kept without a part of it.
    pub(crate) fn mend(&mut self, at: usize, reason: impl Into<String>) {
        self.report.mended_total += 1;
        if self.report.mended.len() < self.options.max_told {
            let told = self.told(at, reason.into());
            self.report.mended.push(told);
        }
    }

    /// Tells of a part that was left out of a record, as it is not what its format asks for.
    #[cold]
    pub(crate) fn mend_malformed(&mut self, what: &str, wrong: Malformed) {
        self.mend(wrong.at, format!("{what} left out: expected {}; export it again", wrong.expected));
    }

    /// Tells what of a record was cut or left out, besides what is a matter of its dialect.
    #[inline]
    fn tell_cuts(&mut self, record: &str, at: usize, text: Option<String>) {
        let names = self.sink.names().cut();
        if names != self.told_names || self.left_out || text.is_some() {
            self.tell_each(record, at, names != self.told_names, text);
            self.told_names = names;
        }
    }

    #[cold]
    fn tell_each(&mut self, record: &str, at: usize, name: bool, text: Option<String>) {
        let longest = NAME_BYTES >> 10;
        let name = name.then(|| {
            format!("{record} kept with the start of a name that is longer than {longest} KiB; names that start alike are one")
        });
        let left_out = std::mem::take(&mut self.left_out).then(|| {
            let (each, all) = (KEPT_BYTES >> 10, resource_parts::KEPT_BYTES >> 10);
            format!(
                "{record} kept with less of the attributes asked for; the limits are {KEPT_ATTRIBUTES}, {each} KiB of each, and \
                 {all} KiB of those of a resource"
            )
        });
        [name, left_out, text].into_iter().flatten().for_each(|reason| self.mend(at, reason));
    }

    /// Says nothing of what was cut of a record that is left out as a whole: the next one is not to be told in its place.
    #[cold]
    pub(crate) fn forget_cuts(&mut self) {
        (self.told_names, self.left_out) = (self.sink.names().cut(), false);
    }

    /// Reads a resource by `read` within a record that was read in part already: of what is cut meanwhile the resource is told, and
    /// of what had been cut before the record.
    pub(crate) fn resource_within<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let (of_record, left_out) = (self.sink.names().cut().saturating_sub(self.told_names), self.left_out);
        self.forget_cuts();
        let outcome = read(self);
        (self.told_names, self.left_out) = (self.sink.names().cut().saturating_sub(of_record), left_out);
        outcome
    }

    fn told(&self, at: usize, reason: String) -> Skipped {
        Skipped { unit: self.unit, record: self.record, offset: self.offset + at as u64, reason }
    }

    /// Takes up the resource that the next records belong to.
    pub(crate) fn resource(&mut self, attributes: &Attributes<'_>, kept: &mut Vec<(Sym, AttributeValue)>) {
        // What requests are compared by is kept once, with the resource; what the user asked for, with each of its spans.
        let compared = if self.options.keeps_requests_alone() { std::mem::take(kept) } else { Vec::new() };
        self.resource = resource_parts::resource(attributes, compared, self.sink.names());
        let asked_for = kept.len();
        self.resource.kept = resource_parts::bounded(std::mem::take(kept));
        self.left_out |= self.resource.kept.len() < asked_for;
        self.report.no_service_name += u64::from(!self.resource.named);
        self.tell_cuts("resource", 0, None);
    }

    /// Takes up the resource that these bytes are, if it was read before; else `read` reads it, and does with it what
    /// [`Self::resource`] does.
    pub(crate) fn resource_of<E>(
        &mut self,
        bytes: &[u8],
        read: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(parts) = self.known.resources.get(bytes) {
            self.resource.clone_from(parts);
            self.report.no_service_name += u64::from(!self.resource.named);
            return Ok(());
        }
        // What must be told each time is read each time.
        let told = |intake: &mut Self| (intake.report.mended_total, intake.sink.names().beyond_bound());
        let before = told(self);
        read(self)?;
        if told(self) == before {
            self.known.resources.put(bytes, &self.resource);
        }
        Ok(())
    }

    /// The resource that was taken up last.
    pub(crate) fn current_resource(&self) -> &ResourceParts {
        &self.resource
    }

    /// Takes up a resource that was read before.
    pub(crate) fn use_resource(&mut self, resource: ResourceParts) {
        self.resource = resource;
    }

    /// Whether any attribute is to be kept.
    pub(crate) fn keeps_any(&self) -> bool {
        !self.options.keep_attributes.is_empty() || self.options.request_attributes
    }

    /// Keeps an attribute value as text, if its key is one that is kept.
    pub(crate) fn keep(&mut self, key: &[u8], value: &Value<'_>, kept: &mut Vec<(Sym, AttributeValue)>) {
        let is_full = kept.len() >= KEPT_ATTRIBUTES;
        // Of what requests are compared by, a part will do.
        if is_full && self.options.keeps_requests_alone() {
            return;
        }
        let (options, names) = (self.options, self.sink.names());
        let decide = || {
            let key = lossy(key);
            options.keeps(&key).then(|| names.intern(&key))
        };
        let Some(key) = self.known.keys.kept(key, decide) else { return };
        if options.keeps_requests_alone() {
            if let Some(value) = self.known.values.compared(key, value, names) {
                kept.push((key.name, value));
            }
            return;
        }
        if is_full {
            self.left_out = true;
            return;
        }
        let value = capped(&value.text(KEPT_BYTES), KEPT_BYTES);
        self.left_out |= value.len() > KEPT_BYTES;
        kept.push((key.name, AttributeValue::Text(value)));
    }

    /// Hands a span on, or tells why not. `at` is where it starts in the record.
    pub(crate) fn span(&mut self, parts: &mut SpanParts<'_>, at: usize) {
        match parts.finish(&self.resource, self.sink.names(), &mut self.scratch) {
            Ok(span) => {
                self.report.spans += 1;
                self.report.saw(span.time.start);
                if let Some((survey, names)) = self.sink.survey() {
                    survey.span(&self.resource, parts, names);
                }
                let cut = span.detail.as_deref().and_then(cut_texts::of_span);
                self.sink.span(span);
                self.tell_cuts("span", at, cut);
                if let Some(reason) = parts.left_out() {
                    self.mend(at, reason);
                }
                if let Some((field, found)) = parts.wrong_reference.take() {
                    self.mend(at, format!("span kept without its {field}, which is {found}; expected a span id"));
                }
            }
            Err(reason) => {
                self.forget_cuts();
                self.skip(at, reason);
            }
        }
    }

    /// Hands a log record on if it matters. `at` is where it starts in the record.
    pub(crate) fn log(&mut self, parts: &mut LogParts<'_>, at: usize) {
        self.report.saw(parts.best_time());
        self.report.logs += u64::from(self.options.looks_at(parts.best_time()));
        self.sink.saw_log(parts.best_time());
        if let Some((field, found)) = parts.wrong_id.take() {
            self.mend(at, format!("log record kept without its {field}, which is {found}; expected an id"));
        }
        if let Some((survey, _)) = self.sink.survey() {
            survey.log(&self.resource, parts);
        }
        if let Some(log) = parts.finish(&self.resource, self.sink.names()) {
            self.report.logs_kept += 1;
            let cut = cut_texts::of_log(&log);
            self.sink.log(log);
            self.tell_cuts("log record", at, cut);
        }
    }
}

#[cfg(test)]
mod tests;
