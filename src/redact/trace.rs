//! The facts of one trace without what is secret.

use crate::facts::trace::{SpanFacts, TraceFacts};
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::redact::class::Class;
use crate::redact::placeholder::told;
use crate::redact::redactor::{Redactor, Told};

impl Redactor {
    /// Takes out of all names and texts what is secret, and tells how much that was.
    #[must_use]
    pub fn trace(&self, mut facts: TraceFacts) -> TraceFacts {
        let mut counted = Counted::default();
        for span in &mut facts.spans {
            for text in texts(span) {
                self.replace(text, Told::ByTelemetry);
                counted.add(text, self);
            }
            for (key, value) in &mut span.attributes {
                *value = self.attribute(key, value).into_owned();
                self.replace(key, Told::ByTelemetry);
                counted.add(key, self);
                counted.add(value, self);
            }
            for flag in &mut span.flags {
                if let Some((key, variant)) = flag.split_once('=') {
                    *flag = format!("{}={}", self.text(key), self.attribute(key, variant));
                }
                counted.add(flag, self);
            }
        }
        facts.redacted = counted.iter().map(|(class, places, values)| (class.code(), places, values)).collect();
        facts
    }
}

/// Every text of a span but the values of attributes and flags, which mean more with their keys.
fn texts(span: &mut SpanFacts) -> impl Iterator<Item = &mut String> {
    let SpanFacts { service, operation, span_name, message, exceptions, error_logs, .. } = span;
    let exceptions = exceptions.iter_mut();
    let exceptions = exceptions.flat_map(|it| [&mut it.kind, &mut it.message].into_iter().chain(&mut it.frame));
    [service, operation, span_name].into_iter().chain(message).chain(exceptions).chain(error_logs)
}

/// How often each class stands in a document, and with how many values.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    of: OrderedMap<Class, (u64, OrderedSet<u32>)>,
}

impl Counted {
    /// Counts the placeholders of a text; those that the redactor never gave are the telemetry's own.
    pub(crate) fn add(&mut self, text: &str, redactor: &Redactor) {
        if !text.contains('#') {
            return;
        }
        for (class, ordinal) in told(text) {
            if (1..=redactor.met(class)).contains(&ordinal) {
                let (places, values) = self.of.entry(class).or_default();
                *places += 1;
                values.insert(ordinal);
            }
        }
    }

    /// Class, places, different values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Class, u64, u64)> {
        self.of.iter().map(|(&class, (places, values))| (class, *places, values.len() as u64))
    }
}
