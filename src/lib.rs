//! whyspan reads OpenTelemetry traces and says in which span each failure began, and why.

pub mod analyze;
pub mod assemble;
pub mod facts;
pub mod judge;
pub mod model;
pub mod report;
