//! The gate: a candidate window against a baseline window, judged by a policy.
//!
//! ```text
//! two windows ─► causes          the same fault on both sides        ─┐
//!                error_rates     failures of each entry point         │ trials ─► family ─► findings ─► decision
//!                durations       passing requests of each entry point │  p       corrected
//!                inner_failures  failures that callers get over      ─┘
//!                presence        what has too little data, or none   ───────────────────────►
//!                not_told_apart   entry points that are too many, and hide each other's failures ───────────►
//!                shift           slower places, other courses, more calls: what explains slowness, and what no entry
//!                                point shows; against the baseline's own drift, and beside the family
//! ```

pub mod decision;
pub mod judgement;
pub mod sides;

mod call_counts;
mod call_structure;
mod cause_findings;
mod causes;
pub(crate) mod contributions;
mod counterfactual;
mod durations;
mod error_rates;
mod excess;
mod family;
mod information;
mod inner_failures;
mod known_elsewhere;
mod mix;
mod not_told_apart;
mod objectives;
mod presence;
mod ranking;
mod rate;
mod settling;
mod shift;
mod shift_evidence;
mod shift_findings;
mod shift_words;
mod site_pair;
mod slowdown;
mod wire_side;
pub(crate) mod words;
