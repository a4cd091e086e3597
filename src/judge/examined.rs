//! What the doctor looks at, and what the several looks share.

use crate::facts::input::InputFacts;
use crate::facts::telemetry::TelemetryFacts;
use crate::facts::window::WindowFacts;
use crate::judge::evidence::Quality;

/// The facts of one capture, and how they were graded.
#[derive(Clone, Copy)]
pub(crate) struct Examined<'f> {
    pub(crate) window: &'f WindowFacts,
    pub(crate) telemetry: &'f TelemetryFacts,
    pub(crate) input: &'f InputFacts,
    pub(crate) quality: &'f Quality,
}

impl Examined<'_> {
    /// The sentence that the evidence has for a code; empty when it has none.
    pub(crate) fn told(&self, code: &str) -> String {
        let known = self.quality.defects.iter().find(|defect| defect.code == code);
        known.map_or_else(String::new, |defect| defect.sentence.clone())
    }
}

/// How many names a note holds.
const NAMED: usize = 3;

/// `a, b, c and 2 more`.
pub(crate) fn some_of(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
