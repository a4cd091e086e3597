//! Members of JSON objects, by the way that leads to them.

use crate::model::change_event::ChangeEvent;
use serde_json::{Map, Value};

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// What a format makes of an object: nothing when it is not of that format; else a change, or in words why it is none.
pub(super) type Recognised = Option<Result<ChangeEvent, String>>;

/// What is found by going from member to member.
pub(super) fn at<'v>(object: &'v Object, way: &[&str]) -> Option<&'v Value> {
    let (first, rest) = way.split_first()?;
    rest.iter().try_fold(object.get(*first)?, |value, key| value.get(key))
}

/// The text that a way leads to; `None` when there is none, or it is empty.
pub(super) fn text<'v>(object: &'v Object, way: &[&str]) -> Option<&'v str> {
    at(object, way)?.as_str().filter(|text| !text.is_empty())
}

/// [`text`] for itself.
pub(super) fn owned(object: &Object, way: &[&str]) -> Option<String> {
    text(object, way).map(str::to_owned)
}

/// The first of several members that is a text.
pub(super) fn first_of(object: &Object, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| owned(object, &[key]))
}

/// A value as a word: texts as they are, all else as JSON; `None` for null and for an empty text.
pub(super) fn word(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ways_lead_to_texts_or_nowhere() {
        let value = json!({"a": {"b": "x", "e": "", "n": 1.50}, "l": ["y"], "z": null});
        let object = value.as_object().expect("an object");
        assert_eq!(text(object, &["a", "b"]), Some("x"));
        assert_eq!(text(object, &["a", "e"]), None);
        assert_eq!(text(object, &["a", "b", "c"]), None);
        assert_eq!(text(object, &[]), None);
        assert_eq!(word(&object["a"]["n"]), Some("1.5".to_owned()));
        assert_eq!(word(&object["l"]), Some("[\"y\"]".to_owned()));
        assert_eq!(word(&object["z"]), None);
        assert_eq!(first_of(object, &["z", "a"]), None);
    }
}
