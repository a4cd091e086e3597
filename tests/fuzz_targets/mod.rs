//! What must hold for any bytes at each door. The fuzzer runs these functions on what it makes up (`fuzz/`), and
//! `tests/fuzz_corpora.rs` on what it once found worth keeping.

#![allow(clippy::expect_used, reason = "a property that does not hold must fail")]

mod analyze;
#[cfg(feature = "serve")]
mod asked;
mod changes;
mod dialects;
mod otlp;
mod requests;
mod spelled;
mod texts;

/// A property that takes any bytes.
pub(crate) type Target = fn(&[u8]);

/// Every target by name.
pub(crate) const TARGETS: &[(&str, Target)] = &[
    ("door", otlp::door),
    ("protobuf", otlp::protobuf),
    ("json", otlp::json),
    ("jaeger", dialects::jaeger),
    ("zipkin", dialects::zipkin),
    ("xray", dialects::xray),
    ("analyze", analyze::analyze),
    ("changes", changes::changes),
    ("requests", requests::requests),
    ("texts", texts::texts),
    #[cfg(feature = "serve")]
    ("asked", asked::asked),
];

/// Runs the target of this name.
#[allow(dead_code, reason = "called by the fuzzer alone")]
pub(crate) fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of this name");
    target(bytes);
}
