//! What decided, as far as the evidence says so.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::Objective;
use crate::ordered::set::OrderedSet;

/// What decided: places of root causes and of objectives in the evidence, each once and in order.
#[derive(Debug, Default)]
pub(crate) struct Decisive<'a> {
    pub(crate) causes: Vec<(usize, &'a RootCause)>,
    pub(crate) objectives: Vec<&'a Objective>,
}

impl<'a> Decisive<'a> {
    pub(crate) fn of(evidence: &'a Evidence) -> Self {
        let Some(verdict) = &evidence.verdict else {
            // An analysis decides nothing: what fails requests comes first, else what is ranked first.
            let faults = || evidence.root_causes.iter().enumerate().filter(|(_, cause)| !cause.client_fault);
            let mut causes: Vec<_> = faults().filter(|(_, cause)| cause.effect.as_deref() == Some("fatal")).collect();
            if causes.is_empty() {
                causes = faults().take(1).collect();
            }
            return Self { causes, objectives: Vec::new() };
        };
        let mut decisive = Self::default();
        let mut seen = OrderedSet::new();
        for reference in verdict.reasons.iter().flat_map(|reason| &reason.refs).filter(|it| seen.insert(it.as_str())) {
            if let Some(place) = place_in(reference, "/root_causes/") {
                decisive.causes.extend(evidence.root_causes.get(place).map(|cause| (place, cause)));
            } else if let Some(place) = place_in(reference, "/objectives/") {
                decisive.objectives.extend(evidence.objectives.get(place));
            }
        }
        decisive
    }
}

/// The place that a JSON pointer into a list means.
pub(crate) fn place_in(reference: &str, list: &str) -> Option<usize> {
    reference.strip_prefix(list)?.parse().ok()
}
