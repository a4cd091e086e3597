//! Signatures that were made lately. The same fault tells the same words in trace after trace, and to find out what of them
//! varies takes longer than everything else that is done with a failing trace.

use crate::analyze::signature::{Key, Part, exact, family};
use hashbrown::HashMap;
use std::cell::RefCell;

/// How many faults are remembered. Where there are more, all are forgotten and it begins anew.
const FAULTS: usize = 128;

/// How many bytes what is told of a fault may take to be remembered.
const BYTES: usize = 1 << 14;

/// What the parts of a key make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Signed {
    /// See [`exact`].
    pub(crate) signature: String,
    /// See [`family`].
    pub(crate) family: String,
    /// See [`Key::parts`].
    pub(crate) parts: Vec<Part>,
}

impl Signed {
    fn of(key: &Key<'_>) -> Self {
        let parts = key.parts();
        Self { signature: exact(&parts), family: family(&parts), parts }
    }
}

/// Remembers what keys were signed with, by all that counts for them. Of one thread and one set of rules.
#[derive(Debug, Default)]
pub(crate) struct SignedLately {
    known: RefCell<HashMap<Box<[u8]>, Signed>>,
    /// Kept for its room.
    told: RefCell<Vec<u8>>,
}

impl SignedLately {
    /// Signs a key, or remembers how it was signed.
    pub(crate) fn sign(&self, key: &Key<'_>) -> Signed {
        let (mut told, mut known) = (self.told.borrow_mut(), self.known.borrow_mut());
        told.clear();
        key.tell(&mut told);
        if let Some(signed) = known.get(told.as_slice()) {
            return signed.clone();
        }
        let signed = Signed::of(key);
        if told.len() <= BYTES {
            if known.len() >= FAULTS {
                known.clear();
            }
            known.insert(Box::from(told.as_slice()), signed.clone());
        }
        signed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::exception_rules::ExceptionRules;
    use crate::analyze::kind::CauseKind;
    use crate::analyze::stack::frame::Frame;
    use crate::analyze::told::{Cause, ToldException};
    use proptest::prelude::*;

    fn frames() -> impl Strategy<Value = Vec<Frame>> {
        let frame = ("[ab]{0,2}", "[ab]{0,2}", any::<bool>()).prop_map(|(function, file, in_app)| Frame {
            function: function.into(),
            file: file.into(),
            in_app,
            ..Frame::default()
        });
        proptest::collection::vec(frame, 0..3)
    }

    fn exception() -> impl Strategy<Value = ToldException> {
        let cause = ("[ab]{0,2}", "[ab]{0,2}", frames()).prop_map(|(kind, message, in_app)| Cause {
            kind,
            message,
            frame: None,
            in_app,
        });
        let causes = proptest::collection::vec(cause, 0..3);
        ("[ab]{0,2}", "[AB]{0,2}", "[ab]{0,2}", frames(), causes).prop_map(|(kind, class, message, in_app, causes)| {
            ToldException {
                kind,
                class,
                message,
                stacktrace: String::new(),
                frame: None,
                in_app,
                calls: Vec::new(),
                causes,
            }
        })
    }

    fn kind() -> impl Strategy<Value = CauseKind> {
        prop_oneof![Just(CauseKind::Exception), Just(CauseKind::Unreachable), Just(CauseKind::Timeout)]
    }

    proptest! {
        /// Whatever was signed before, which may differ in one thing only.
        #[test]
        fn what_is_remembered_is_what_would_be_made(
            kinds in proptest::collection::vec(kind(), 1..3),
            words in proptest::collection::vec("[ab]{0,2}", 1..4),
            peers in proptest::collection::vec(proptest::option::of("[ab]{0,1}"), 1..3),
            exceptions in proptest::collection::vec(proptest::option::of(exception()), 1..4),
            picked in proptest::collection::vec((0..9_usize, 0..9_usize, 0..9_usize, 0..9_usize, 0..9_usize), 1..20),
        ) {
            let (lately, rules) = (SignedLately::default(), ExceptionRules::default());
            for (kind, exception, peer, word, other) in picked {
                let key = Key {
                    kind: kinds[kind % kinds.len()],
                    service: &words[word % words.len()],
                    operation: &words[other % words.len()],
                    peer: peers[peer % peers.len()].as_deref(),
                    exception: exceptions[exception % exceptions.len()].as_ref(),
                    text: &words[kind % words.len()],
                    code: &words[peer % words.len()],
                    rules: &rules,
                };
                prop_assert_eq!(lately.sign(&key), Signed::of(&key));
            }
        }
    }

    #[test]
    fn it_remembers_no_more_than_it_may() {
        let (lately, rules) = (SignedLately::default(), ExceptionRules::default());
        let sign = |text: &str| {
            let key = Key {
                kind: CauseKind::ErrorStatus,
                service: "shop",
                operation: "pay",
                peer: None,
                exception: None,
                text,
                code: "",
                rules: &rules,
            };
            lately.sign(&key)
        };
        for number in 0..10 * FAULTS {
            sign(&format!("no. {number}"));
            assert!(lately.known.borrow().len() <= FAULTS);
        }
        let long = "a".repeat(2 * BYTES);
        assert_eq!(sign(&long), sign(&long));
        assert!(lately.known.borrow().keys().all(|told| told.len() <= BYTES));
    }
}
