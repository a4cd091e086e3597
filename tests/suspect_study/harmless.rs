//! Changes beside the one that is to blame, and requests that are about other things than before.

use crate::common::chance::Chance;
use crate::otlp::Value;
use crate::plan::{FlagStep, NewValue, Plan, Sort, WINDOW, announcement};
use crate::system::{System, version};
use crate::truth::{Kind, Named};

impl Plan {
    /// Changes that nothing comes of: none is nearer to the fault than what is to blame.
    pub(crate) fn draw_harmless(&mut self, system: &System, chance: &mut Chance) {
        let (flags, versions) = match self.sort {
            Sort::Nothing | Sort::Restarts => (0, 0),
            Sort::HarmlessFlags => (chance.between(1, 3), 0),
            Sort::HarmlessVersions => (0, chance.between(1, 3)),
            _ => (chance.between(0, 2), chance.between(0, 2)),
        };
        let far = self.truth.far_operations(system);
        for _ in 0..flags {
            let at = self.some_time(chance);
            let may_change = |flag: &usize| {
                let evaluate = |place: usize| system.operations[place].flags.contains(flag);
                self.flags[*flag].is_empty() && (0..system.operations.len()).all(|place| !evaluate(place) || far[place])
            };
            let free: Vec<usize> = (0..system.flags.len()).filter(may_change).collect();
            if free.is_empty() {
                break;
            }
            let flag = *chance.one_of(&free);
            let share = if chance.happens(0.7) { 1.0 } else { 0.05 + 0.45 * chance.share() };
            self.flags[flag].push(FlagStep { from: at, share, only: None });
            let [from, to] = system.flags[flag].variants;
            self.harmless(Named::new(Kind::Flag, &system.flags[flag].key, to), from, at, chance);
        }
        for _ in 0..versions {
            let at = self.some_time(chance);
            let of_service = |service: usize| {
                let places = 0..system.operations.len();
                places.filter(move |place| system.operations[*place].service == service)
            };
            let may_change = |service: &usize| {
                let is_blamed = self.truth.harmless.iter().any(|it| it.key == system.services[*service].name);
                !is_blamed && of_service(*service).all(|place| far[place])
            };
            let free: Vec<usize> = (0..system.services.len()).filter(may_change).collect();
            if free.is_empty() {
                break;
            }
            let of = *chance.one_of(&free);
            let (key, old) = (system.services[of].version_key, &system.services[of].version);
            let new = version(key, chance);
            if chance.happens(0.7) {
                self.processes.replace(system, of, &new, at, chance);
            } else {
                self.processes.replace_one(system, of, &new, at, chance);
            }
            self.harmless(Named::new(Kind::Deployment, &system.services[of].name, &new), old, at, chance);
        }
        if self.sort == Sort::HarmlessMix {
            let told = *chance.one_of(&[0, 2, 3, 7]);
            self.shifted = Some(told);
            let value = Value::text("NEW-8");
            self.new_value = Some(NewValue { of: told, value, share: 0.1, from: self.candidate });
        }
    }

    fn harmless(&mut self, named: Named, from: &str, at: u64, chance: &mut Chance) {
        if chance.happens(0.5) {
            self.announced.push(announcement(&named, from, at, chance));
        }
        self.truth.harmless.push(named);
    }

    /// Most changes come with the one that is watched; some come while the candidate runs.
    fn some_time(&self, chance: &mut Chance) -> u64 {
        if chance.happens(0.7) {
            self.between_or_cut()
        } else {
            self.candidate + (WINDOW as f64 * chance.share()) as u64
        }
    }
}
