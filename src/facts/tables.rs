//! Questions to the two tables `spans` and `traces`.
//!
//! Whoever keeps the tables answers them alike: in memory, as Polars frames, as rows of a database.

use crate::model::time::Interval;
use std::error::Error;

/// Why a question has no answer: the store behind it failed.
pub type TableError = Box<dyn Error + Send + Sync>;

/// How often something was done, and how long it took.
#[derive(Clone, PartialEq, Debug)]
pub struct Durations {
    /// How often.
    pub count: u64,
    /// How often it failed.
    pub failed: u64,
    /// Exact median, in nanoseconds.
    pub p50_ns: f64,
    /// Exact 95th percentile, in nanoseconds.
    pub p95_ns: f64,
    /// Exact 99th percentile, in nanoseconds.
    pub p99_ns: f64,
}

/// One operation of a service.
#[derive(Clone, PartialEq, Debug)]
pub struct OperationDurations {
    /// `service.name`.
    pub service: String,
    /// Name of the operation.
    pub operation: String,
    /// `SERVER`, `CLIENT`, `INTERNAL`, `PRODUCER`, `CONSUMER` or `UNSPECIFIED`.
    pub kind: String,
    /// Its spans; failed are those that failed or passed a failure on.
    pub spans: Durations,
}

/// What was asked of one service.
#[derive(Clone, PartialEq, Debug)]
pub struct ServiceDurations {
    /// `service.name`.
    pub service: String,
    /// Its requests.
    pub requests: Durations,
}

/// What came in at one entry point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryCounts {
    /// `service.name`.
    pub service: String,
    /// Name of the operation.
    pub operation: String,
    /// Requests.
    pub total: u64,
    /// Of these, those that failed.
    pub failed: u64,
}

/// One root cause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CauseCounts {
    /// Its signature.
    pub signature: String,
    /// Traces in which it began.
    pub traces: u64,
    /// Of these, those of which an entry point failed, by whatever cause.
    pub failing: u64,
}

/// The two tables of a capture. `window` keeps to the traces that start within it, both ends included; answers are in the
/// order of their names.
pub trait FactTables {
    /// Every operation of every service.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn operations(&self, window: Option<Interval>) -> Result<Vec<OperationDurations>, TableError>;

    /// Every service that was asked anything.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn services(&self, window: Option<Interval>) -> Result<Vec<ServiceDurations>, TableError>;

    /// Every entry point.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn entry_points(&self, window: Option<Interval>) -> Result<Vec<EntryCounts>, TableError>;

    /// Every root cause.
    ///
    /// # Errors
    ///
    /// When the store fails.
    fn root_causes(&self, window: Option<Interval>) -> Result<Vec<CauseCounts>, TableError>;
}
