//! What requests are to be compared with, which decides what has to be gathered of them.

/// What requests are compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Compares {
    /// With nothing: they are counted.
    #[default]
    Nothing,
    /// With the usual ones at the same entry point: where their time went is gathered.
    Usual,
    /// With those of another window: what they had, what ran, where the time of all work went, and which course it took.
    Windows,
}
