//! Values of attributes that were met before: of most keys the same few values come with every span.

use crate::model::attribute_key::COMPARED_VALUE_BYTES;
use crate::model::attribute_value::AttributeValue;
use crate::model::names::{Names, Sym};
use crate::read::attributes::Value;
use hashbrown::HashMap;
use std::fmt::Write;

/// How many values of a key become names. Where there are more, they are ids, which hardly come twice.
const VALUES: u32 = 256;

/// How many values of all keys become names.
const VALUES_OF_ALL: u32 = 1 << 14;

/// How many values of each key one thread has made names of.
#[derive(Debug, Default)]
pub(crate) struct KnownValues {
    of_key: HashMap<Sym, u32>,
    of_all: u32,
    text: String,
}

impl KnownValues {
    /// The value of a key by which requests are compared; `None` of one that is too long for that.
    pub(crate) fn compared(&mut self, key: Sym, value: &Value<'_>, names: &mut Names) -> Option<AttributeValue> {
        let stored = self.of_key.entry(key).or_default();
        let has_few = *stored < VALUES;
        let known = |text: &[u8], names: &Names| {
            let looked_up = has_few && text.len() <= COMPARED_VALUE_BYTES;
            looked_up.then(|| names.known_bytes(text)).flatten().map(AttributeValue::Name)
        };
        if let Some(known) = value.bytes().and_then(|text| known(text, names)) {
            return Some(known);
        }
        self.text.clear();
        match value {
            // Writing to a string cannot fail.
            Value::Int(number) => _ = write!(self.text, "{number}"),
            _ => self.text.push_str(&value.text(COMPARED_VALUE_BYTES + 1)),
        }
        if self.text.len() > COMPARED_VALUE_BYTES {
            return None;
        }
        if let Some(known) = known(self.text.as_bytes(), names) {
            return Some(known);
        }
        if has_few && self.of_all < VALUES_OF_ALL {
            *stored += 1;
            self.of_all += 1;
            if let Some(name) = names.intern_if_room(&self.text) {
                return Some(AttributeValue::Name(name));
            }
        }
        Some(AttributeValue::Text(Box::from(self.text.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_many_values_has_no_names() {
        let (mut known, mut names) = (KnownValues::default(), Names::new());
        let (few, many) = (names.intern("few"), names.intern("many"));
        for number in 0..3 * i64::from(VALUES) {
            let one_of_two = Value::Bool(number % 2 == 0);
            let value = known.compared(few, &one_of_two, &mut names);
            assert!(matches!(value, Some(AttributeValue::Name(_))));
            let id = known.compared(many, &Value::Int(number), &mut names).expect("a short one");
            assert_eq!(id.text(&names), number.to_string());
            assert_eq!(matches!(id, AttributeValue::Name(_)), number < i64::from(VALUES), "{number}");
        }
        let long = "x".repeat(COMPARED_VALUE_BYTES + 1);
        assert_eq!(known.compared(few, &Value::unread(long.as_bytes()), &mut names), None);
    }

    #[test]
    fn what_finds_no_room_among_the_names_stays_a_text() {
        let (mut known, mut names) = (KnownValues::default(), Names::with_bound(0));
        let before = names.beyond_bound();
        let value = known.compared(Sym::EMPTY, &Value::Int(7), &mut names).expect("a short one");
        assert_eq!((value.text(&names), names.beyond_bound()), ("7", before));
    }
}
