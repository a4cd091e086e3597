//! What pipelines are told of one by one: each root cause, and each finding that is about none.

use crate::judge::evidence::{Evidence, Finding, Severity};
use crate::judge::evidence_cause::{Frame, RootCause};
use crate::judge::evidence_gate::Objective;
use crate::judge::rule::Rule;
use crate::shared_sort::SharedSort;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// What a concern is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About<'e> {
    /// A root cause, with all findings that name it.
    Cause(&'e RootCause),
    /// An objective that no root cause explains.
    Objective(&'e Objective),
    /// The input or a window as a whole.
    Data,
}

/// One thing to be told.
#[derive(Clone, Debug)]
pub(crate) struct Concern<'e> {
    /// What it is about.
    pub(crate) about: About<'e>,
    /// What was found about it, what weighs most first. Empty for a root cause that nothing was found about.
    pub(crate) findings: Vec<&'e Finding>,
    /// The severity of the finding that weighs most.
    pub(crate) severity: Severity,
    /// It is among the reasons of the verdict.
    pub(crate) decides: bool,
    /// A key that stays the same from run to run, and that no other concern has.
    pub(crate) fingerprint: String,
}

/// All root causes as they are ranked, then all other findings that failed, warn or decided. An error rate that rose at an
/// entry point is left out when a failing root cause names that entry point: it is the same news.
pub(crate) fn concerns(evidence: &Evidence) -> Vec<Concern<'_>> {
    let deciding = deciding(evidence);
    let mut of_causes: Vec<Vec<&Finding>> = vec![Vec::new(); evidence.root_causes.len()];
    let mut others = Vec::new();
    for finding in &evidence.findings {
        let mut about_cause = false;
        for place in places(finding, ROOT_CAUSES) {
            if let Some(findings) = of_causes.get_mut(place) {
                findings.push(finding);
                about_cause = true;
            }
        }
        if !about_cause {
            others.push(finding);
        }
    }
    let mut concerns = Vec::with_capacity(of_causes.len());
    let mut explained: HashSet<(&str, &str)> = HashSet::new();
    for (cause, mut findings) in evidence.root_causes.iter().zip(of_causes) {
        // Stable: equals stay in the order of the evidence.
        findings.shared_sort_by_key(|finding| finding.severity);
        let severity = findings.first().map_or(Severity::Info, |finding| finding.severity);
        if severity == Severity::Fail {
            explained.extend(cause.entry_points.iter().map(|hit| (hit.service.as_str(), hit.operation.as_str())));
        }
        let decides = findings.iter().any(|finding| deciding.contains(&key(finding)));
        let fingerprint = cause.signature.clone();
        concerns.push(Concern { about: About::Cause(cause), findings, severity, decides, fingerprint });
    }
    for finding in others {
        let decides = deciding.contains(&key(finding));
        if finding.severity == Severity::Info && !decides {
            continue;
        }
        let objective = objective_of(evidence, finding);
        let is_explained = objective.is_some_and(|objective| {
            objective.rule == Rule::ErrorRate.code()
                && explained.contains(&(objective.service.as_str(), objective.operation.as_str()))
        });
        if !is_explained {
            let about = objective.map_or(About::Data, About::Objective);
            let fingerprint = fingerprint(finding, objective);
            concerns.push(Concern { about, findings: vec![finding], severity: finding.severity, decides, fingerprint });
        }
    }
    let mut seen: HashMap<String, u64> = HashMap::new();
    for concern in &mut concerns {
        let times = seen.entry(concern.fingerprint.clone()).or_default();
        *times += 1;
        if *times > 1 {
            concern.fingerprint = format!("{}-{times}", concern.fingerprint);
        }
    }
    concerns
}

/// Where pointers to root causes begin.
pub(crate) const ROOT_CAUSES: &str = "/root_causes/";
/// Where pointers to objectives begin.
pub(crate) const OBJECTIVES: &str = "/objectives/";

