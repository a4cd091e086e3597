//! What each kind of root cause and each rule of a gate means, and what to do about it, for readers who meet only its name.

use crate::judge::rule::Rule;

/// The words of one kind or rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RuleWords {
    /// Its name in one word, as SARIF wants it.
    pub(crate) name: &'static str,
    /// What it is, in one sentence.
    pub(crate) what: &'static str,
    /// What to do about it.
    pub(crate) advice: &'static str,
}

const fn words(name: &'static str, what: &'static str, advice: &'static str) -> RuleWords {
    RuleWords { name, what, advice }
}

/// The words of a kind of root cause or of a rule, by its code.
pub(crate) fn rule_words(code: &str) -> RuleWords {
    of_kind(code).or_else(|| Rule::of(code).map(of_rule)).unwrap_or(words(
        "Finding",
        "Something that was found in the telemetry.",
        "Read the message; the evidence (whyspan --format json) holds all that is known.",
    ))
}

fn of_kind(kind: &str) -> Option<RuleWords> {
    Some(match kind {
        "exception" => words(
            "ExceptionFailsRequests",
            "An exception began here, and requests failed or were degraded by it.",
            "Start at the line of the application's own code; the code flow leads there from the entry point.",
        ),
        "error-status" => words(
            "ErrorStatus",
            "A span ended as failed, and told no exception.",
            "Look into the operation's own code and logs; recording the exception would name the line.",
        ),
        "unreachable" => words(
            "CalleeUnreachable",
            "A call did not reach its callee: refused, reset, not resolved, or answered in its place (502, 503).",
            "Look whether the callee runs, listens and can be found by its name; then at the network between the two.",
        ),
        "dependency" => words(
            "DependencyFails",
            "A database, cache, broker or third party answered with an error.",
            "Look at the dependency, and at what it was asked: its answer is in the message.",
        ),
        "timeout" => words(
            "CallTakesTooLong",
            "A caller gave up while the callee was still at work.",
            "Look at where the time went, then whether the deadline is right.",
        ),
        "log-error" => words(
            "ExceptionOnlyLogged",
            "An exception was logged, although the spans around it are well.",
            "Look at the line that logs it: the request went on, and something may not have been done.",
        ),
        "latency" => words(
            "TimeSpentHere",
            "Requests are slower, and this is where the time goes.",
            "Compare a slow request with a usual one.",
        ),
        "structure" => words(
            "OtherCourse",
            "The work takes another course than before: calls are missing, or there are others.",
            "Compare a request with one of before; ask whether the change was meant to do that.",
        ),
        _ => return None,
    })
}

const MORE_REQUESTS: &str = "Capture for longer, or send more requests, and judge again.";

