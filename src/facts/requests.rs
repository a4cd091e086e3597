//! Failing and passing requests of each operation, with what each of them had: where suspects and conditions are looked for.
//!
//! ```text
//! passing   payment Charge         requests that went well                      a sample of each operation
//! failing   v1:4a0c...             requests in which this root cause began      a sample of each root cause
//! ```

use crate::facts::cause::OperationName;
use crate::facts::property::{Property, PropertyId, by_words};
use crate::facts::request_sample::{Drawn, REQUESTS_OF_GROUP, RequestRow};
use crate::facts::told_apart::ToldApart;
use crate::ordered::map::OrderedMap;
use hashbrown::HashMap;

/// How many requests of a window are kept that failed, and as many that passed. Where there are more, each group keeps fewer.
pub const REQUESTS_OF_WINDOW: usize = 1 << 16;

/// Each operation keeps so many requests at least, however many operations there are.
pub(crate) const FEW: usize = 4;

/// Requests of one window.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Requests {
    /// What they had, each once; in the order of words once the window is complete.
    pub properties: Vec<Property>,
    /// Which operations are told apart: of others no requests that went well are kept.
    pub(crate) told_apart: ToldApart,
    /// Requests that went well, by operation.
    pub passing: OrderedMap<OperationName, Drawn>,
    /// Requests in which a root cause began, by its signature.
    pub failing: OrderedMap<String, Drawn>,
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
        let in_new_places = |drawn| with_properties(drawn, |properties| under_new_places(properties, &renamed));
        for (operation, drawn) in other.passing {
            self.passing.entry(operation).or_default().merge(in_new_places(drawn));
        }
        for (signature, drawn) in other.failing {
            self.failing.entry(signature).or_default().merge(in_new_places(drawn));
        }
        self.told_apart = self.told_apart.and(other.told_apart);
        self.keep_operations();
    }

    /// Keeps no more rows than a window may have, drops the groups of root causes that are not kept, and puts the properties
    /// that are left in the order of words: the same for whatever pieces the window was put together from.
    pub(crate) fn settle(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.failing.retain(|signature, _| is_kept(signature));
        let most = most_of_passing(self.told_apart, self.passing.values());
        self.passing.values_mut().for_each(|group| group.rows.keep(most));
        let most = most_of_failing(self.failing.values());
        self.failing.values_mut().for_each(|group| group.rows.keep(most));
        let is_used = used(self.groups(), self.properties.len());
        let mut renamed = vec![PropertyId::MAX; self.properties.len()];
        let order = by_words(&self.properties, &is_used);
        let mut met: Vec<Option<Property>> = std::mem::take(&mut self.properties).into_iter().map(Some).collect();
        for old in order {
            let Some(property) = met.get_mut(old as usize).and_then(Option::take) else { continue };
            // Texts of which parts were taken out may have become equal.
            if self.properties.last() != Some(&property) {
                self.properties.push(property);
            }
            renamed[old as usize] = PropertyId::try_from(self.properties.len() - 1).unwrap_or(PropertyId::MAX);
        }
        for group in self.groups_mut() {
            *group = with_properties(std::mem::take(group), |properties| {
                under_new_places(properties, &renamed);
                properties.sort_unstable();
                properties.dedup();
            });
        }
    }

    /// Lets go of requests for operations that there is no room for.
    pub(crate) fn keep_operations(&mut self) {
        let known = self.told_apart.and(ToldApart::of_operations());
        if known.are_all() && self.passing.len() <= known.least() {
            return;
        }
        let told_apart = known.within_bound_of_names(self.passing.keys());
        if !told_apart.are_all() {
            self.passing.retain(|name, _| told_apart.tell_name_apart(name));
        }
        self.told_apart = told_apart;
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

fn with_properties(drawn: Drawn, mut change: impl FnMut(&mut Vec<PropertyId>)) -> Drawn {
    let rows = drawn.rows.map(|row| {
        let mut properties = row.properties.into_vec();
        change(&mut properties);
        RequestRow { properties: properties.into_boxed_slice(), ..row }
    });
    Drawn { rows, ..drawn }
}

fn under_new_places(properties: &mut [PropertyId], renamed: &[PropertyId]) {
    for property in properties {
        *property = renamed.get(*property as usize).copied().unwrap_or(PropertyId::MAX);
    }
}

/// How many requests each operation may keep: [`FEW`] where not all operations are told apart, whichever of them are.
pub(crate) fn most_of_passing<'g>(told_apart: ToldApart, groups: impl Iterator<Item = &'g Drawn> + Clone) -> usize {
    if told_apart.are_all() { most_of_group(groups.map(|group| group.seen)).max(FEW) } else { FEW }
}

/// How many requests each root cause may keep.
pub(crate) fn most_of_failing<'g>(groups: impl Iterator<Item = &'g Drawn> + Clone) -> usize {
    most_of_group(groups.map(|group| group.seen))
}

/// The largest power of two that each group may keep so that all together stay within the bound. More requests never make
/// it larger, so that no piece keeps fewer than the whole.
fn most_of_group(seen: impl Iterator<Item = u64> + Clone) -> usize {
    let kept = |most: u64| seen.clone().fold(0_u64, |sum, seen| sum.saturating_add(seen.min(most)));
    let mut most = REQUESTS_OF_GROUP;
    while most > 1 && kept(most as u64) > REQUESTS_OF_WINDOW as u64 {
        most /= 2;
    }
    most
}
