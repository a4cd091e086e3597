//! What would settle a gate that is inconclusive.

use crate::judge::gate::decision::Found;
use crate::judge::rule::{Level, Rule};
use crate::judge::statistics::counts::Counts;
use crate::judge::statistics::fisher;

/// One sentence for each sort of reason that keeps the gate from deciding.
pub(crate) fn settle(found: &[Found], share_of_alpha: f64) -> Vec<String> {
    let mut ways = Vec::new();
    for reason in found.iter().filter(|found| found.level == Level::Inconclusive) {
        let way = match reason.rule {
            Rule::TooFewRequests => format!(
                "Let the windows last until each entry point has {} requests or more on each side.",
                enough_requests(share_of_alpha)
            ),
            Rule::BaselineEmpty => "Give a baseline with spans: the same load before the change.".to_owned(),
            Rule::CandidateEmpty => "Give a candidate with spans: did the change take any request, and was it exported?".to_owned(),
            Rule::EntryPointVanished => {
                "Send requests to the entry points that have none, or set the rule entry-point-vanished to warn if they were \
                 removed on purpose."
                    .to_owned()
            }
            Rule::EntryPointsBeyondBound => {
                "Name spans by their route or what they do, without ids (http.route), so that there are few enough to be told apart."
                    .to_owned()
            }
            Rule::InputBroken => "Export or copy the inputs again that could not be read.".to_owned(),
            Rule::DataQuality => "Mend the telemetry: whyspan doctor says what is missing.".to_owned(),
            other => format!("Look at the findings of the rule {}.", other.code()),
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    ways
}

/// The least requests on each side with which a total failure is told from chance.
fn enough_requests(alpha: f64) -> u64 {
    const MOST: u64 = 1000;
    let shows = |requests: u64| fisher::greater(Counts::new(requests, requests), Counts::new(0, requests)) <= alpha;
    (1..MOST).find(|&requests| shows(requests)).unwrap_or(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handful_shows_a_total_failure() {
        // 1 / C(10, 5) = 0.004 and 1 / C(8, 4) = 0.014.
        assert_eq!(enough_requests(0.01), 5);
        assert_eq!(enough_requests(0.01 / 20.0), 7);
    }
}
