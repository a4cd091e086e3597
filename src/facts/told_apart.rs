//! Which entry points of a window, or which operations, are told apart, where there are more than memory has room for.
//!
//! Each name has a number as good as random (see [`lot`](crate::model::lot::lot)), and those with the smallest numbers stay, as
//! many as there is room for. All others are one: whatever was counted of them is counted of that one.
//!
//! ```text
//! lot   0.02  0.10  0.31  0.44  0.58  0.90
//! name  GET / POST  a     b     c     d        room for three: GET /, POST and a stay; b, c and d are one
//! ```
//!
//! A piece that has no room for a name has smaller ones that fill the room, and so has the whole. So pieces add up to the whole in
//! any order.

use crate::facts::cause::OperationName;
use crate::model::bounds::{NAME_BEYOND_BOUND, NAME_BYTES};
use crate::model::lot::lot_of_texts;
use crate::model::names::Names;
use crate::model::operation::OpId;

/// How many bytes the entry points of a window may take that are told apart, besides what is kept of each of their requests: some
/// 160,000 of usual names. Each thread keeps so many until all are put together.
const ENTRIES_BYTES: usize = 64 << 20;

/// How many bytes the operations may take that requests are counted for, of a window that is compared with another one, entry points
/// among them; and so many those of which requests that passed are kept. Some 40,000 of usual names.
const OPERATIONS_BYTES: usize = 16 << 20;

/// About how many bytes an entry point, or an operation, takes besides its name.
const ENTRY_BYTES: usize = 384;

/// An entry point on its way to be told apart: the number of its name, and how many bytes it takes.
pub(crate) type Measured = (u64, usize);

/// Which entry points are told apart, or which operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ToldApart {
    /// Those whose numbers are less; `None` when there was room for all.
    below: Option<u64>,
    /// How much room there is.
    bytes: usize,
}

impl Default for ToldApart {
    fn default() -> Self {
        Self { below: None, bytes: ENTRIES_BYTES }
    }
}

impl ToldApart {
    /// All operations, as long as there is room for them.
    pub(crate) fn of_operations() -> Self {
        Self { below: None, bytes: OPERATIONS_BYTES }
    }

    /// The least number of entry points for which there may be no room, whatever their names are.
    pub(crate) fn most(self) -> usize {
        self.bytes / ENTRY_BYTES
    }

    /// So many entry points have room, whatever their names are: each has two.
    pub(crate) fn least(self) -> usize {
        self.bytes / (ENTRY_BYTES + 2 * NAME_BYTES)
    }

    /// All, as long as there is so much room.
    #[cfg(test)]
    pub(crate) fn with_room(bytes: usize) -> Self {
        Self { below: None, bytes }
    }

    /// Whether there was room for all.
    pub(crate) fn are_all(self) -> bool {
        self.below.is_none()
    }

    /// Whether an entry point is told apart. The one that all others are is no other one.
    pub(crate) fn tell_apart(self, service: &str, operation: &str) -> bool {
        self.below.is_none_or(|below| are_of_others(service, operation) || lot_of(service, operation) < below)
    }

    /// Whether the entry point, or operation, of this name is told apart.
    pub(crate) fn tell_name_apart(self, name: &OperationName) -> bool {
        self.tell_apart(&name.service, &name.operation)
    }

    /// Whether an operation is told apart.
    pub(crate) fn tell_operation_apart(self, operation: OpId, names: &Names) -> bool {
        let (service, operation) = words_of(operation, names);
        self.tell_apart(service, operation)
    }

    /// Whether no entry point is told apart whose number lies in this part of all numbers (see [`part_of`]).
    pub(crate) fn tell_none_of(self, part: u8) -> bool {
        self.below.is_some_and(|below| u64::from_be_bytes([part, 0, 0, 0, 0, 0, 0, 0]) >= below)
    }

    /// The name that requests of an entry point are counted by.
    pub(crate) fn counted_as(self, name: OperationName) -> OperationName {
        if self.tell_name_apart(&name) { name } else { others() }
    }

    /// Those that both tell apart.
    pub(crate) fn and(self, other: Self) -> Self {
        let below = [self.below, other.below].into_iter().flatten().min();
        Self { below, bytes: self.bytes.min(other.bytes) }
    }

    /// Those of these that there is room for. They must be all that these tell apart.
    pub(crate) fn within_bound_of(self, operations: impl Iterator<Item = OpId>, names: &Names) -> Self {
        let sizes = operations.filter_map(|operation| {
            let (service, operation) = words_of(operation, names);
            self.size_of(service, operation)
        });
        self.within_bound(sizes.collect())
    }

    /// Those of these that there is room for. They must be all that these tell apart.
    pub(crate) fn within_bound_of_names<'n>(self, names: impl Iterator<Item = &'n OperationName>) -> Self {
        self.within_bound(names.filter_map(|name| self.size_of(&name.service, &name.operation)).collect())
    }

    /// What a name takes that is told apart; nothing for the one that all others are.
    fn size_of(self, service: &str, operation: &str) -> Option<Measured> {
        let counts = !are_of_others(service, operation) && self.tell_apart(service, operation);
        counts.then(|| measured(service, operation))
    }

    /// Those of these that there is room for. They must be all that these tell apart.
    pub(crate) fn within_bound(self, mut names: Vec<Measured>) -> Self {
        names.sort_unstable();
        // Operations that differ in their kind have one name.
        names.dedup_by_key(|&mut (lot, _)| lot);
        let mut bytes = 0;
        let beyond = names.into_iter().find(|&(_, size)| {
            bytes += size;
            bytes > self.bytes
        });
        self.and(Self { below: beyond.map(|(lot, _)| lot), ..self })
    }
}

/// The service and the name of an operation.
pub(crate) fn words_of(operation: OpId, names: &Names) -> (&str, &str) {
    let operation = names.operation_of(operation);
    (names.text(operation.service), names.text(operation.name))
}

/// An entry point of this name.
pub(crate) fn measured(service: &str, operation: &str) -> Measured {
    (lot_of(service, operation), ENTRY_BYTES + service.len() + operation.len())
}

/// The part of all numbers, of 256, in which a number lies.
pub(crate) fn part_of(lot: u64) -> u8 {
    lot.to_be_bytes()[0]
}

/// The number of a name.
pub(crate) fn lot_of(service: &str, operation: &str) -> u64 {
    lot_of_texts([service, operation])
}

/// The entry point that all are which are not told apart.
pub(crate) fn others() -> OperationName {
    OperationName { service: NAME_BEYOND_BOUND.to_owned(), operation: NAME_BEYOND_BOUND.to_owned() }
}

/// Whether an entry point is several that are not told apart: those beyond the bound of entry points, or those of a service beyond
/// the bound of names.
pub(crate) fn is_several(name: &OperationName) -> bool {
    name.operation == NAME_BEYOND_BOUND
}

/// Whether these are the words of [`others`].
pub(crate) fn are_of_others(service: &str, operation: &str) -> bool {
    service == NAME_BEYOND_BOUND && operation == NAME_BEYOND_BOUND
}

/// Room for some forty names of [`numbered`].
#[cfg(test)]
pub(crate) const ROOM_FOR_FORTY: usize = 16_000;

/// One of many names.
#[cfg(test)]
pub(crate) fn numbered(number: u64) -> OperationName {
    OperationName { service: "shop".to_owned(), operation: format!("GET /{number:03}") }
}
