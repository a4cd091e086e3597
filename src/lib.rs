//! whyspan reads OpenTelemetry traces and says in which span each failure began, and why.

pub mod model;
pub mod read;
