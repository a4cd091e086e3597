//! Evidence held against evidence, place by place.

use serde_json::Value;
use std::collections::BTreeSet;

/// Places (JSON pointers) at which two values differ, with both.
pub(crate) fn differences(left: &Value, right: &Value) -> Vec<(String, Value, Value)> {
    let mut found = Vec::new();
    compare("", left, right, &mut found);
    found
}

fn compare(at: &str, left: &Value, right: &Value, found: &mut Vec<(String, Value, Value)>) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let side = |side: &serde_json::Map<String, Value>| side.get(key).cloned().unwrap_or(Value::Null);
                compare(&format!("{at}/{key}"), &side(a), &side(b), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (place, (left, right)) in a.iter().zip(b).enumerate() {
                compare(&format!("{at}/{place}"), left, right, found);
            }
        }
        _ if left != right => found.push((at.to_owned(), left.clone(), right.clone())),
        _ => {}
    }
}

/// A place with `*` for every number in it.
pub(crate) fn pattern(place: &str) -> String {
    let step = |step: &str| if step.parse::<usize>().is_ok() { "*" } else { step }.to_owned();
    place.split('/').map(step).collect::<Vec<_>>().join("/")
}

/// The differences as text, for a failing test.
pub(crate) fn explained(found: &[(String, Value, Value)]) -> String {
    let line =
        |(place, left, right): &(String, Value, Value)| format!("  {place}\n    wanted {left}\n    found  {right}\n");
    found.iter().map(line).collect()
}