fn of_rule(rule: Rule) -> RuleWords {
    match rule {
        Rule::NewRootCause => words(
            "NewRootCause",
            "A fault that was not there before fails requests.",
            "Follow the way of the failure to where it began.",
        ),
        Rule::WorseRootCause => words(
            "WorseRootCause",
            "A fault that was there before fails more requests.",
            "Look at what changed around it, then follow the way of the failure to where it began.",
        ),
        Rule::ErrorRate => words(
            "ErrorRateRose",
            "More requests of an entry point fail, by whatever faults.",
            "Look at the root causes that name this entry point; without one, at those that are many and rare.",
        ),
        Rule::Slower => words(
            "EntryPointSlower",
            "The passing requests of an entry point became slower.",
            "Compare slow traces of the candidate with traces of the baseline (whyspan trace).",
        ),
        Rule::AbsorbedFailure => words(
            "AbsorbedFailure",
            "An operation fails more often, although its callers get over it.",
            "Ask what its callers' users do not get; then follow the failure to where it began.",
        ),
        Rule::LoggedException => words(
            "LoggedException",
            "An exception is logged that was not, or less often.",
            "Look at the line that logs it: the request went on, and something may not have been done.",
        ),
        Rule::RareRootCause => words(
            "RareRootCause",
            "A fault was seen more often in the candidate, but too rarely to be sure.",
            MORE_REQUESTS,
        ),
        Rule::MixShift => words(
            "MixShift",
            "An entry point fails more or is slower, but only because other things are asked for.",
            "Look at the attribute that is named: each sort of requests is as good as it was.",
        ),
        Rule::Retries => words(
            "MoreRetries",
            "More calls needed a second attempt.",
            "Look at why first attempts fail: they cost time, and hide what a retry cannot save.",
        ),
        Rule::ToleratedFailures => words(
            "ToleratedFailures",
            "More calls failed whose service got over it by itself.",
            "Look at what those calls were for.",
        ),
        Rule::SlowerInside => words(
            "OperationSlower",
            "The work of an operation, or the wire to it, takes longer, although no entry point is shown to be slower by it.",
            "Compare a slow trace with the typical one that the root cause names (whyspan trace).",
        ),
        Rule::CallStructure => words(
            "CallStructure",
            "An operation makes other calls than it did, or stops halfway, although nothing failed.",
            "Look whether the change was meant to do that; compare a trace of each side (whyspan trace).",
        ),
        Rule::CallCounts => words(
            "CallCounts",
            "An operation makes more calls for each request, or messages wait longer for it.",
            "Look for loops, retries, and queries made one by one.",
        ),
        Rule::ErrorRecords => words(
            "ErrorRecords",
            "ERROR records or handled exceptions are told that were not, although nothing failed.",
            "Look at the line that tells it: the request went on, and something may not have been done.",
        ),
        Rule::EntryPointVanished => words(
            "EntryPointVanished",
            "An entry point of the baseline has no request in the candidate.",
            "Look whether it was asked at all, then whether it is still there and instrumented.",
        ),
        Rule::EntryPointWithoutData => words(
            "EntryPointWithoutData",
            "An entry point of the baseline has no request in the candidate, as chance would have it.",
            MORE_REQUESTS,
        ),
        Rule::EntryPointsBeyondBound => words(
            "EntryPointsBeyondBound",
            "Entry points or operations are too many to be told apart: what one of them does hides among all.",
            "Name spans by their route or what they do, without ids (http.route).",
        ),
        Rule::TooFewRequests => words(
            "TooFewRequests",
            "So few requests that even if all of them failed, it could not be told from chance.",
            MORE_REQUESTS,
        ),
        Rule::BaselineEmpty => words(
            "BaselineEmpty",
            "The baseline holds no span.",
            "Look at how it was captured, and whether its time is the right one.",
        ),
        Rule::CandidateEmpty => words(
            "CandidateEmpty",
            "The candidate holds no span.",
            "Look at how it was captured, and whether its time is the right one.",
        ),
        Rule::InputBroken => words(
            "InputBroken",
            "An input could not be read, or not to its end.",
            "Look whether the file is whole; the message names the first.",
        ),
        Rule::DataQuality => words(
            "DataQuality",
            "The telemetry is so incomplete that no conclusion is safe.",
            "whyspan doctor says what is missing, and what to do.",
        ),
        Rule::NewEntryPoint => {
            words("NewEntryPoint", "An entry point has requests in the candidate only.", "Nothing needs to be done.")
        }
        // The kind of root cause of the same name has the same words.
        Rule::Traffic => words(
            "Traffic",
            "Traffic is another one: the share of an entry point, the calls for each request, or the wait of messages.",
            "Of a root cause: look for loops, retries, and queries made one by one. Shares of entry points decide nothing.",
        ),
        Rule::ClientFaults => words(
            "ClientFaults",
            "Callers were refused for their own fault more often.",
            "Look whether the callers changed, or what is asked of them.",
        ),
        Rule::NoPassingBaseline => words(
            "NoPassingBaseline",
            "No request of an entry point passed in the baseline, so its slowness has no measure.",
            "Take a baseline from a time when it worked.",
        ),
        Rule::SameRootCause => words(
            "SameRootCause",
            "A fault was there before at about the same rate.",
            "It is no reason against the change; it may be one to mend it.",
        ),
        Rule::BetterRootCause => words(
            "BetterRootCause",
            "A fault fails fewer requests than before, or is gone.",
            "Nothing needs to be done.",
        ),
        Rule::UnseenChange => words(
            "UnseenChange",
            "A change was announced, and nothing in the telemetry shows it.",
            "Look whether it was made, and whether flag evaluations and service.version are sent.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ordered::set::OrderedSet;

    #[test]
    fn every_rule_and_kind_has_words_and_a_name_of_its_own() {
        let kinds =
            ["exception", "error-status", "unreachable", "dependency", "timeout", "log-error", "latency", "structure"];
        let codes: Vec<&str> = kinds.into_iter().chain(Rule::ALL.map(Rule::code)).collect();
        let names: OrderedSet<&str> = codes.iter().map(|code| rule_words(code).name).collect();
        assert_eq!(names.len(), codes.len());
        assert!(!names.contains("Finding") && rule_words("nonsense").name == "Finding");
    }
}
