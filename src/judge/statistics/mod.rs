//! Baseline against candidate: tests and intervals as pure functions over counts and sorted durations.
//!
//! Nothing here draws random numbers: the same input gives the same number on every machine. `docs/method.md` says why
//! each method was chosen; `tests/statistics.rs` holds all of them against SciPy, statsmodels and mpmath.

pub mod benjamini_hochberg;
pub mod change_point;
pub mod cliffs_delta;
pub mod clopper_pearson;
pub mod counts;
pub mod fisher;
pub mod holm;
pub mod interval;
pub mod newcombe;
pub mod order_statistic;
pub mod power;
pub mod quantile_difference;
pub mod rate_bound;

mod binomial;
mod hypergeometric;
mod saddle_point;
mod tail;
mod turning_point;
