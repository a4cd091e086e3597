//! What the evidence of a run names, held against where the fault was put.

use crate::background::GAVE_UP;
use crate::fault::{Origin, Sort};
use crate::pace::GRUMBLE;
use crate::run::Run;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::{Level, RootCause};

#[derive(Debug, Default)]
pub(crate) struct Score {
    /// The place of the first root cause that names the service, from 0; of whom sends no spans the host.
    pub(crate) service: Option<usize>,
    /// The same with the operation, where the fault is in one.
    pub(crate) operation: Option<usize>,
    /// Root causes that are new or worse, elsewhere, and told with high or medium confidence; without failures of the background,
    /// which are there.
    pub(crate) wrong: Vec<String>,
    pub(crate) decision: String,
    /// The first of what is named, in words.
    pub(crate) named: Vec<String>,
}

impl Score {
    pub(crate) fn of(run: &Run, evidence: &Evidence) -> Self {
        let decision = evidence.verdict.as_ref().map(|verdict| verdict.decision.clone()).unwrap_or_default();
        let is_worse = |cause: &&RootCause| matches!(cause.change.as_deref(), Some("new" | "worse"));
        let causes: Vec<&RootCause> = evidence.root_causes.iter().filter(is_worse).collect();
        let origin = run.fault.as_ref().map(|fault| &fault.origin);
        let is_origin = |cause: &&RootCause| {
            !is_background(cause) && origin.is_some_and(|origin| names_service(cause, origin, run))
        };
        let is_place = |cause: &&RootCause| {
            is_origin(cause)
                && origin.and_then(|it| it.operation.as_ref()).is_none_or(|name| cause.operation.contains(name))
        };
        let is_sure = |cause: &&RootCause| cause.confidence.level != Level::Low && !cause.client_fault;
        let is_wrong = |cause: &&RootCause| is_sure(cause) && !is_origin(cause) && !is_background(cause);
        let wrong = causes.iter().copied().filter(is_wrong).map(words).collect();
        let named = causes.iter().copied().take(4).map(words).collect();
        let mut score = Self {
            service: causes.iter().position(is_origin),
            operation: causes.iter().position(is_place),
            wrong,
            decision,
            named,
        };
        if run.sort == Sort::Vanished {
            // Who is not asked is no root cause: a finding tells of it.
            let told = evidence.findings.iter().any(|finding| {
                let is_about = matches!(&*finding.code, "entry-point-vanished" | "entry-point-without-data");
                is_about
                    && origin.and_then(|it| it.operation.as_ref()).is_some_and(|name| finding.sentence.contains(name))
            });
            score.service = told.then_some(0);
            score.operation = score.service;
        }
        score
    }

    /// Whether nothing is left to wish for.
    pub(crate) fn is_flawless(&self, sort: Sort) -> bool {
        self.wrong.is_empty()
            && if sort == Sort::Nothing { self.decision != "no-go" } else { self.operation == Some(0) }
    }
}

fn names_service(cause: &RootCause, origin: &Origin, run: &Run) -> bool {
    let whom = cause.peer.as_deref();
    match run.sort {
        // A database has no other name than its system; whose calls of it are slow tells which it is.
        Sort::SlowerQuery => {
            whom.is_some_and(|whom| whom == "postgresql" || whom == origin.service) && asks(cause, run)
        }
        // Whom nobody ever reached is named as the call names it.
        Sort::Retries => {
            whom.is_some_and(|whom| whom == origin.service || called(run).is_some_and(|it| whom.contains(it)))
        }
        _ => whom.unwrap_or(&cause.service) == origin.service,
    }
}

/// The operation that calls of the fault are for.
fn called(run: &Run) -> Option<&str> {
    let fault = run.fault.as_ref()?;
    let call = run.system.operations[fault.operation].calls.get(fault.call)?;
    Some(&run.system.operations[call.to].name)
}

/// Whether the cause was seen in a service that asks the database of the fault.
fn asks(cause: &RootCause, run: &Run) -> bool {
    let noun = |name: &str| name.split('-').next().map(str::to_owned);
    let fault = run.fault.as_ref();
    fault.is_some_and(|fault| noun(&cause.service) == noun(&fault.origin.service))
}

/// A failure, or an error that is logged, that happens in both windows: the few of one place may by chance all lie in the candidate.
fn is_background(cause: &RootCause) -> bool {
    cause.excess.is_none() && [GAVE_UP, GRUMBLE].iter().any(|told| cause.sentence.contains(told))
}

fn words(cause: &RootCause) -> String {
    let level = format!("{:?}", cause.confidence.level).to_lowercase();
    let metric = cause.latency.as_ref().map(|latency| latency.metric.clone()).unwrap_or_default();
    format!(
        "{} {metric} {} {} {} ({level}): {}",
        cause.kind,
        cause.service,
        cause.operation,
        cause.peer.as_deref().map(|peer| format!("of {peer}")).unwrap_or_default(),
        cause.sentence
    )
}
