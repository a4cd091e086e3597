//! What differs between two files of flags that flagd reads.
//!
//! ```text
//! before   {"flags":{"f":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"off"}}}
//! after    {"flags":{"f":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on" }}}     f: off to on
//! ```
//!
//! | served by default | |
//! | --- | --- |
//! | `disabled` | the state is `DISABLED`: the application uses a value of its own |
//! | the default variant | else |
//! | nothing | there is no default variant, or no flag |
//!
//! A flag differs when what is served by default, its targeting (also by a shared evaluator that it refers to), the values of
//! its variants or its state differ. When the first stayed, `from` and `to` are equal, and the detail says what did not.
//!
//! Source: open-feature/flagd-schemas `json/flags.json` (flags as an object or as an array; `$evaluators`; `null` as default).

use crate::model::change_event::{ChangeEvent, ChangeKind};
use crate::ordered::map::OrderedMap;
use crate::ordered::set::OrderedSet;
use crate::read::change_events::announced::{Announced, ChangeError, MOST_CHANGES};
use crate::read::change_events::file::bytes_of;
use crate::read::change_events::members::{Object, Recognised, word};
use serde_json::Value;
use std::path::Path;

/// Compares two files of flags.
///
/// # Errors
///
/// When one of them cannot be read, or holds no flags.
pub fn changes_of_flag_files(before: &Path, after: &Path) -> Result<Announced, ChangeError> {
    let (old_name, new_name) = (before.display().to_string(), after.display().to_string());
    let (old, new) = (bytes_of(before, &old_name)?.0, bytes_of(after, &new_name)?.0);
    changes_of_flags((&old_name, &old), (&new_name, &new))
}

/// Compares the bytes of two files of flags, each with what it is called.
///
/// # Errors
///
/// When one of them holds no flags.
pub fn changes_of_flags(before: (&str, &[u8]), after: (&str, &[u8])) -> Result<Announced, ChangeError> {
    let (old, new) = (document(before)?, document(after)?);
    let (old, new) = (Flags::of(&old, before.0)?, Flags::of(&new, after.0)?);
    let evaluators = differing(&old.evaluators, &new.evaluators);
    let mut announced = Announced::default();
    let names: OrderedSet<&str> = old.by_name.keys().chain(new.by_name.keys()).copied().collect();
    for name in names {
        let sides = (old.by_name.get(name).copied(), new.by_name.get(name).copied());
        let Some(change) = change(name, sides, &evaluators) else { continue };
        if !announced.take(change, after.0) {
            let message = format!("{}: no more than {MOST_CHANGES} flags that differ are read", after.0);
            announced.messages.push(message);
            break;
        }
    }
    if announced.changes.is_empty() {
        announced.messages.push(format!("{}: no flag differs from those of {}", after.0, before.0));
    }
    Ok(announced.ended(after.0))
}

/// What is said of a file of flags among announcements.
pub(super) fn refusal_of(object: &Object) -> Recognised {
    let flags = object.get("flags")?;
    let is_flag = |flag: &Value| flag.get("variants").is_some() || flag.get("defaultVariant").is_some();
    let is_file = match flags {
        Value::Object(flags) => flags.values().any(is_flag),
        Value::Array(flags) => flags.iter().any(is_flag),
        _ => false,
    };
    is_file.then(|| Err("a file of flags, which is no change; give two with --flags to compare them".to_owned()))
}

fn document((name, bytes): (&str, &[u8])) -> Result<Value, ChangeError> {
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
        .map_err(|error| ChangeError::NoFlags { name: name.to_owned(), reason: error.to_string() })
}

/// The flags of a file.
struct Flags<'v> {
    by_name: OrderedMap<&'v str, &'v Object>,
    evaluators: OrderedMap<&'v str, &'v Value>,
}

