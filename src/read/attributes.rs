//! Attributes of one span, event, log record or resource: the ones that mean something, as they were met.

use crate::read::semconv::{Key, Namespaces};
use crate::read::text::{DECODED_BYTES, lossy};
use crate::read::{json_value, proto_value};
use std::borrow::Cow;

/// An attribute value, still in the record's bytes where possible.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum Value<'a> {
    /// No value, or one of a sort that is not known.
    #[default]
    Empty,
    /// Text.
    Str(Cow<'a, str>),
    /// Text as it stands in the record: [`lossy`] makes it valid. Most of it only becomes a name that is known already, so
    /// it is not looked at before somebody asks. Made by [`Value::unread`].
    Unread(&'a [u8]),
    /// A 64-bit integer.
    Int(i64),
    /// A float.
    Double(f64),
    /// A truth value.
    Bool(bool),
    /// An array, map or bytes: the JSON text of the whole `AnyValue`.
    Json(&'a [u8]),
    /// An array, map or bytes: the protobuf of the whole `AnyValue`.
    Proto(&'a [u8]),
}

impl<'a> Value<'a> {
    /// Text that is not looked at yet: as much of it as [`lossy`] would read.
    #[inline]
    pub(crate) fn unread(text: &'a [u8]) -> Self {
        Self::Unread(&text[..text.len().min(DECODED_BYTES)])
    }
}

impl Value<'_> {
    /// The text, when it is one.
    pub(crate) fn str(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Str(text) => Some(Cow::Borrowed(text)),
            Self::Unread(bytes) => Some(lossy(bytes)),
            _ => None,
        }
    }

    /// The text, when it is one, as bytes that may have to be made valid yet.
    #[inline]
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Str(text) => Some(text.as_bytes()),
            Self::Unread(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The integer, also from digits or a float without a fraction.
    pub(crate) fn integer(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            Self::Str(_) | Self::Unread(_) => self.str()?.trim().parse().ok(),
            #[allow(clippy::cast_possible_truncation, reason = "checked to be a whole number in range")]
            Self::Double(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
            _ => None,
        }
    }

    /// Whether there is something to show.
    #[inline]
    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Str(text) => text.is_empty(),
            Self::Unread(bytes) => bytes.is_empty(),
            _ => false,
        }
    }

    /// The value as text: strings as they are, numbers in digits, structures in a JSON-like form of at most about
    /// `limit` bytes.
    pub(crate) fn text(&self, limit: usize) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Str(text) => Cow::Borrowed(text),
            Self::Unread(bytes) => lossy(bytes),
            Self::Int(number) => Cow::Owned(number.to_string()),
            Self::Double(number) => Cow::Owned(number.to_string()),
            Self::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Self::Json(bytes) => Cow::Owned(json_value::render(bytes, limit)),
            Self::Proto(bytes) => Cow::Owned(proto_value::render(bytes, limit)),
        }
    }
}

/// The known attributes of one record. Of a key that is there twice, the first counts.
#[derive(Debug)]
pub(crate) struct Attributes<'a> {
    seen: u64,
    /// By key; of those that were not seen, anything.
    values: [Value<'a>; Key::COUNT],
    /// Which namespaces the keys belong to, unknown keys included.
    pub(crate) namespaces: Namespaces,
    /// How many attributes there were, unknown ones included.
    pub(crate) count: usize,
}

impl Default for Attributes<'_> {
    fn default() -> Self {
        let namespaces = Namespaces::default();
        Self { seen: 0, values: [const { Value::Empty }; Key::COUNT], namespaces, count: 0 }
    }
}

impl<'a> Attributes<'a> {
    /// Forgets everything. What lies in the places stays until it is written over: it is not seen any more.
    pub(crate) fn clear(&mut self) {
        self.seen = 0;
        self.namespaces = Namespaces::default();
        self.count = 0;
    }

    /// Notes that there is an attribute of this name, and says whether its value is wanted.
    #[inline(always)]
    pub(crate) fn note(&mut self, name: &[u8]) -> Option<Key> {
        self.count += 1;
        self.namespaces.add(Namespaces::of(name));
        Key::of(name).filter(|&key| !self.has(key))
    }

    /// Keeps a value. Blank ones count as absent.
    #[inline(always)]
    pub(crate) fn put(&mut self, key: Key, value: Value<'a>) {
        if !value.is_blank() && !self.has(key) {
            self.seen |= 1 << key as u8;
            self.values[key as usize] = value;
        }
    }

    /// Whether there is a value.
    #[inline]
    pub(crate) fn has(&self, key: Key) -> bool {
        self.seen & 1 << key as u8 != 0
    }

    /// The value of a key.
    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&Value<'a>> {
        if self.has(key) { Some(&self.values[key as usize]) } else { None }
    }

    /// The text of the first of these keys that has one.
    #[inline]
    pub(crate) fn text(&self, keys: &[Key]) -> Option<Cow<'_, str>> {
        keys.iter().find_map(|&key| self.get(key)?.str())
    }

    /// The text of the first of these keys that has one, as bytes that may have to be made valid yet.
    #[inline]
    pub(crate) fn bytes(&self, keys: &[Key]) -> Option<&[u8]> {
        keys.iter().find_map(|&key| self.get(key)?.bytes())
    }

    /// The integer of the first of these keys that has one.
    pub(crate) fn integer(&self, keys: &[Key]) -> Option<i64> {
        keys.iter().find_map(|&key| self.get(key)?.integer())
    }

    /// Whether any `exception.*` attribute with content is among these.
    pub(crate) fn tells_exception(&self) -> bool {
        self.has(Key::ExceptionType) || self.has(Key::ExceptionMessage) || self.has(Key::ExceptionStacktrace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_equal_keys_counts_and_blank_ones_do_not() {
        let mut attributes = Attributes::default();
        for text in ["", "redis", "mysql"] {
            if let Some(key) = attributes.note(b"db.system") {
                attributes.put(key, Value::Str(Cow::Borrowed(text)));
            }
        }
        assert_eq!(attributes.text(&[Key::DbSystemName, Key::DbSystem]), Some(Cow::Borrowed("redis")));
        assert_eq!(attributes.count, 3);
        assert!(attributes.namespaces.has(Namespaces::DB));
    }

    #[test]
    fn integers_are_read_from_every_type() {
        assert_eq!(Value::Str(Cow::Borrowed("503")).integer(), Some(503));
        assert_eq!(Value::Double(503.0).integer(), Some(503));
        assert_eq!(Value::Double(503.5).integer(), None);
        assert_eq!(Value::Double(f64::NAN).integer(), None);
    }
}
