//! The gate: a candidate window against a baseline window, judged by a policy.
//!
//! ```text
//! two windows ─► causes          the same fault on both sides        ─┐
//!                error_rates     failures of each entry point         │ trials ─► family ─► findings ─► decision
//!                durations       passing requests of each entry point │  p       corrected
//!                inner_failures  failures that callers get over      ─┘
//!                presence        what has too little data, or none   ───────────────────────►
//! ```

pub mod decision;
pub mod judgement;
pub mod sides;

mod cause_findings;
mod causes;
mod counterfactual;
mod durations;
mod error_rates;
mod family;
mod information;
mod inner_failures;
mod mix;
mod presence;
mod ranking;
mod rate;
mod settling;
pub(crate) mod words;
