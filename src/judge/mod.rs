//! Facts of a window become evidence: root causes ranked, findings in plain sentences, the quality of the input.

pub mod analysis;
pub mod confidence_level;
pub mod evidence;
pub mod evidence_cause;
pub mod findings;
pub mod quality;
pub mod root_causes;
pub mod services;
pub mod wording;
