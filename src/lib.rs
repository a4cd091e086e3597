//! whyspan reads OpenTelemetry traces and says in which span each failure began, and why.
//!
//! Data goes one way, and each stage ends in a type:
//!
//! ```text
//! read      bytes        -> loose spans, log events
//! assemble  loose spans  -> trace tree + defects        any order in, one tree out; never fails
//! analyze   trace tree   -> diagnosis                   roles, origins, exceptions; never fails
//! facts     diagnoses    -> facts of a window           facts of pieces add up
//! judge     facts        -> evidence                    root causes ranked, findings, data quality
//! redact    facts, evidence                         the same without secrets and personal data
//! report    evidence     -> terminal text, JSON
//! ```
//!
//! [`capture::Capture`] is the way through all of them:
//!
//! ```
//! use whyspan::capture::Capture;
//! use whyspan::read::options::ReadOptions;
//!
//! let request = br#"{"resourceSpans":[{
//!     "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"payment"}}]},
//!     "scopeSpans":[{"spans":[{
//!         "traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"Charge","kind":2,
//!         "startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000000050000000",
//!         "status":{"code":2,"message":"card network is down"}}]}]}]}"#;
//!
//! let mut capture = Capture::new(ReadOptions::default(), None);
//! capture.read_bytes("one request", request);
//! let evidence = capture.into_evidence();
//!
//! let cause = &evidence.root_causes[0];
//! assert_eq!((cause.service.as_str(), cause.operation.as_str()), ("payment", "Charge"));
//! assert_eq!(cause.status.message.as_deref(), Some("card network is down"));
//! assert_eq!(cause.effect.as_deref(), Some("fatal"));
//! ```
//!
//! The words (*origin, propagated, silent, absorbed, entry point, signature, evidence, ...*) are those of
//! `ARCHITECTURE.md`.

pub mod analyze;
pub mod assemble;
pub mod capture;
pub mod facts;
pub mod judge;
pub mod model;
pub mod ordered;
pub mod read;
pub mod redact;
pub mod report;
#[cfg(feature = "serve")]
pub mod serve;

mod shared_sort;
