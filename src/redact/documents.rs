//! Evidence and checkups without what is secret, and what they say of it.
//!
//! Evidence is made of facts that were redacted before. It is looked through again, text by text, so that no part of it
//! can be forgotten.

use crate::facts::input::InputFacts;
use crate::judge::checkup::Checkup;
use crate::judge::evidence::Evidence;
use crate::judge::redaction::{Redacted, Redaction};
use crate::model::change_event::ChangeEvent;
use crate::redact::redactor::{Redactor, Told};
use crate::redact::trace::Counted;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;

/// Members that hold codes, ids and times of whyspan's own, and words of its own without anything of the telemetry.
const OWN: [&str; 24] = [
    "schema",
    "policy",
    "command",
    "code",
    "severity",
    "refs",
    "decision",
    "result",
    "grade",
    "start",
    "end",
    "signature",
    "family",
    "part",
    "role",
    "effect",
    "change",
    "level",
    "trace_id",
    "span_id",
    "weakens",
    "advice",
    "redaction",
    "compression",
];

impl Redactor {
    /// Takes out of the messages about the input, and of the names of files, what is secret.
    #[must_use]
    pub fn input(&self, mut input: InputFacts) -> InputFacts {
        for text in input.files.iter_mut().map(|file| &mut file.name).chain(&mut input.messages) {
            self.replace(text, Told::ByTelemetry);
        }
        input
    }

    /// Takes out of announced changes what is secret.
    #[must_use]
    pub fn changes(&self, mut changes: Vec<ChangeEvent>) -> Vec<ChangeEvent> {
        for change in &mut changes {
            let ChangeEvent { key, from, to, service, environment, actor, link, detail, source, .. } = change;
            for value in [from, to].into_iter().flatten() {
                *value = self.attribute(key, value).into_owned();
            }
            for text in [service, environment, actor, link, detail].into_iter().flatten() {
                self.replace(text, Told::ByTelemetry);
            }
            [key, source].into_iter().for_each(|text| self.replace(text, Told::ByTelemetry));
        }
        changes
    }

    /// Looks once more through evidence that was made of redacted facts, and tells in it what was taken out.
    #[must_use]
    pub fn evidence(&self, evidence: Evidence) -> Evidence {
        let (mut evidence, redaction) = self.document(evidence);
        evidence.redaction = redaction;
        evidence
    }

    /// Takes out of a checkup what is secret, and tells in it what that was.
    #[must_use]
    pub fn checkup(&self, checkup: Checkup) -> Checkup {
        let (mut checkup, redaction) = self.document(checkup);
        checkup.redaction = redaction;
        checkup
    }

    fn document<T: Serialize + DeserializeOwned>(&self, document: T) -> (T, Redaction) {
        let mut counted = Counted::default();
        let value = serde_json::to_value(&document).ok();
        let redacted = value.and_then(|mut value| {
            let changed = self.texts_of(&mut value, &mut counted);
            changed.then(|| serde_json::from_value(value).ok()).flatten()
        });
        let counts = counted.iter().map(|(class, count, values)| Redacted { class: class.to_string(), count, values });
        let classes = self.rules().classes().map(|class| class.to_string()).collect();
        (redacted.unwrap_or(document), Redaction { classes, counts: counts.collect() })
    }

    /// Redacts and counts every text in a document; true when one changed.
    fn texts_of(&self, value: &mut Value, counted: &mut Counted) -> bool {
        let mut changed = false;
        // Last in, first out: members are put down in reverse, so that texts come in the order of the document.
        let mut open = vec![value];
        while let Some(value) = open.pop() {
            match value {
                Value::String(text) => {
                    if let Cow::Owned(redacted) = self.told(text, Told::InSentence) {
                        *text = redacted;
                        changed = true;
                    }
                    counted.add(text, self);
                }
                Value::Array(items) => open.extend(items.iter_mut().rev()),
                Value::Object(members) => {
                    let told = members.iter_mut().filter(|(key, _)| !OWN.contains(&key.as_str()));
                    let told: Vec<&mut Value> = told.map(|(_, value)| value).collect();
                    open.extend(told.into_iter().rev());
                }
                _ => {}
            }
        }
        changed
    }
}
