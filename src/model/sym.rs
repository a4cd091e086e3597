//! Strings by number.

/// A short, often repeated string, stored once. Only the [`Names`](crate::model::names::Names) that made it can read it.
///
/// The order of two symbols is the order in which they were met, which depends on the input's order: sort by the
/// resolved string wherever the order can be seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Sym(pub(super) u32);

impl Sym {
    /// The empty string, which stands for "not given".
    pub const EMPTY: Self = Self(0);

    /// The symbol in this place among those of its [`Names`](crate::model::names::Names).
    pub(crate) fn of_number(number: u32) -> Self {
        Self(number)
    }

    /// Its place among the symbols of its [`Names`](crate::model::names::Names).
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    /// Whether this is the empty string.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }
}
