//! Failing and passing requests of each operation, with what each of them had: where suspects and conditions are looked for.
//!
//! ```text
//! passing   payment Charge         requests that went well                      a sample of each operation
//! failing   v1:4a0c...             requests in which this root cause began      a sample of each root cause
//! ```

use crate::facts::cause::OperationName;
use crate::facts::property::{Property, PropertyId};
use crate::facts::request_sample::{Drawn, REQUESTS_OF_GROUP, RequestRow};
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// How many requests of a window are kept. Where there are more, each group keeps fewer.
pub const REQUESTS_OF_WINDOW: usize = 1 << 16;

/// Requests of one window.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Requests {
    /// What they had, each once; in the order of words once the window is complete.
    pub properties: Vec<Property>,
    /// Requests that went well, by operation.
    pub passing: BTreeMap<OperationName, Drawn>,
    /// Requests in which a root cause began, by its signature.
    pub failing: BTreeMap<String, Drawn>,
}

impl Requests {
    /// Adds those of another piece of the window.
    pub(crate) fn merge(&mut self, other: Self) {
        let mut known: HashMap<Property, PropertyId> = HashMap::new();
        for (place, property) in (0..).zip(&self.properties) {
            known.insert(property.clone(), place);
        }
        let mut renamed = Vec::with_capacity(other.properties.len());
        for property in other.properties {
            let next = PropertyId::try_from(self.properties.len()).unwrap_or(PropertyId::MAX);
            let place = *known.entry(property).or_insert_with_key(|property| {
                self.properties.push(property.clone());
                next
            });
            renamed.push(place);
        }
        for (operation, drawn) in other.passing {
            self.passing.entry(operation).or_default().merge(under_new_places(drawn, &renamed));
        }
        for (signature, drawn) in other.failing {
            self.failing.entry(signature).or_default().merge(under_new_places(drawn, &renamed));
        }
    }

    /// Keeps no more rows than a window may have, drops the groups of root causes that are not kept, and puts the properties
    /// that are left in the order of words: the same for whatever pieces the window was put together from.
    pub(crate) fn settle(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.failing.retain(|signature, _| is_kept(signature));
        let most = most_of_group(self.groups().map(|group| group.seen));
        self.groups_mut().for_each(|group| group.rows.keep(most));
        let is_used = used(self.groups(), self.properties.len());
        let mut order: Vec<PropertyId> =
            (0..).zip(is_used).filter(|(_, is_used)| *is_used).map(|(property, _)| property).collect();
        order.sort_unstable_by(|&a, &b| self.properties.get(a as usize).cmp(&self.properties.get(b as usize)));
        let mut renamed = vec![PropertyId::MAX; self.properties.len()];
        let mut properties: Vec<Property> = Vec::with_capacity(order.len());
        for old in order {
            let Some(property) = self.properties.get(old as usize) else { continue };
            // Texts of which parts were taken out may have become equal.
            if properties.last() != Some(property) {
                properties.push(property.clone());
            }
            renamed[old as usize] = PropertyId::try_from(properties.len() - 1).unwrap_or(PropertyId::MAX);
        }
        self.properties = properties;
        for group in self.groups_mut() {
            *group = under_new_places(std::mem::take(group), &renamed);
        }
    }

    /// Gives operations, and with them services, other names; those that get the same name become one.
    pub(crate) fn rename(&mut self, mut renamed: impl FnMut(OperationName) -> OperationName) {
        for (operation, drawn) in std::mem::take(&mut self.passing) {
            self.passing.entry(renamed(operation)).or_default().merge(drawn);
        }
    }

    fn groups(&self) -> impl Iterator<Item = &Drawn> + Clone {
        self.passing.values().chain(self.failing.values())
    }

    fn groups_mut(&mut self) -> impl Iterator<Item = &mut Drawn> {
        self.passing.values_mut().chain(self.failing.values_mut())
    }
}

/// Which of so many properties a kept request had.
pub(crate) fn used<'g>(groups: impl Iterator<Item = &'g Drawn>, properties: usize) -> Vec<bool> {
    let mut is_used = vec![false; properties];
    for &property in groups.flat_map(|group| group.rows.iter()).flat_map(|row| &row.properties) {
        if let Some(is_used) = is_used.get_mut(property as usize) {
            *is_used = true;
        }
    }
    is_used
}

fn under_new_places(drawn: Drawn, renamed: &[PropertyId]) -> Drawn {
    let rows = drawn.rows.map(|row| {
        let mut properties = row.properties.into_vec();
        for property in &mut properties {
            *property = renamed.get(*property as usize).copied().unwrap_or(PropertyId::MAX);
        }
        properties.sort_unstable();
        properties.dedup();
        RequestRow { properties: properties.into_boxed_slice(), ..row }
    });
    Drawn { rows, ..drawn }
}

/// The largest power of two that each group may keep so that all together stay within the bound. More requests never make
/// it larger, so that no piece keeps fewer than the whole.
pub(crate) fn most_of_group(seen: impl Iterator<Item = u64> + Clone) -> usize {
    let kept = |most: u64| seen.clone().fold(0_u64, |sum, seen| sum.saturating_add(seen.min(most)));
    let mut most = REQUESTS_OF_GROUP;
    while most > 1 && kept(most as u64) > REQUESTS_OF_WINDOW as u64 {
        most /= 2;
    }
    most
}
