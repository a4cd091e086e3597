//! Requests: what each is about, and which variants of flags hold for it.

use crate::common::chance::Chance;
use crate::otlp::{Attributes, Value};
use crate::plan::Plan;
use crate::system::{System, Unique, Values};

/// One request, wherever it goes.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) trace: u128,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    /// Of each trait.
    pub(crate) values: Vec<Value>,
    /// Of each flag, whether its other variant holds.
    pub(crate) is_other: Vec<bool>,
}

impl Request {
    /// One that comes at a time.
    pub(crate) fn draw(system: &System, plan: &Plan, start: u64, chance: &mut Chance) -> Self {
        let mut values = Vec::new();
        let mut places = Vec::new();
        for place in 0..system.traits.len() {
            let (value, at) = value_of(system, plan, place, start, &places, chance);
            values.push(value);
            places.push(at);
        }
        let steps = &plan.flags;
        let mut is_other = vec![false; steps.len()];
        for (flag, steps) in steps.iter().enumerate() {
            let Some(step) = steps.iter().rev().find(|step| step.from <= start) else { continue };
            let is_target = step.only.as_ref().is_none_or(|(told, value)| values[*told] == *value);
            is_other[flag] = is_target && chance.happens(step.share);
        }
        Self { trace: trace_id(chance), start, values, is_other }
    }

    /// These traits as attributes.
    pub(crate) fn told(&self, system: &System, traits: &[usize]) -> Attributes {
        traits.iter().map(|told| (system.traits[*told].key.to_owned(), self.values[*told].clone())).collect()
    }
}

fn trace_id(chance: &mut Chance) -> u128 {
    u128::from(chance.next()) << 64 | u128::from(chance.next())
}

/// The value of a trait, and its place among those that there are.
fn value_of(
    system: &System,
    plan: &Plan,
    place: usize,
    start: u64,
    places: &[usize],
    chance: &mut Chance,
) -> (Value, usize) {
    if let Some(new) = plan.new_value.as_ref().filter(|new| new.of == place && start >= new.from)
        && chance.happens(new.share)
    {
        return (new.value.clone(), 0);
    }
    match &system.traits[place].values {
        Values::Of(values) => {
            let is_shifted = plan.shifted == Some(place) && start >= plan.candidate;
            let weights: Vec<f64> = if is_shifted {
                values.iter().rev().map(|(_, weight)| *weight).collect()
            } else {
                values.iter().map(|(_, weight)| *weight).collect()
            };
            let at = chance.weighed(&weights);
            (values[at].0.clone(), at)
        }
        Values::Follows(other, values) => {
            let at = if chance.happens(0.85) { places[*other] } else { chance.below(values.len()) };
            (values[at].clone(), at)
        }
        Values::Unique(Unique::Uuid) => (Value::text(format!("{:016x}{:016x}", chance.next(), chance.next())), 0),
        Values::Unique(Unique::Number) => (Value::Number((chance.next() >> 30) as i64), 0),
        Values::Unique(Unique::Time) => (Value::Number((start / 1_000_000) as i64), 0),
        Values::Unique(Unique::Person) => (Value::text(format!("u{}", chance.below(4000))), 0),
    }
}
