//! What is true of a synthetic run, to hold answers against.

use crate::system::System;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Flag,
    Deployment,
    Attribute,
}

impl Kind {
    /// The word of the evidence.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Flag => "feature-flag",
            Self::Deployment => "deployment",
            Self::Attribute => "attribute",
        }
    }
}

/// Something that changed, as a suspect names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) kind: Kind,
    pub(crate) key: String,
    pub(crate) value: String,
}

impl Named {
    pub(crate) fn new(kind: Kind, key: &str, value: &str) -> Self {
        Self { kind, key: key.to_owned(), value: value.to_owned() }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) suspect: Option<Named>,
    pub(crate) contrast: &'static str,
    /// Any of these keys with its value names the requests that fail; empty when nothing tells them apart within the
    /// candidate, or only what the suspect says.
    pub(crate) conditions: Vec<(String, String)>,
    /// Processes that are the suspect by another name.
    pub(crate) same_as_suspect: Vec<usize>,
    /// What changed besides.
    pub(crate) harmless: Vec<Named>,
    pub(crate) fault_at: Option<usize>,
    /// The operation that evaluates the flag, or whose service has another version.
    pub(crate) changed_at: Option<usize>,
}

impl Truth {
    /// Of each operation, whether a change there can be told from the one to blame: it is of another service than fault and
    /// change, and does not lie between both. Where nothing is to blame, it is in no trace of the fault.
    ///
    /// ```text
    /// entry ─► caller ─► changed ─► between ─► fault ─► below
    ///  far      far       near       near      near     far
    /// ```
    pub(crate) fn far_operations(&self, system: &System) -> Vec<bool> {
        let Some(fault) = self.fault_at else { return vec![true; system.operations.len()] };
        let near: Vec<usize> = match self.changed_at {
            Some(changed) => system.above(fault).into_iter().filter(|place| *place >= changed).collect(),
            None => self.in_its_traces(system),
        };
        let of = |place: usize| system.operations[place].service;
        (0..system.operations.len()).map(|place| near.iter().all(|it| of(*it) != of(place))).collect()
    }

    /// Operations that traces with the fault may hold.
    fn in_its_traces(&self, system: &System) -> Vec<usize> {
        let Some(fault) = self.fault_at else { return Vec::new() };
        let above = system.above(fault);
        let tops = above.iter().filter(|place| **place < system.entries.len());
        tops.flat_map(|top| system.below(*top)).collect()
    }

    /// Changes of which no trace with the fault knows: to name one is wrong, whatever else is named.
    pub(crate) fn is_elsewhere(&self, named: &Named, system: &System) -> bool {
        let near = self.in_its_traces(system);
        let touches = |place: &usize| match named.kind {
            Kind::Flag => system.operations[*place].flags.iter().any(|flag| system.flags[*flag].key == named.key),
            Kind::Deployment => system.services[system.operations[*place].service].name == named.key,
            Kind::Attribute => false,
        };
        !near.iter().any(touches)
    }
}
