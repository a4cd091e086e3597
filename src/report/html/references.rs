//! From a finding to the parts of the page that show what it rests on.

use crate::judge::evidence::{Evidence, Finding};
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
    let (list, place) = reference.strip_prefix('/')?.split_once('/')?;
    let place: usize = place.parse().ok()?;
    match list {
        "root_causes" => {
            let rank = evidence.root_causes.get(place)?.rank;
            Some((format!("cause-{rank}"), format!("cause {rank}")))
        }
        "objectives" => evidence.objectives.get(place).map(|_| (objective_part(place), "objective".to_owned())),
        _ => None,
    }
}

/// The part of the page that shows the objective in this place.
pub(crate) fn objective_part(place: usize) -> String {
    format!("objective-{place}")
}
