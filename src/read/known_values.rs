//! Values of attributes that were met before: of most keys the same few values come with every span.

use crate::model::attribute_key::COMPARED_VALUE_BYTES;
use crate::model::attribute_value::AttributeValue;
use crate::model::names::Names;
use crate::read::attributes::Value;
use crate::read::known_keys::KeptKey;
use std::fmt::Write;

/// How many values of a key become names. Where there are more, they are ids, which hardly come twice.
const VALUES: u32 = 256;

/// How many values of all keys become names.
const VALUES_OF_ALL: u32 = 1 << 14;

/// How many values one thread has made names of.
#[derive(Debug, Default)]
pub(crate) struct KnownValues {
    of_all: u32,
    text: String,
}

impl KnownValues {
    /// The value of a key by which requests are compared; `None` of one that is too long for that.
    pub(crate) fn compared(
        &mut self,
        key: &mut KeptKey,
        value: &Value<'_>,
        names: &mut Names,
    ) -> Option<AttributeValue> {
        if let Some(known) = value.bytes().and_then(|text| known(key, text, names)) {
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
        if let Some(known) = known(key, self.text.as_bytes(), names) {
            return Some(known);
        }
        if key.values < VALUES && self.of_all < VALUES_OF_ALL {
            key.values += 1;
            self.of_all += 1;
            if let Some(name) = names.intern_if_room(&self.text) {
                key.last = name;
                return Some(AttributeValue::Name(name));
            }
        }
        Some(AttributeValue::Text(Box::from(self.text.as_str())))
    }
}

/// The name of a value, if it has one and the key has few.
fn known(key: &mut KeptKey, text: &[u8], names: &mut Names) -> Option<AttributeValue> {
    if key.values >= VALUES || text.len() > COMPARED_VALUE_BYTES {
        return None;
    }
    if names.text(key.last).as_bytes() != text {
        key.last = names.known_lately(text)?;
    }
    Some(AttributeValue::Name(key.last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_many_values_has_no_names() {
        let (mut known, mut names) = (KnownValues::default(), Names::new());
        let (mut few, mut many) = (KeptKey::default(), KeptKey::default());
        for number in 0..3 * i64::from(VALUES) {
            let one_of_two = Value::Bool(number % 2 == 0);
            let value = known.compared(&mut few, &one_of_two, &mut names);
            assert!(matches!(value, Some(AttributeValue::Name(_))));
            let id = known.compared(&mut many, &Value::Int(number), &mut names).expect("a short one");
            assert_eq!(id.text(&names), number.to_string());
            assert_eq!(matches!(id, AttributeValue::Name(_)), number < i64::from(VALUES), "{number}");
        }
        let long = "x".repeat(COMPARED_VALUE_BYTES + 1);
        assert_eq!(known.compared(&mut few, &Value::unread(long.as_bytes()), &mut names), None);
    }

    #[test]
    fn what_finds_no_room_among_the_names_stays_a_text() {
        let (mut known, mut names) = (KnownValues::default(), Names::with_bound(0));
        let before = names.beyond_bound();
        let value = known.compared(&mut KeptKey::default(), &Value::Int(7), &mut names).expect("a short one");
        assert_eq!((value.text(&names), names.beyond_bound()), ("7", before));
    }
}
