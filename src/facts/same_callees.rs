//! Callees that were not reached and are called by several names: one root cause, where the captures prove that the names lead to
//! one service.
//!
//! ```text
//! web   rpc.service=shop.Payment     refused   ─┐    both names were answered by payment,
//! shop  server.address=payment:8080  refused   ─┴─►  and by nobody else: payment is gone
//!
//! web   server.address=proxy:8080    refused         was answered by payment and by cart, or by nobody with a span:
//!                                                    stays what it is
//! ```

use crate::analyze::kind::CauseKind;
use crate::analyze::signature::Part;
use crate::facts::calls::Callee;
use crate::facts::cause::CauseFacts;
use crate::facts::window::{WindowFacts, alone_answering};
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use std::borrow::Cow;
use std::sync::Arc;

/// Under what several root causes are counted as one: the first of their names in the order of the alphabet, which is the same
/// in both windows of a comparison.
#[derive(Clone, PartialEq, Debug)]
struct Identity {
    signature: String,
    peer: String,
    family: Box<str>,
    /// All names.
    names: OrderedSet<String>,
}

/// Signature and facts by the name of the callee.
type ByName<'f> = OrderedMap<&'f str, (&'f str, &'f CauseFacts)>;

/// Root causes that are one with others.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SameCallees {
    by_signature: OrderedMap<String, Arc<Identity>>,
}

impl SameCallees {
    /// Those of windows that are looked at together.
    #[must_use]
    pub fn of(windows: &[&WindowFacts]) -> Self {
        // Those that were left out may be the very calls that prove a name to be of several services.
        if windows.iter().any(|facts| facts.pictures.calls.may_lack_pairs()) {
            return Self::default();
        }
        let calls = windows.iter().flat_map(|facts| facts.pictures.calls.iter());
        let answered_unseen = calls.filter_map(|(_, callee, counts)| match callee {
            Callee::Named(name) if counts.calls > counts.failed => Some(name.as_str()),
            _ => None,
        });
        let answered_unseen: OrderedSet<&str> = answered_unseen.collect();
        // What users split stays apart, so that the rest of the key counts, too.
        let mut by_service: OrderedMap<(&str, Vec<&str>), ByName<'_>> = OrderedMap::new();
        for (signature, cause) in windows.iter().flat_map(|facts| &facts.causes) {
            let Some(peer) = cause.sample.peer.as_deref().filter(|_| cause.sample.kind == CauseKind::Unreachable)
            else {
                continue;
            };
            // Who answered a call without a span of its own may be somebody else.
            if let Some(service) = alone_answering(windows, peer).filter(|_| !answered_unseen.contains(peer)) {
                let key = cause.sample.key.iter().map(|part: &Part| part.value.as_str()).collect();
                by_service.entry((service, key)).or_default().insert(peer, (signature, cause));
            }
        }
        let mut same = Self::default();
        for names in by_service.into_values().filter(|names| names.len() > 1) {
            let Some((peer, (signature, cause))) = names.first_key_value() else { continue };
            let identity = Arc::new(Identity {
                signature: (*signature).to_owned(),
                peer: (*peer).to_owned(),
                family: cause.sample.family.clone(),
                names: names.keys().map(|&name| name.to_owned()).collect(),
            });
            for (signature, _) in names.values() {
                same.by_signature.insert((*signature).to_owned(), Arc::clone(&identity));
            }
        }
        same
    }

    /// The window with one root cause for each of them; itself where there is none.
    #[must_use]
    pub fn united<'f>(&self, facts: &'f WindowFacts) -> Cow<'f, WindowFacts> {
        if !facts.causes.keys().any(|signature| self.by_signature.contains_key(signature)) {
            return Cow::Borrowed(facts);
        }
        let mut united = facts.clone();
        for (signature, identity) in &self.by_signature {
            let Some(mut cause) = united.take_cause(signature) else { continue };
            cause.sample.peer = Some(identity.peer.clone());
            cause.sample.family.clone_from(&identity.family);
            cause.names.clone_from(&identity.names);
            united.add_cause(identity.signature.clone(), cause);
            if let Some(requests) = united.requests.failing.remove(signature) {
                united.requests.failing.entry(identity.signature.clone()).or_default().merge(requests);
            }
        }
        for (one, other, overlap) in facts.together.iter() {
            let identities = [one, other].map(|signature| self.by_signature.get(signature));
            let [Some(identity), Some(its)] = identities else { continue };
            if identity != its {
                continue;
            }
            if let Some(cause) = united.causes.get_mut(&identity.signature) {
                cause.take_back(overlap);
            }
            if let Some(requests) = united.requests.failing.get_mut(&identity.signature) {
                requests.rows.dedup();
                requests.seen = requests.seen.saturating_sub(overlap.traces).max(requests.rows.len().min(1) as u64);
            }
        }
        // Of three names in one trace more was taken back than was counted twice: no fewer than by each name alone.
        for (signature, identity) in &self.by_signature {
            if let (Some(alone), Some(cause)) =
                (facts.causes.get(signature), united.causes.get_mut(&identity.signature))
            {
                cause.at_least(alone);
            }
        }
        for identity in self.by_signature.values() {
            if let Some(cause) = united.causes.get_mut(&identity.signature) {
                cause.within_its_traces();
            }
        }
        united.find_askers();
        Cow::Owned(united)
    }
}
