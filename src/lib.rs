//! whyspan reads OpenTelemetry traces and says in which span each failure began, and why.

pub mod analyze;
pub mod assemble;
pub mod capture;
pub mod facts;
pub mod judge;
pub mod model;
pub mod read;
pub mod report;
