//! How far failures that are new or worse reached: through which services, and to how many of the requests from outside.

use crate::judge::evidence::Evidence;
use crate::judge::evidence_cause::RootCause;
use crate::judge::evidence_gate::Objective;
use crate::judge::wording::{count, percent};
use crate::ordered::set::OrderedSet;
use crate::report::html::text::name;
use maud::{Markup, html};

/// Which services a failure began in, and which it reached.
pub(crate) struct Reach<'e> {
    pub(crate) origins: OrderedSet<&'e str>,
    pub(crate) reached: OrderedSet<&'e str>,
}

impl<'e> Reach<'e> {
    pub(crate) fn of(evidence: &'e Evidence) -> Self {
        let causes = || evidence.root_causes.iter().filter(is_new_or_worse);
        let origins: OrderedSet<&str> = causes().map(|cause| cause.peer.as_deref().unwrap_or(&cause.service)).collect();
        let way = causes().flat_map(|cause| cause.propagation.iter().map(|step| step.service.as_str()));
        let entries = causes().flat_map(|cause| cause.entry_points.iter().map(|hit| hit.service.as_str()));
        let slowed = causes().filter_map(|cause| cause.latency.as_ref()?.entry_point.as_ref());
        let entries = entries.chain(slowed.map(|entry| entry.service.as_str()));
        let reached = way.chain(entries).filter(|service| !origins.contains(service)).collect();
        Self { origins, reached }
    }

    pub(crate) fn in_words(&self) -> String {
        let list = |services: &OrderedSet<&str>| {
            services.iter().take(6).map(|service| name(service)).collect::<Vec<_>>().join(", ")
        };
        match (self.origins.len(), self.reached.len()) {
            (0, _) => "No failure that is new or worse began anywhere.".to_owned(),
            (_, 0) => format!("It began in {} and reached no other service.", list(&self.origins)),
            _ => format!("It began in {} and reached {}.", list(&self.origins), list(&self.reached)),
        }
    }
}

/// How much of what is asked from outside fails by new or worse root causes.
pub(crate) fn blast_radius(evidence: &Evidence) -> Markup {
    let causes = evidence.root_causes.iter().filter(is_new_or_worse);
    let hits = causes.flat_map(|cause| &cause.entry_points).map(|hit| (hit.service.as_str(), hit.operation.as_str()));
    let hit: OrderedSet<(&str, &str)> = hits.collect();
    let entries = || evidence.entry_points.iter();
    let failing = entries().filter(|entry| hit.contains(&(entry.service.as_str(), entry.operation.as_str())));
    let failing = failing.map(|entry| entry.failing).fold(0, u64::saturating_add);
    let all = entries().map(|entry| entry.total).fold(0, u64::saturating_add);
    let is_slower = |objective: &&Objective| objective.unit == "ms" && objective.result == "fail";
    let slower = evidence.objectives.iter().filter(is_slower).count();
    let every = count(evidence.entry_points.len() as u64, "entry point");
    html! {
        @if !hit.is_empty() {
            " Blast radius: " b { (hit.len()) } " of " (every) ", "
            b { (failing) } " of " (count(all, "request")) " (" (percent(failing, all)) ")."
        }
        @if slower > 0 { " Slower: " b { (slower) } " of " (every) "." }
    }
}

fn is_new_or_worse(cause: &&RootCause) -> bool {
    !cause.client_fault && !matches!(cause.change.as_deref(), Some("gone" | "same" | "better"))
}
