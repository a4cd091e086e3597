//! What the evidence of a run says, held against what is true of it.

use crate::run::Run;
use crate::system::System;
use crate::traffic::MARKER;
use crate::truth::{Kind, Named, Truth};
use serde_json::Value;

/// Whether the right answer stands first, or among the first three.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    pub(crate) first: bool,
    pub(crate) among_three: bool,
}

impl Place {
    fn of(place: Option<usize>) -> Self {
        Self { first: place == Some(0), among_three: place.is_some_and(|place| place < 3) }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Score {
    /// The fault is a root cause; `None` when there is none.
    pub(crate) is_found: Option<bool>,
    /// `None` when there is nothing to blame.
    pub(crate) suspect: Option<Place>,
    /// Of the right suspect, when it is named: whether its contrast is the right one.
    pub(crate) contrast: Option<bool>,
    /// `None` when nothing tells requests apart.
    pub(crate) condition: Option<Place>,
    /// Suspects that nobody could hold to be right, in words.
    pub(crate) false_suspects: Vec<String>,
    /// Conditions of the fault that are not the right one; those of other root causes are not looked at.
    pub(crate) false_conditions: Vec<String>,
    /// All that is named of the fault's root cause, in words.
    pub(crate) named: String,
}

impl Score {
    pub(crate) fn of(run: &Run, evidence: &Value) -> Self {
        let truth = &run.plan.truth;
        let causes = list(&evidence["root_causes"]);
        let faults: Vec<&Value> = causes.iter().filter(|cause| is_the_fault(cause, run)).collect();
        let mut score = Self::default();
        if run.plan.fault.is_some() {
            score.is_found = Some(!faults.is_empty());
        }
        for cause in causes.iter().filter(|cause| !is_the_fault(cause, run)) {
            let told = list(&cause["suspects"])
                .iter()
                .map(|suspect| format!("{} of {}", words(suspect), cause["sentence"].as_str().unwrap_or_default()));
            score.false_suspects.extend(told);
        }
        let none = Value::Null;
        // The same fault may be told in several ways; the first is what a reader sees.
        let fault = faults.first().copied().unwrap_or(&none);
        let (suspects, conditions) = (list(&fault["suspects"]), list(&fault["conditions"]));
        if let Some(right) = &truth.suspect {
            let place = suspects.iter().position(|suspect| is_named(suspect, right));
            score.suspect = Some(Place::of(place));
            score.contrast = place.map(|place| suspects[place]["contrast"] == truth.contrast);
        }
        for suspect in faults.iter().flat_map(|fault| list(&fault["suspects"])) {
            if !is_bearable(suspect, truth, run) {
                score.false_suspects.push(words(suspect));
            }
        }
        if !truth.conditions.is_empty() {
            let is_right = |condition: &Value| truth.conditions.iter().any(|(key, value)| holds(condition, key, value));
            score.condition = Some(Place::of(conditions.iter().position(is_right)));
        }
        let wrong = conditions.iter().filter(|condition| !is_true_condition(condition, truth, run));
        score.false_conditions.extend(wrong.map(words));
        let named = |some: &[Value]| some.iter().map(words).collect::<Vec<_>>().join("; ");
        score.named = format!("suspects [{}] conditions [{}]", named(suspects), named(conditions));
        score
    }

    /// Whether nothing is left to wish for.
    pub(crate) fn is_flawless(&self) -> bool {
        self.is_found != Some(false)
            && self.suspect.is_none_or(|place| place.first)
            && self.contrast != Some(false)
            && self.condition.is_none_or(|place| place.first)
            && self.false_suspects.is_empty()
            && self.false_conditions.is_empty()
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Says what the fault says; or nothing, at the fault's place, as spans do that only have a code.
fn is_the_fault(cause: &Value, run: &Run) -> bool {
    let texts = [&cause["exception"]["message"], &cause["status"]["message"]];
    let is_there = run.plan.fault.as_ref().is_some_and(|fault| {
        let operation = &run.system.operations[fault.operation];
        let is_named = cause["operation"].as_str().is_some_and(|name| name.contains(&operation.name));
        is_named && cause["service"] == *run.system.services[operation.service].name
    });
    match texts.into_iter().find_map(Value::as_str) {
        Some(text) => text.contains(MARKER),
        None => is_there && cause["client_fault"] == false,
    }
}

fn is_named(suspect: &Value, named: &Named) -> bool {
    suspect["kind"] == named.kind.word() && suspect["key"] == *named.key && suspect["value"] == *named.value
}

/// Whether the entry, or a part of it where it is a conjunction, has this key, or says it under `also_keys`, with this value.
fn holds(entry: &Value, key: &str, value: &str) -> bool {
    match entry {
        Value::Object(members) => {
            let has_key = entry["key"] == key || list(&entry["also_keys"]).iter().any(|also| also == key);
            has_key && entry["value"] == value || members.values().any(|member| holds(member, key, value))
        }
        Value::Array(members) => members.iter().any(|member| holds(member, key, value)),
        _ => false,
    }
}

/// Right, or something that came with the change and touches the same traces, so that only timing and distance speak
/// against it. Where nothing is to blame there is no such thing.
fn is_bearable(suspect: &Value, truth: &Truth, run: &Run) -> bool {
    let Some(right) = &truth.suspect else { return false };
    let is_companion = |named: &Named| is_named(suspect, named) && !truth.is_elsewhere(named, &run.system);
    is_named(suspect, right) || truth.harmless.iter().any(is_companion)
}

/// A condition that says what fails: the value, the flag or version to blame, what the bad process tells of itself.
fn is_true_condition(condition: &Value, truth: &Truth, run: &Run) -> bool {
    let is_listed = truth.conditions.iter().any(|(key, value)| holds(condition, key, value));
    let is_suspect = truth.suspect.as_ref().is_some_and(|right| match right.kind {
        Kind::Flag => says(condition, &right.key) && says(condition, &right.value),
        _ => says(condition, &right.value),
    });
    let of_process = |process: &usize| {
        run.plan.processes.all[*process].iter().any(|(key, value)| holds(condition, key, &value.shown()))
    };
    is_listed || is_suspect || truth.same_as_suspect.iter().any(of_process) || is_target(condition, run)
}

/// The value of a trait at which a rollout is aimed.
fn is_target(condition: &Value, run: &Run) -> bool {
    let System { traits, .. } = &run.system;
    let targets = run.plan.flags.iter().flatten().filter_map(|step| step.only.as_ref());
    targets.into_iter().any(|(told, value)| holds(condition, traits[*told].key, &value.shown()))
}

fn says(entry: &Value, text: &str) -> bool {
    entry["key"].as_str().is_some_and(|key| key.contains(text)) || entry["value"] == text
}

fn words(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let kind = text("kind");
    let count = |key: &str| entry[key].as_u64().unwrap_or_default();
    format!(
        "{kind}{}{}={} {}/{} failing {}/{} passing",
        if kind.is_empty() { "" } else { " " },
        text("key"),
        text("value"),
        count("failing_with"),
        count("failing_with") + count("failing_without"),
        count("passing_with"),
        count("passing_with") + count("passing_without"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Evidence of one root cause that says what the fault says.
    fn evidence(suspects: &[Value], conditions: &[Value]) -> Value {
        json!({"root_causes": [{
            "exception": {"message": MARKER}, "suspects": suspects, "conditions": conditions, "sentence": "it fails",
        }]})
    }

    #[test]
    fn the_truth_is_flawless_and_nothing_else_is() {
        for run in (0..18).map(Run::draw).filter(|run| run.plan.fault.is_some()) {
            let truth = &run.plan.truth;
            let right: Vec<Value> = truth
                .suspect
                .iter()
                .map(|it| json!({"kind": it.kind.word(), "key": it.key, "value": it.value, "contrast": truth.contrast}))
                .collect();
            let conditions: Vec<Value> =
                truth.conditions.iter().take(1).map(|(key, value)| json!({"key": key, "value": value})).collect();
            assert!(Score::of(&run, &evidence(&right, &conditions)).is_flawless(), "{}", run.seed);
            let wrong = json!({"kind": "deployment", "key": "moon", "value": "9.9.9", "contrast": "across-windows"});
            let second: Vec<Value> = right.iter().cloned().chain([wrong.clone()]).collect();
            let score = Score::of(&run, &evidence(&second, &conditions));
            assert_eq!(score.false_suspects.len(), 1, "{}", run.seed);
            let first: Vec<Value> = [wrong].into_iter().chain(right).collect();
            let score = Score::of(&run, &evidence(&first, &conditions));
            assert!(score.suspect.is_none_or(|place| !place.first && place.among_three), "{}", run.seed);
            let told = json!({"key": "app.order.id", "value": "9f"});
            let score = Score::of(&run, &evidence(&[], &[told]));
            assert_eq!(score.false_conditions.len(), 1, "{}", run.seed);
            assert_eq!(score.is_found, Some(true), "{}", run.seed);
            assert_eq!(Score::of(&run, &json!({"root_causes": []})).is_found, Some(false), "{}", run.seed);
        }
    }

    #[test]
    fn a_conjunction_holds_its_parts() {
        let both = json!({"key": "a", "value": "1", "and": [{"key": "b", "value": "2", "also_keys": ["c"]}]});
        assert!([("a", "1"), ("b", "2"), ("c", "2")].iter().all(|(key, value)| holds(&both, key, value)));
        assert!(!holds(&both, "a", "2") && !holds(&both, "b", "1"));
    }
}
