//! Where the time of a window went and which course its work took, by place in the code of its services.

use crate::facts::bottom::Bottom;
use crate::facts::callee::Callee;
use crate::facts::cause::OperationName;
use crate::facts::course::Course;
use crate::facts::waits::Waits;
use crate::model::ids::{SpanId, TraceId};
use crate::model::lot::lot_of_texts;
use crate::model::time::Nanos;
use crate::ordered::map::OrderedMap;
use std::collections::HashMap;
use std::sync::Arc;

/// How many spans of a place are kept, where there are few places.
pub const SEEN_OF_SITE: usize = 512;

/// How many spans of a place are kept at least: enough to see a share of a tenth.
const LEAST_SEEN: usize = 64;

/// How many spans of all places are kept, about.
const SEEN: usize = 1 << 19;

/// How many places are kept. Services have hundreds; where there are more, ids are in names, and those that are kept are an
/// even sample.
pub const SITES: usize = 8192;

/// Into how many parts the time of a request is told apart.
pub const PARTS: usize = 64;

/// A place where time is spent: an operation within what a service was asked for, or the wire to a callee.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Site {
    /// The service whose spans these are.
    pub service: String,
    /// What it was asked for: the nearest SERVER or CONSUMER operation at or above the span in its service, else the topmost.
    pub request: String,
    /// The operation of the span itself.
    pub operation: String,
    /// The operation that answers, of a call whose callee has a span: the time is then what the wire took.
    pub callee: Option<OperationName>,
    /// Whom a call is for whose callee has no span.
    pub peer: Option<String>,
    /// Nobody waits for the callee: the time is then from the end of the sending to the start of the work on the message.
    pub queued: bool,
}

impl Site {
    /// The place of requests as a whole.
    #[must_use]
    pub fn of_requests(request: &OperationName) -> Self {
        Self {
            service: request.service.clone(),
            request: request.operation.clone(),
            operation: request.operation.clone(),
            callee: None,
            peer: None,
            queued: false,
        }
    }

    /// What the service was asked for.
    #[must_use]
    pub fn request(&self) -> OperationName {
        OperationName { service: self.service.clone(), operation: self.request.clone() }
    }

    /// A number as good as random that belongs to the names.
    #[must_use]
    pub(crate) fn lot(&self) -> u64 {
        let callee = self.callee.iter().flat_map(|at| [&at.service, &at.operation]);
        let texts = [&self.service, &self.request, &self.operation].into_iter().chain(callee).chain(&self.peer);
        lot_of_texts(texts.map(String::as_str))
    }
}

/// One span at a place, of a request that nothing had gone wrong with there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Seen {
    /// When it began.
    pub start: Nanos,
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
    /// How long it worked by itself; of a call with a callee, what the wire or the queue took. Nanoseconds.
    pub time: u64,
    /// How long it took, nanoseconds.
    pub duration: u64,
    /// What it did.
    pub course: Arc<Course>,
    /// What a call tells of whom it went to; `None` where the callee has a span, or nothing is told.
    pub called: Option<Arc<Callee>>,
}

/// One request at an entry point that did not fail, and where its time went.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Passed {
    /// When it began.
    pub start: Nanos,
    /// The trace.
    pub trace: TraceId,
    /// The span of the entry point.
    pub span: SpanId,
    /// How long it took, nanoseconds.
    pub duration: u64,
    /// Nanoseconds of its critical path by place; `None` for what is told apart no more. They add up to `duration`.
    pub parts: Vec<(Option<Arc<Site>>, u64)>,
}

/// What is known of a place.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SiteFacts {
    /// Spans there, without those that failed or stopped because something else had.
    pub total: u64,
    /// An even sample of these.
    pub seen: Bottom<Seen>,
    /// An even sample of requests that passed, of a place that is an entry point.
    pub passed: Bottom<Passed>,
}

/// Every place of a window.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Profile {
    /// By place.
    pub sites: OrderedMap<Arc<Site>, SiteFacts>,
    /// Messages whose consumers begin traces of their own.
    pub waits: Waits,
}

/// How many things of each of so many places are kept.
#[must_use]
pub(crate) fn kept_of_each(sites: usize) -> usize {
    (SEEN / sites.max(1)).clamp(LEAST_SEEN, SEEN_OF_SITE)
}

impl Profile {
    /// Adds what is known from another piece of the window.
    pub fn merge(&mut self, other: Self) {
        for (site, facts) in other.sites {
            let known = self.sites.entry(site).or_default();
            known.total += facts.total;
            known.seen.merge(facts.seen, SEEN_OF_SITE);
            known.passed.merge(facts.passed, SEEN_OF_SITE);
        }
        self.waits.merge(other.waits);
        self.keep();
    }

    /// Finds out what only the whole window tells.
    pub(crate) fn settle(&mut self) {
        self.waits.settle();
    }

    /// Every place, those where messages wait among them.
    pub fn places(&self) -> impl Iterator<Item = (&Arc<Site>, &SiteFacts)> {
        self.sites.iter().chain(&self.waits.sites)
    }

    /// What is known of a place.
    #[must_use]
    pub fn place(&self, site: &Site) -> Option<&SiteFacts> {
        self.sites.get(site).or_else(|| self.waits.sites.get(site))
    }

