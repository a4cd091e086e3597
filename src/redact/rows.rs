//! The tables `spans` and `traces` without what is secret: rows on their way to where they are kept.

use crate::facts::rows::{RowStore, Rows};
use crate::facts::tables::TableError;
use crate::model::names::Names;
use crate::redact::redactor::Redactor;
use std::borrow::Cow;
use std::sync::OnceLock;

/// Hands rows on to another store, with names out of which secrets were taken.
pub(crate) struct RedactedRows<'s> {
    store: &'s dyn RowStore,
    redactor: &'s Redactor,
    /// The names as they are shown; `None` when none of them changes.
    names: OnceLock<Option<Names>>,
}

impl Redactor {
    /// A store that takes out of names and exception types what is secret before `store` gets them.
    pub(crate) fn rows<'s>(&'s self, store: &'s dyn RowStore) -> RedactedRows<'s> {
        RedactedRows { store, redactor: self, names: OnceLock::new() }
    }
}

impl RedactedRows<'_> {
    /// Names in their own order, so that ordinals do not depend on which thread met them first. All names are known before
    /// the first row comes.
    fn shown<'n>(&'n self, names: &'n Names) -> &'n Names {
        let shown = self.names.get_or_init(|| {
            let mut secret: Vec<&str> =
                names.texts().filter(|text| self.redactor.first_class(text).is_some()).collect();
            secret.sort_unstable();
            secret.iter().for_each(|text| drop(self.redactor.text(text)));
            let other = |text: &str| match self.redactor.text(text) {
                Cow::Owned(other) => Some(other),
                Cow::Borrowed(_) => None,
            };
            (!secret.is_empty()).then(|| names.renamed(other))
        });
        shown.as_ref().unwrap_or(names)
    }
}

impl RowStore for RedactedRows<'_> {
    fn add(&self, number: usize, mut rows: Rows, names: &Names) -> Result<(), TableError> {
        for exception in rows.spans.iter_mut().filter_map(|row| row.exception.as_mut()) {
            // Types come in the order of threads: an ordinal would depend on it.
            if let Some(class) = self.redactor.first_class(exception) {
                *exception = format!("[{class}]").into_boxed_str();
            }
        }
        self.store.add(number, rows, self.shown(names))
    }

    fn finish(&self, names: &Names) -> Result<(), TableError> {
        self.store.finish(self.shown(names))
    }
}
