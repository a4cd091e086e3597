//! From a finding to the parts of the page that show what it rests on.

use crate::judge::evidence::{Evidence, Finding};
use crate::report::decisive::place_in;
use maud::{Markup, html};

/// How many links a finding has.
const LINKS: usize = 3;

/// Links to root causes and objectives that a finding refers to.
pub(crate) fn references(evidence: &Evidence, finding: &Finding) -> Markup {
    let links = finding.refs.iter().filter_map(|reference| link(evidence, reference)).take(LINKS);
    html! { @for (part, words) in links { " " a.see href={ "#" (part) } { (words) } } }
}

/// The part of the page that a JSON pointer into the evidence means, and what to call it.
fn link(evidence: &Evidence, reference: &str) -> Option<(String, String)> {
    if let Some(place) = place_in(reference, "/root_causes/") {
        let rank = evidence.root_causes.get(place)?.rank;
        return Some((format!("cause-{rank}"), format!("cause {rank}")));
    }
    let place = place_in(reference, "/objectives/").filter(|&place| place < evidence.objectives.len())?;
    Some((objective_part(place), "objective".to_owned()))
}

/// The part of the page that shows the objective in this place.
pub(crate) fn objective_part(place: usize) -> String {
    format!("objective-{place}")
}
