//! The facts of a window without what is secret. Evidence is made of them, so that no sentence quotes, and cuts, a secret.

use crate::analyze::stack::frame::Frame;
use crate::analyze::told::ToldException;
use crate::facts::cause::{CauseFacts, OperationName};
use crate::facts::property::{Property, PropertyKey};
use crate::facts::sample::Sample;
use crate::facts::window::WindowFacts;
use crate::ordered::set::OrderedSet;
use crate::redact::redactor::{OfKey, Redactor, Told};
use crate::shared_sort::SharedSort;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

impl Redactor {
    /// Takes out of all names and texts what is secret: first of the root causes, in the order in which evidence ranks
    /// them.
    #[must_use]
    pub fn window(&self, mut facts: WindowFacts) -> WindowFacts {
        let mut names = NamesOf { redactor: self, known: HashMap::new() };
        let mut renamed_origins = OrderedSet::new();
        let mut causes: Vec<(&String, &mut CauseFacts)> = facts.causes.iter_mut().collect();
        causes.shared_sort_by_key(|(signature, cause)| (cause.place(), *signature));
        for (_, cause) in causes {
            names.sample(&mut cause.sample);
            cause.began_at.rename(|at| {
                let renamed = names.operation(at.clone());
                if renamed != at {
                    renamed_origins.insert(renamed.clone());
                }
                renamed
            });
            cause.names = std::mem::take(&mut cause.names).into_iter().map(|name| names.of(name)).collect();
            cause.statements.rename(|statement| names.of(statement));
            cause.failed_entries.rename(|entry| names.operation(entry));
            cause.degraded_entries.rename(|entry| names.operation(entry));
            cause.asked_by.rename(|entry| names.operation(entry));
        }
        facts.renamed_origins = renamed_origins;
        facts.rename(|name| names.of(name));
        let mut has_changed = false;
        // They are in the order of their keys.
        let mut last: Option<(Arc<PropertyKey>, Arc<PropertyKey>, OfKey)> = None;
        for Property { of, value } in &mut facts.requests.properties {
            if last.as_ref().is_none_or(|(known, ..)| known != of) {
                let mut named = PropertyKey::clone(of);
                let is_other = names.name(&mut named.service);
                let named = if is_other { Arc::new(named) } else { Arc::clone(of) };
                last = Some((Arc::clone(of), named, self.of_key(&of.key)));
            }
            let Some((known, named, of_key)) = &last else { continue };
            has_changed |= !Arc::ptr_eq(known, named);
            *of = Arc::clone(named);
            if let Cow::Owned(redacted) = self.value(*of_key, value) {
                *value = redacted;
                has_changed = true;
            }
        }
        if has_changed {
            facts.requests.settle(|_| true);
        }
        facts.running.rename_values(|key, value| self.attribute(key, &value).into_owned());
        facts
    }
}

/// Names come again and again: each is looked through once.
struct NamesOf<'r> {
    redactor: &'r Redactor,
    /// What is left of each, where something was taken out.
    known: HashMap<String, Option<String>>,
}

impl NamesOf<'_> {
    fn of(&mut self, mut name: String) -> String {
        self.name(&mut name);
        name
    }

    /// Whether something was taken out.
    fn name(&mut self, name: &mut String) -> bool {
        if !self.known.contains_key(name.as_str()) {
            let redacted = match self.redactor.text(name) {
                Cow::Owned(redacted) => Some(redacted),
                Cow::Borrowed(_) => None,
            };
            self.known.insert(name.clone(), redacted);
        }
        let Some(Some(redacted)) = self.known.get(name.as_str()) else { return false };
        name.clone_from(redacted);
        true
    }

    fn operation(&mut self, OperationName { service, operation }: OperationName) -> OperationName {
        OperationName { service: self.of(service), operation: self.of(operation) }
    }

    fn at(&mut self, OperationName { service, operation }: &mut OperationName) {
        self.name(service);
        self.name(operation);
    }

    fn sample(&mut self, sample: &mut Sample) {
        let Sample { at, span_name, peer, callee, exception, text, path, picture, key, .. } = sample;
        self.at(at);
        self.name(span_name);
        if let Some(peer) = peer {
            self.name(peer);
        }
        if let Some(callee) = callee {
            callee.texts_mut().into_iter().for_each(|text| {
                self.name(text);
            });
        }
        if let Some(exception) = exception {
            self.exception(exception);
        }
        if let Some(text) = text {
            self.redactor.replace(text, Told::ByTelemetry);
        }
        for part in key {
            self.redactor.replace(&mut part.value, Told::ByTelemetry);
        }
        for step in path {
            self.at(&mut step.at);
            self.name(&mut step.span_name);
        }
        if let Some(picture) = picture {
            picture.rename(|name| self.operation(name));
        }
    }

    fn exception(&mut self, exception: &mut ToldException) {
        let ToldException { kind, class, message, stacktrace, frame, in_app, calls, causes } = exception;
        for text in [kind, class, message, stacktrace] {
            self.redactor.replace(text, Told::ByTelemetry);
        }
        self.frames(frame.iter_mut().chain(in_app).chain(calls));
        for cause in causes {
            for text in [&mut cause.kind, &mut cause.message] {
                self.redactor.replace(text, Told::ByTelemetry);
            }
            self.frames(cause.frame.iter_mut().chain(&mut cause.in_app));
        }
    }

    fn frames<'f>(&mut self, frames: impl IntoIterator<Item = &'f mut Frame>) {
        for frame in frames {
            for text in [&mut frame.file, &mut frame.function, &mut frame.package] {
                *text = self.of(std::mem::take(text).into_string()).into_boxed_str();
            }
        }
    }
}