/// The places in a list of the evidence that a finding points to.
pub(crate) fn places<'f>(finding: &'f Finding, list: &'static str) -> impl Iterator<Item = usize> + 'f {
    finding.refs.iter().filter_map(move |pointer| pointer.strip_prefix(list)?.parse().ok())
}

/// The one objective that a finding is the finding of.
pub(crate) fn objective_of<'e>(evidence: &'e Evidence, finding: &Finding) -> Option<&'e Objective> {
    let place = places(finding, OBJECTIVES).next()?;
    let objective = evidence.objectives.get(place)?;
    (finding.refs.len() == 1 && objective.rule == finding.code).then_some(objective)
}

/// What tells one finding from another.
pub(crate) fn key(finding: &Finding) -> (&str, &str) {
    (&finding.code, &finding.sentence)
}

/// The findings that decided, by their keys.
pub(crate) fn deciding(evidence: &Evidence) -> HashSet<(&str, &str)> {
    evidence.verdict.iter().flat_map(|verdict| &verdict.reasons).map(key).collect()
}

/// Counts in a sentence differ from run to run, the rest of it does not.
fn fingerprint(finding: &Finding, objective: Option<&Objective>) -> String {
    let mut hash = Sha256::new();
    match objective {
        Some(objective) => {
            for part in [&objective.service, &objective.operation] {
                hash.update(part);
                hash.update([0]);
            }
        }
        None => hash.update(finding.sentence.replace(|c: char| c.is_ascii_digit(), "")),
    }
    let digits: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{}:{digits}", finding.code)
}

impl<'e> Concern<'e> {
    /// The code of the finding that weighs most; of a root cause that nothing was found about, how it compares.
    pub(crate) fn code(&self) -> &'e str {
        match (self.findings.first(), self.about) {
            (Some(finding), _) => &finding.code,
            (None, About::Cause(cause)) if cause.client_fault => "client-fault",
            _ => "root-cause",
        }
    }

    /// One plain sentence; of telemetry's text in it nothing is escaped.
    pub(crate) fn sentence(&self) -> Cow<'e, str> {
        let sentence = self.bare_sentence();
        let About::Cause(cause) = self.about else { return sentence };
        let suspect = cause.suspects.first().map(|suspect| format!("Suspect: {}", suspect.sentence));
        let condition = cause.conditions.first().map(|condition| format!("Only for some: {}", condition.sentence));
        let more: Vec<String> = suspect.into_iter().chain(condition).collect();
        if more.is_empty() { sentence } else { Cow::Owned(format!("{sentence} {}", more.join(" "))) }
    }

    /// The sentence without what may have caused it.
    fn bare_sentence(&self) -> Cow<'e, str> {
        match (self.findings.first(), self.about) {
            (Some(finding), _) => Cow::Borrowed(finding.sentence.as_str()),
            (None, About::Cause(cause)) => match &cause.comparison {
                Some(comparison) => Cow::Owned(format!("{} {comparison}", cause.sentence)),
                None => Cow::Borrowed(cause.sentence.as_str()),
            },
            (None, _) => Cow::Borrowed(""),
        }
    }

    /// Service and operation; `None` for what is about data.
    pub(crate) fn at(&self) -> Option<(&'e str, &'e str)> {
        match self.about {
            About::Cause(cause) => Some((&cause.service, &cause.operation)),
            About::Objective(objective) => Some((&objective.service, &objective.operation)),
            About::Data => None,
        }
    }

    /// The line of code: that of the exception, else that of the outermost of its causes that has one.
    pub(crate) fn frame(&self) -> Option<&'e Frame> {
        let About::Cause(cause) = self.about else { return None };
        let exception = cause.exception.as_ref()?;
        let of_chain = || exception.chain.iter().find_map(|link| link.frame.as_ref());
        exception.frame.as_ref().or_else(of_chain)
    }

    /// A fault of the baseline that the candidate does not have.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.about, About::Cause(cause) if cause.change.as_deref() == Some("gone"))
    }
}

/// The text cut to some characters, with an ellipsis at the end.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}
