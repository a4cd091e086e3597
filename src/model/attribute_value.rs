//! The value of an attribute that was kept.

use crate::model::names::Names;
use crate::model::sym::Sym;

/// The value of an attribute as text. Most of what comes with spans is one of a few values, stored once.
///
/// The same value may be a name in one span and a text in another: two values are the same when their texts are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AttributeValue {
    /// One that was met before.
    Name(Sym),
    /// One of a key that has many.
    Text(Box<str>),
}

impl AttributeValue {
    /// The text.
    #[must_use]
    pub fn text<'a>(&'a self, names: &'a Names) -> &'a str {
        match self {
            Self::Name(sym) => names.text(*sym),
            Self::Text(text) => text,
        }
    }

    /// The text as a name.
    pub fn interned(&self, names: &mut Names) -> Sym {
        match self {
            Self::Name(sym) => *sym,
            Self::Text(text) => names.intern(text),
        }
    }

    /// How many bytes it takes beside itself.
    #[must_use]
    pub fn bytes_held(&self) -> usize {
        match self {
            Self::Name(_) => 0,
            Self::Text(text) => text.len(),
        }
    }
}
