//! What calls between services lack: spans of the callee, or its name.

use crate::facts::telemetry::TelemetryFacts;
use crate::judge::checkup::Finding;
use crate::judge::evidence::Severity;
use crate::judge::examined::{Examined, some_of};
use crate::judge::lack::Lack;
use crate::judge::tally::Tally;
use crate::ordered::map::OrderedMap;
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// Calls that ended well and have no span of their callee are more than a remark from this share on.
const LOST_WEAKENS: f64 = 0.05;

/// Calls without a span of their callee, by one service, with the other side of each.
type ByService<'f> = OrderedMap<&'f str, Vec<(&'f str, u64)>>;

/// Calls that ended well without a span of the callee, and calls that name nobody.
pub(crate) fn find(examined: &Examined<'_>) -> Vec<Option<Finding>> {
    let facts = examined.telemetry;
    let (mut not_passed, mut lost, mut silent) = (ByService::new(), ByService::new(), ByService::new());
    for ((caller, peer), calls) in facts.calls.iter().filter(|(_, calls)| calls.unanswered > 0) {
        let answers = examined.window.who_answers(peer).map(|(service, _)| service);
        let (callee, by) = match answers.or_else(|| named_so(facts, peer)) {
            // Who answers such calls, or who else would.
            Some(callee) if answers.is_none() && begins_traces(facts, callee) => (callee, &mut not_passed),
            Some(callee) => (callee, &mut lost),
            None => {
                silent.entry(caller).or_default().push((peer, calls.unanswered));
                continue;
            }
        };
        by.entry(callee).or_default().push((caller, calls.unanswered));
    }
    let well = facts.calls.values().map(|calls| calls.well).sum();
    let (not_passed, lost) = (tally(not_passed, well, "called by "), tally(lost, well, "called by "));
    let silent = tally(silent, well, "calls ");
    let lost_severity = if lost.exceeds(LOST_WEAKENS) { Severity::Warn } else { Severity::Info };
    let unnamed = Tally::of_services(facts, |service| service.unnamed_calls, |service| service.calls);
    let sentences = [
        not_passed.sentence(
            "call",
            "reached a service whose requests begin traces of their own: the context is not passed on.",
        ),
        lost.sentence("call", "ended well, and spans of a callee that sends them otherwise are not in the input."),
        silent.sentence("call", "ended well, and [its|their] callee sends no spans at all."),
        unnamed.sentence(
            "call",
            "[tells|tell] nobody whom [it calls, and has|they call, and have] no span of [its|their] callee.",
        ),
    ];
    let [of_not_passed, of_lost, of_silent, of_unnamed] = sentences;
    vec![
        not_passed.finding(Lack::ContextNotPassed, Severity::Warn, of_not_passed),
        lost.finding(Lack::CalleeLost, lost_severity, of_lost),
        silent.finding(Lack::CalleeWithoutSpans, Severity::Info, of_silent),
        unnamed.finding(Lack::UnnamedCallee, Severity::Warn, of_unnamed),
    ]
}

fn tally(by_service: ByService<'_>, of: u64, verb: &str) -> Tally {
    let mut tally = Tally::of_all(0, Some(of));
    for (service, mut others) in by_service {
        others.shared_sort_by_key(|&(name, calls)| (Reverse(calls), name));
        let count = others.iter().map(|(_, calls)| calls).sum();
        let names: Vec<String> = others.into_iter().map(|(name, _)| name.to_owned()).collect();
        tally.add(service, count, None, Some(format!("{verb}{}", some_of(&names))));
    }
    tally
}

/// The service of the input that a callee's name seems to mean: `cart.shop.svc:8080` and `shop.CartService` are `cart`.
fn named_so<'f>(facts: &'f TelemetryFacts, peer: &str) -> Option<&'f str> {
    let host = peer.split([':', '/']).next().unwrap_or(peer);
    let (first, last) = (host.split('.').next().unwrap_or(host), host.rsplit('.').next().unwrap_or(host));
    let wanted = [core(peer), core(first), core(last)];
    let sends = facts.services.iter().filter(|(_, service)| service.spans > 0);
    let mut named = sends.filter(|(name, _)| wanted.contains(&core(name))).map(|(name, _)| name.as_str());
    named.next().filter(|_| named.next().is_none())
}

/// A name without what differs between a service, its host and its interface; empty for what is then no name.
fn core(name: &str) -> String {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    let core = plain.strip_suffix("service").or_else(|| plain.strip_suffix("svc")).unwrap_or(&plain);
    core.to_owned()
}

/// Whether requests of a service name no caller, although somebody made them.
fn begins_traces(facts: &TelemetryFacts, service: &str) -> bool {
    facts.services.get(service).is_some_and(|service| service.root_requests > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::telemetry::ServiceTelemetry;

    #[test]
    fn callees_are_found_by_any_of_their_names() {
        let mut facts = TelemetryFacts::default();
        for name in ["cartservice", "ad-service", "local"] {
            facts.services.insert(name.to_owned(), ServiceTelemetry { spans: 1, ..ServiceTelemetry::default() });
        }
        for peer in ["cart:7070", "cart.shop.svc.cluster.example:80", "oteldemo.CartService", "cart_service"] {
            assert_eq!(named_so(&facts, peer), Some("cartservice"), "{peer}");
        }
        assert_eq!(named_so(&facts, "AdService"), Some("ad-service"));
        for peer in ["127.0.0.1:80", "flagd:8013", "", "service"] {
            assert_eq!(named_so(&facts, peer), None, "{peer}");
        }
    }
}
