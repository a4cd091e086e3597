//! Counts of one lack, service by service, on their way to a finding.

use crate::facts::telemetry::{ServiceTelemetry, TelemetryFacts};
use crate::judge::checkup::{Concerned, Finding};
use crate::judge::evidence::Severity;
use crate::judge::lack::Lack;
use crate::judge::services::LISTED;
use crate::judge::wording::{agree, count, percent};
use crate::shared_sort::SharedSort;
use std::cmp::Reverse;

/// How often something was met, and how often it could have been.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    pub(crate) of: Option<u64>,
    services: Vec<Concerned>,
}

impl Tally {
    /// A count that belongs to no service.
    pub(crate) fn of_all(count: u64, of: Option<u64>) -> Self {
        Self { count, of, services: Vec::new() }
    }

    /// What is counted by `part` in each service.
    pub(crate) fn by_service(facts: &TelemetryFacts, part: impl Fn(&ServiceTelemetry) -> u64) -> Self {
        let mut tally = Self::default();
        for (name, service) in &facts.services {
            tally.add(name, part(service), None, None);
        }
        tally
    }

    /// What is counted by `part` of all that is counted by `whole`, in each service.
    pub(crate) fn of_services(
        facts: &TelemetryFacts,
        part: impl Fn(&ServiceTelemetry) -> u64,
        whole: impl Fn(&ServiceTelemetry) -> u64,
    ) -> Self {
        let mut tally = Self { of: Some(0), ..Self::default() };
        for (name, service) in &facts.services {
            tally.add(name, part(service), Some(whole(service)), None);
        }
        tally
    }

    /// Counts what was met in one service; the whole counts even where nothing was met.
    pub(crate) fn add(&mut self, service: &str, count: u64, of: Option<u64>, note: Option<String>) {
        self.count += count;
        if let Some(of) = of {
            *self.of.get_or_insert(0) += of;
        }
        if count > 0 {
            self.services.push(Concerned { service: service.to_owned(), count, of, note });
        }
    }

    /// Says more about each service that is concerned.
    pub(crate) fn with_notes(mut self, note: impl Fn(&str) -> Option<String>) -> Self {
        for concerned in &mut self.services {
            concerned.note = note(&concerned.service);
        }
        self
    }

    /// Whether more than this share of all was met.
    pub(crate) fn exceeds(&self, share: f64) -> bool {
        self.share().is_some_and(|met| met > share)
    }

    fn share(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts of spans lie far below 2^53")]
        self.of.filter(|&of| of > 0).map(|of| self.count as f64 / of as f64)
    }

    /// `12 of 40 requests (30 %)`, without a whole `12 requests`; then `told`, whose words agree with the number.
    pub(crate) fn sentence(&self, noun: &str, told: &str) -> String {
        let subject = match self.of {
            Some(of) => {
                let plural = if of == 1 { "" } else { "s" };
                format!("{} of {of} {noun}{plural} ({})", self.count, percent(self.count, of))
            }
            None => count(self.count, noun),
        };
        format!("{subject} {}", agree(self.count, told))
    }

    /// The finding, unless nothing was met.
    pub(crate) fn finding(mut self, lack: Lack, severity: Severity, sentence: String) -> Option<Finding> {
        let share = self.share().map(|share| (share * 1e4).round() / 1e4);
        self.services.shared_sort_by(|a, b| (Reverse(a.count), &a.service).cmp(&(Reverse(b.count), &b.service)));
        self.services.truncate(LISTED);
        (self.count > 0).then(|| Finding {
            code: lack.code().to_owned(),
            severity,
            count: self.count,
            of: self.of,
            share,
            sentence,
            weakens: lack.weakens().to_owned(),
            advice: lack.advice().to_owned(),
            services: self.services,
        })
    }
}
