//! The processes of a synthetic system, and which of them take requests when.

use crate::common::chance::Chance;
use crate::otlp::{Attributes, Value};
use crate::system::{Platform, System};

/// The hosts that pods share.
const HOSTS: [&str; 3] = ["node-a", "node-b", "node-c"];

#[derive(Debug)]
pub(crate) struct Processes {
    /// What each tells of itself.
    pub(crate) all: Vec<Attributes>,
    /// Of each service, in the order of time: which processes take its requests from then on.
    rotations: Vec<Vec<(u64, Vec<usize>)>>,
}

impl Processes {
    /// Those that run when the baseline starts.
    pub(crate) fn draw(system: &System, chance: &mut Chance) -> Self {
        let mut processes = Self { all: Vec::new(), rotations: vec![Vec::new(); system.services.len()] };
        for (of, service) in system.services.iter().enumerate() {
            processes.replace(system, of, &service.version, 0, chance);
        }
        // What generates load is a process, too.
        processes.all.push(vec![("service.name".to_owned(), Value::text("load-generator"))]);
        processes
    }

    /// The process of the load generator.
    pub(crate) fn load_generator(&self) -> usize {
        let is_it = |resource: &Attributes| resource[0].1 == Value::text("load-generator");
        self.all.iter().position(is_it).expect("there is one")
    }

    /// New processes take the place of all.
    pub(crate) fn replace(
        &mut self,
        system: &System,
        of: usize,
        version: &str,
        from: u64,
        chance: &mut Chance,
    ) -> Vec<usize> {
        let new: Vec<usize> =
            (0..system.services[of].replicas).map(|number| self.start(system, of, version, number, chance)).collect();
        self.turn(of, from, new.clone());
        new
    }

    /// A process of another version takes the place of one; there are at least two.
    pub(crate) fn replace_one(
        &mut self,
        system: &System,
        of: usize,
        version: &str,
        from: u64,
        chance: &mut Chance,
    ) -> usize {
        let mut these = self.at(of, from).to_vec();
        let new = self.start(system, of, version, 7, chance);
        if these.len() < 2 {
            these.push(new);
        } else {
            let place = chance.below(these.len());
            these[place] = new;
        }
        self.turn(of, from, these);
        new
    }

    /// The same version in new processes; of some services the names of pods and hosts stay.
    pub(crate) fn restart(&mut self, system: &System, of: usize, from: u64, chance: &mut Chance) {
        let old = self.at(of, from).to_vec();
        let new = self.replace(system, of, &system.services[of].version, from, chance);
        if chance.happens(0.3) {
            let stays = |key: &str| key == "k8s.pod.name" || key == "host.name";
            for (old, new) in old.into_iter().zip(new) {
                let kept: Attributes = self.all[old].iter().filter(|(key, _)| stays(key)).cloned().collect();
                self.all[new].retain(|(key, _)| !stays(key));
                self.all[new].extend(kept);
            }
        }
    }

    /// Those that take the requests of a service at a time.
    pub(crate) fn at(&self, of: usize, time: u64) -> &[usize] {
        let turns = &self.rotations[of];
        &turns.iter().rev().find(|(from, _)| *from <= time).expect("some run from the beginning").1
    }

    pub(crate) fn one_of(&self, of: usize, time: u64, chance: &mut Chance) -> usize {
        *chance.one_of(self.at(of, time))
    }

    /// What one process tells of itself and no other of its service does.
    pub(crate) fn only_of(&self, of: usize, process: usize, time: u64) -> Vec<(String, String)> {
        let others = self.at(of, time).iter().filter(|other| **other != process);
        let others: Vec<&Attributes> = others.map(|other| &self.all[*other]).collect();
        let only = self.all[process].iter().filter(|it| others.iter().all(|other| !other.contains(it)));
        only.map(|(key, value)| (key.clone(), value.shown())).collect()
    }

    fn turn(&mut self, of: usize, from: u64, these: Vec<usize>) {
        self.rotations[of].push((from, these));
        self.rotations[of].sort_by_key(|(from, _)| *from);
    }

    fn start(&mut self, system: &System, of: usize, version: &str, number: usize, chance: &mut Chance) -> usize {
        let service = &system.services[of];
        let name = &service.name;
        let hex = |length: usize, chance: &mut Chance| format!("{:016x}", chance.next())[..length].to_owned();
        let mut told = vec![
            ("service.name".to_owned(), Value::text(name)),
            ("service.namespace".to_owned(), Value::text("shop")),
            ("deployment.environment.name".to_owned(), Value::text("staging")),
            ("telemetry.sdk.name".to_owned(), Value::text("opentelemetry")),
            (service.version_key.to_owned(), Value::text(version)),
        ];
        let mut tell = |key: &str, value: Value| told.push((key.to_owned(), value));
        let instance = format!("{}-{}-{}", hex(8, chance), hex(4, chance), hex(12, chance));
        match service.platform {
            Platform::Pods => {
                tell("k8s.pod.name", Value::text(format!("{name}-{}-{}", hex(8, chance), hex(5, chance))));
                tell("host.name", Value::text(HOSTS[(of + number) % HOSTS.len()]));
                tell("service.instance.id", Value::text(instance));
                tell("process.pid", Value::Number(1));
            }
            Platform::Machines => {
                tell("host.name", Value::text(format!("{name}-vm-{}", hex(4, chance))));
                tell("service.instance.id", Value::text(instance));
                tell("process.pid", Value::Number(chance.between(300, 60_000) as i64));
            }
            Platform::Bare => tell("service.instance.id", Value::text(instance)),
        }
        self.all.push(told);
        self.all.len() - 1
    }
}