    /// Keeps no more than the bounds allow.
    pub fn keep(&mut self) {
        if self.sites.len() > SITES {
            let mut lots: Vec<(u64, Arc<Site>)> =
                self.sites.keys().map(|site| (site.lot(), Arc::clone(site))).collect();
            lots.sort_unstable();
            for (_, site) in lots.drain(SITES..) {
                self.sites.remove(&site);
            }
        }
        let keep = kept_of_each(self.sites.len());
        for facts in self.sites.values_mut() {
            facts.seen.keep(keep);
            facts.passed.keep(keep);
        }
    }

    /// The requests that passed an entry point, and where their time went.
    #[must_use]
    pub fn passed(&self, entry: &OperationName) -> Option<&Bottom<Passed>> {
        self.sites.get(&Site::of_requests(entry)).map(|facts| &facts.passed)
    }

    /// Gives everything other names; places that get the same names become one.
    #[must_use]
    pub fn renamed(self, mut renamed: impl FnMut(String) -> String) -> Self {
        // Requests spend time at places of which no span is kept, too.
        let mut sites: HashMap<Arc<Site>, Arc<Site>> = HashMap::new();
        let mut courses: HashMap<Arc<Course>, Arc<Course>> = HashMap::new();
        let mut callees: HashMap<Arc<Callee>, Arc<Callee>> = HashMap::new();
        let mut profile = Self { waits: self.waits.renamed(&mut renamed), ..Self::default() };
        for (site, facts) in self.sites {
            let site = named(&site, &mut sites, &mut renamed);
            let seen = facts.seen.map(|mut seen| {
                let known = courses.get(&seen.course).cloned();
                seen.course = known.unwrap_or_else(|| {
                    let named = Arc::new(seen.course.renamed(&mut renamed));
                    courses.insert(Arc::clone(&seen.course), Arc::clone(&named));
                    named
                });
                seen.called = seen.called.map(|called| {
                    let known = callees.get(&called).cloned();
                    known.unwrap_or_else(|| {
                        let mut named = Callee::clone(&called);
                        named.texts_mut().into_iter().for_each(|text| *text = renamed(std::mem::take(text)));
                        let named = Arc::new(named);
                        callees.insert(called, Arc::clone(&named));
                        named
                    })
                });
                seen
            });
            let passed = facts.passed.map(|mut passed| {
                for (site, _) in &mut passed.parts {
                    *site = site.as_ref().map(|site| named(site, &mut sites, &mut renamed));
                }
                passed
            });
            let known = profile.sites.entry(site).or_default();
            known.total += facts.total;
            known.seen.merge(seen, SEEN_OF_SITE);
            known.passed.merge(passed, SEEN_OF_SITE);
        }
        profile.keep();
        profile
    }
}

/// The place under its other name, made once.
fn named(
    site: &Arc<Site>,
    known: &mut HashMap<Arc<Site>, Arc<Site>>,
    renamed: &mut impl FnMut(String) -> String,
) -> Arc<Site> {
    if let Some(named) = known.get(site) {
        return Arc::clone(named);
    }
    let callee = site.callee.as_ref().map(|callee| OperationName {
        service: renamed(callee.service.clone()),
        operation: renamed(callee.operation.clone()),
    });
    let named = Arc::new(Site {
        service: renamed(site.service.clone()),
        request: renamed(site.request.clone()),
        operation: renamed(site.operation.clone()),
        callee,
        peer: site.peer.clone().map(renamed),
        queued: site.queued,
    });
    known.insert(Arc::clone(site), Arc::clone(&named));
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lot::lot;

    fn piece(from: usize, to: usize) -> Profile {
        let mut profile = Profile::default();
        for number in from..to {
            let site = Site {
                service: "shop".to_owned(),
                request: "GET /".to_owned(),
                operation: format!("step {number}"),
                callee: None,
                peer: None,
                queued: false,
            };
            let seen = Seen {
                start: Nanos(number as u64),
                trace: TraceId::default(),
                span: SpanId::default(),
                time: 1,
                duration: 1,
                course: Arc::default(),
                called: None,
            };
            let mut facts = SiteFacts { total: 1, ..SiteFacts::default() };
            facts.seen.take(lot([number as u64]), seen, SEEN_OF_SITE);
            profile.sites.insert(Arc::new(site), facts);
        }
        profile.keep();
        profile
    }

    #[test]
    fn places_beyond_the_bound_are_let_go_the_same_in_any_order() {
        let many = SITES + 500;
        let (mut one, mut other) = (piece(0, many / 2), piece(many / 2, many));
        one.merge(piece(many / 2, many));
        other.merge(piece(0, many / 2));
        assert_eq!(one.sites.len(), SITES);
        assert!(one == other && one == piece(0, many), "the order decides");
    }

    #[test]
    fn places_that_get_the_same_name_become_one() {
        let named = piece(0, 9).renamed(|name| if name.starts_with("step") { "step".to_owned() } else { name });
        let facts: Vec<&SiteFacts> = named.sites.values().collect();
        assert_eq!((facts.len(), facts[0].total, facts[0].seen.iter().len()), (1, 9, 9));
    }
}