impl<'v> Flags<'v> {
    fn of(document: &'v Value, name: &str) -> Result<Self, ChangeError> {
        let by_name: Option<OrderedMap<_, _>> = match document.get("flags") {
            Some(Value::Object(flags)) => {
                flags.iter().map(|(name, flag)| Some((name.as_str(), flag.as_object()?))).collect()
            }
            Some(Value::Array(flags)) => {
                flags.iter().map(|flag| Some((flag.get("key")?.as_str()?, flag.as_object()?))).collect()
            }
            _ => None,
        };
        let reason = || "it has no object or array \"flags\" of flags".to_owned();
        let by_name = by_name.ok_or_else(|| ChangeError::NoFlags { name: name.to_owned(), reason: reason() })?;
        let evaluators = document.get("$evaluators").and_then(Value::as_object);
        let evaluators = evaluators.into_iter().flatten().map(|(name, rule)| (name.as_str(), rule)).collect();
        Ok(Self { by_name, evaluators })
    }
}

/// The names of the rules that are not the same in both.
fn differing<'v>(old: &OrderedMap<&'v str, &Value>, new: &OrderedMap<&'v str, &Value>) -> OrderedSet<&'v str> {
    old.keys().chain(new.keys()).copied().filter(|name| old.get(name) != new.get(name)).collect()
}

/// What became of a flag; `None` when nothing did.
fn change(name: &str, sides: (Option<&Object>, Option<&Object>), evaluators: &OrderedSet<&str>) -> Option<ChangeEvent> {
    let mut change = ChangeEvent::new(ChangeKind::FeatureFlag, name);
    let (old, new) = match sides {
        (Some(old), Some(new)) => (old, new),
        (old, new) => {
            change.from = old.and_then(served);
            change.to = new.and_then(served);
            change.detail = Some(if new.is_some() { "a new flag" } else { "the flag was removed" }.to_owned());
            return Some(change);
        }
    };
    (change.from, change.to) = (served(old), served(new));
    let mut parts = Vec::new();
    if old.get("defaultVariant") != new.get("defaultVariant") && change.from == change.to {
        parts.push("its default variant".to_owned());
    }
    let targeting = targeting(new);
    if self::targeting(old) != targeting || targeting.is_some_and(|rule| refers_to(rule, evaluators)) {
        parts.push("its targeting".to_owned());
    }
    if old.get("variants") != new.get("variants") {
        parts.push(format!("the values of its variants{}", value_of_default(old, new)));
    }
    let parts = match parts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [others @ .., last] => Some(format!("{} and {last}", others.join(", "))),
    };
    change.detail = match (change.from == change.to, parts) {
        (true, None) => return None,
        (true, Some(parts)) => Some(format!("only {parts} changed")),
        (false, parts) => parts.map(|parts| format!("{parts} changed, too")),
    };
    Some(change)
}

/// What a flag serves when no rule says otherwise.
fn served(flag: &Object) -> Option<String> {
    if flag.get("state").and_then(Value::as_str) == Some("DISABLED") {
        return Some("disabled".to_owned());
    }
    flag.get("defaultVariant").and_then(word)
}

/// The rules of a flag; no rules, empty rules and null are the same.
fn targeting(flag: &Object) -> Option<&Value> {
    flag.get("targeting").filter(|rule| !rule.is_null() && rule.as_object().is_none_or(|rule| !rule.is_empty()))
}

/// Whether a rule uses one of these shared rules.
fn refers_to(rule: &Value, evaluators: &OrderedSet<&str>) -> bool {
    if evaluators.is_empty() {
        return false;
    }
    let mut open = vec![rule];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                let reference = members.get("$ref").and_then(Value::as_str);
                if reference.is_some_and(|name| evaluators.contains(name)) {
                    return true;
                }
                open.extend(members.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    false
}

/// ` (on: 0.1 to 0.5)`, when the value of the default variant is another one and short.
fn value_of_default(old: &Object, new: &Object) -> String {
    let value = |flag: &Object, variant: &str| {
        let value = flag.get("variants")?.get(variant)?;
        (!value.is_object() && !value.is_array()).then(|| value.to_string())
    };
    let told = new.get("defaultVariant").and_then(Value::as_str).and_then(|variant| {
        let (old, new) = (value(old, variant)?, value(new, variant)?);
        (old != new).then(|| format!(" ({variant}: {old} to {new})"))
    });
    told.unwrap_or_default()
}
