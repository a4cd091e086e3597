//! Synthetic systems: services that call each other, what their spans tell, and what goes wrong in them anyway.
//!
//! ```text
//! entry A ─► 0 ─┬─► 2 ─► 4 ═► 6        each operation calls only later ones: a graph without a cycle
//!               └─► 3 ─┬─► 5           ═► a message; ┄► a call whose failure its caller gets over
//! entry B ─► 1 ┄┄┄┄┄┄┄┄┘
//! ```

use crate::common::chance::Chance;
use crate::otlp::Value;

/// How the processes of a service say where and what they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Platform {
    /// Pods on a few hosts that all services share.
    Pods,
    /// A machine for each process: host, instance and process id fall together.
    Machines,
    /// An instance id and nothing else.
    Bare,
}

/// The attribute that tells a version.
pub(crate) const VERSION_KEYS: [&str; 3] = ["service.version", "container.image.tag", "vcs.ref.head.revision"];

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) version_key: &'static str,
    pub(crate) replicas: usize,
    pub(crate) platform: Platform,
    /// Its server spans stay unmarked when they fail, as some SDKs leave them: only the caller's client span tells.
    pub(crate) is_quiet: bool,
    pub(crate) speaks_grpc: bool,
}

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) to: usize,
    /// The share of requests that make it.
    pub(crate) share: f64,
    /// The caller gets over its failure.
    pub(crate) is_absorbed: bool,
    pub(crate) way: Way,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    Call,
    /// A message whose consumer is in the same trace.
    Message,
    /// A message whose consumer starts a trace of its own, with a link.
    LinkedMessage,
}

/// A failure that happens in both windows alike.
#[derive(Debug)]
pub(crate) struct Background {
    pub(crate) share: f64,
    pub(crate) exception: &'static str,
    /// Only for requests with this trait and value, by their places.
    pub(crate) only: Option<(usize, usize)>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) service: usize,
    pub(crate) name: String,
    /// An internal span around its work.
    pub(crate) inner: Option<String>,
    pub(crate) calls: Vec<Call>,
    /// Traits of the request that its span tells, and those that its internal span does.
    pub(crate) tells: Vec<usize>,
    pub(crate) inner_tells: Vec<usize>,
    /// Flags that it evaluates, in the order of their places.
    pub(crate) flags: Vec<usize>,
    pub(crate) background: Option<Background>,
    /// The share of requests that it answers with 404.
    pub(crate) client_faults: f64,
    /// Milliseconds of its own work.
    pub(crate) median_ms: f64,
}

/// In what way an evaluation of a flag is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Event,
    OldEvent,
    ChildSpan,
    LogRecord,
    Attributes,
}

pub(crate) const FORMS: [Form; 5] = [Form::Event, Form::OldEvent, Form::ChildSpan, Form::LogRecord, Form::Attributes];

#[derive(Debug)]
pub(crate) struct Flag {
    pub(crate) key: String,
    /// What it is as long as nobody changes it, and the other.
    pub(crate) variants: [&'static str; 2],
    pub(crate) form: Form,
}

/// What a request is about.
#[derive(Clone, Debug)]
pub(crate) struct Trait {
    pub(crate) key: &'static str,
    pub(crate) values: Values,
}

#[derive(Clone, Debug)]
pub(crate) enum Values {
    /// Some, with weights.
    Of(Vec<(Value, f64)>),
    /// Mostly the value at the same place as that of another trait.
    Follows(usize, Vec<Value>),
    /// Another in each request.
    Unique(Unique),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Unique {
    Uuid,
    Number,
    Time,
    /// One of thousands, who come again now and then.
    Person,
}

#[derive(Debug)]
pub(crate) struct System {
    pub(crate) services: Vec<Service>,
    pub(crate) operations: Vec<Operation>,
    /// Operations that are called from outside, with weights.
    pub(crate) entries: Vec<(usize, f64)>,
    pub(crate) flags: Vec<Flag>,
    pub(crate) traits: Vec<Trait>,
    /// The share of spans that never arrive.
    pub(crate) missing: f64,
    /// A load generator's spans lie above the entry points.
    pub(crate) has_load_generator: bool,
}

const NOUNS: [&str; 20] = [
    "order", "cart", "price", "stock", "user", "mail", "search", "media", "quote", "ledger", "profile", "review",
    "offer", "invoice", "address", "session", "catalog", "parcel", "refund", "report",
];
const ROLES: [&str; 3] = ["api", "core", "store"];
const VERBS: [&str; 6] = ["Get", "List", "Place", "Update", "Check", "Resolve"];
const EXCEPTIONS: [&str; 5] = ["SocketTimeout", "LockError", "QuotaExceeded", "StaleCacheError", "ParseError"];
const VARIANTS: [[&str; 2]; 6] =
    [["off", "on"], ["off", "on"], ["off", "on"], ["control", "treatment"], ["v1", "v2"], ["blue", "green"]];

impl System {
    pub(crate) fn draw(chance: &mut Chance) -> Self {
        // As many small systems as large ones.
        let size = (5.0 * 12_f64.powf(chance.share())).round() as usize;
        let mut names: Vec<String> = NOUNS.iter().flat_map(|noun| ROLES.map(|role| format!("{noun}-{role}"))).collect();
        let services: Vec<Service> =
            (0..size).map(|_| service(names.swap_remove(chance.below(names.len())), chance)).collect();
        let mut system = Self {
            services,
            operations: Vec::new(),
            entries: Vec::new(),
            flags: Vec::new(),
            traits: traits(chance),
            missing: if chance.happens(0.5) { 0.0 } else { 0.02 * chance.share() },
            has_load_generator: chance.happens(0.3),
        };
        system.draw_operations(chance);
        system.draw_calls(chance);
        system.draw_flags(chance);
        system.draw_telling(chance);
        system.draw_background(chance);
        system
    }

    fn draw_operations(&mut self, chance: &mut Chance) {
        let doors = chance.between(1, (self.services.len() / 4).clamp(1, 5));
        for (service, Service { name, .. }) in self.services.iter().enumerate() {
            for number in 0..chance.between(1, 2) {
                let noun = name.split('-').next().expect("a noun");
                let name = format!("{}{}{number}", chance.one_of(&VERBS), noun);
                let inner = chance.happens(0.3).then(|| format!("{noun} work {number}"));
                self.operations.push(Operation {
                    service,
                    name,
                    inner,
                    calls: Vec::new(),
                    tells: Vec::new(),
                    inner_tells: Vec::new(),
                    flags: Vec::new(),
                    background: None,
                    client_faults: 0.0,
                    median_ms: chance.lognormal(4.0, 0.8),
                });
            }
        }
        let of_doors = (0..self.operations.len()).filter(|place| self.operations[*place].service < doors);
        self.entries = of_doors.map(|place| (place, chance.lognormal(1.0, 0.7))).collect();
    }

    fn draw_calls(&mut self, chance: &mut Chance) {
        let inner_share = if self.services.len() > 25 { 0.4 } else { 0.7 };
        let mut depth = vec![0_usize; self.operations.len()];
        for to in self.entries.len()..self.operations.len() {
            for again in 0..if chance.happens(0.15) { 2 } else { 1 } {
                let may_call = |from: &usize| {
                    let it = &self.operations[*from];
                    let is_new = it.calls.iter().all(|call| call.to != to);
                    it.service != self.operations[to].service && it.calls.len() < 5 && depth[*from] < 6 && is_new
                };
                let callers: Vec<usize> = (0..to).filter(may_call).collect();
                // Late callers make deep systems, early ones flat ones.
                let Some(last) = callers.len().checked_sub(1) else { continue };
                let from = callers[last - (last as f64 * chance.share().powi(1 + again)) as usize];
                depth[to] = depth[to].max(depth[from] + 1);
                let way = match chance.share() {
                    share if share < 0.06 => Way::Message,
                    share if share < 0.12 => Way::LinkedMessage,
                    _ => Way::Call,
                };
                let share = if chance.happens(inner_share) { 1.0 } else { 0.3 + 0.6 * chance.share() };
                let is_absorbed = chance.happens(0.12);
                self.operations[from].calls.push(Call { to, share, is_absorbed, way });
            }
        }
    }

    fn draw_flags(&mut self, chance: &mut Chance) {
        for number in 0..chance.between(3, 9) {
            let noun = chance.one_of(&NOUNS);
            self.flags.push(Flag {
                key: format!("{noun}Rule{number}"),
                variants: *chance.one_of(&VARIANTS),
                form: *chance.one_of(&FORMS),
            });
            let place = chance.below(self.operations.len());
            self.operations[place].flags.push(number);
        }
    }

    fn draw_telling(&mut self, chance: &mut Chance) {
        let (traits, operations) = (self.traits.len(), self.operations.len());
        for told in 0..traits {
            for _ in 0..chance.between(1, 3) {
                // Most is told where requests come in.
                let is_told_at_the_door = chance.happens(0.4);
                let among = if is_told_at_the_door { self.entries.len() } else { operations };
                let operation = &mut self.operations[chance.below(among)];
                let is_inner = operation.inner.is_some() && chance.happens(0.4);
                let tells = if is_inner { &mut operation.inner_tells } else { &mut operation.tells };
                if !tells.contains(&told) {
                    tells.push(told);
                }
            }
        }
    }

    fn draw_background(&mut self, chance: &mut Chance) {
        let known = self.told_values().filter(|_| chance.happens(0.2)).last();
        for operation in &mut self.operations {
            if chance.happens(0.12) {
                // Up to 3 % of the requests of an operation.
                let share = 0.03 * chance.share();
                operation.background =
                    Some(Background { share, exception: EXCEPTIONS[chance.below(EXCEPTIONS.len())], only: None });
            }
            operation.client_faults = if chance.happens(0.1) { 0.03 * chance.share() } else { 0.0 };
        }
        // Requests of one value that have always failed more often.
        if let Some((place, told)) = known
            && let Values::Of(values) = &self.traits[told].values
        {
            let only = Some((told, chance.below(values.len())));
            self.operations[place].background = Some(Background { share: 0.3, exception: "LegacyError", only });
        }
    }

    /// Operations with a trait that has some values, which the operation tells.
    pub(crate) fn told_values(&self) -> impl Iterator<Item = (usize, usize)> {
        let told = self.operations.iter().enumerate();
        let told = told.flat_map(|(place, operation)| operation.tells.iter().map(move |told| (place, *told)));
        told.filter(|(_, told)| matches!(self.traits[*told].values, Values::Of(_)))
    }

    /// How often each operation is done in one request, on average.
    pub(crate) fn reach(&self) -> Vec<f64> {
        let mut reach = vec![0.0; self.operations.len()];
        let all: f64 = self.entries.iter().map(|(_, weight)| weight).sum();
        self.entries.iter().for_each(|(place, weight)| reach[*place] += weight / all);
        for place in 0..reach.len() {
            for call in &self.operations[place].calls {
                reach[call.to] += reach[place] * call.share;
            }
        }
        reach
    }

    /// The operation and all that lead to it.
    pub(crate) fn above(&self, operation: usize) -> Vec<usize> {
        let mut above = vec![operation];
        for place in (0..operation).rev() {
            if self.operations[place].calls.iter().any(|call| above.contains(&call.to)) {
                above.push(place);
            }
        }
        above
    }

    /// The operation and all that it leads to.
    pub(crate) fn below(&self, operation: usize) -> Vec<usize> {
        let mut below = vec![operation];
        for place in operation..self.operations.len() {
            if below.contains(&place) {
                let called = self.operations[place].calls.iter().map(|call| call.to);
                below.extend(called.filter(|to| !below.contains(to)).collect::<Vec<_>>());
            }
        }
        below
    }
}

fn service(name: String, chance: &mut Chance) -> Service {
    let version_key = VERSION_KEYS[chance.weighed(&[0.7, 0.15, 0.15])];
    Service {
        name,
        version: version(version_key, chance),
        version_key,
        replicas: chance.between(1, 5),
        platform: *chance.one_of(&[Platform::Pods, Platform::Pods, Platform::Machines, Platform::Bare]),
        is_quiet: chance.happens(0.25),
        speaks_grpc: chance.happens(0.5),
    }
}

/// A version as such a key tells them.
pub(crate) fn version(key: &str, chance: &mut Chance) -> String {
    match key {
        "vcs.ref.head.revision" => format!("{:016x}{:016x}{:08x}", chance.next(), chance.next(), chance.next() as u32),
        _ => format!("{}.{}.{}", chance.between(1, 4), chance.between(0, 30), chance.between(0, 9)),
    }
}

/// All that requests may be about: every system has the same, told at other places.
fn traits(chance: &mut Chance) -> Vec<Trait> {
    let texts = |texts: &[&str]| texts.iter().map(|text| Value::text(*text)).collect::<Vec<_>>();
    let mut some =
        |values: Vec<Value>| Values::Of(values.into_iter().map(|value| (value, chance.lognormal(1.0, 0.8))).collect());
    let named = |prefix: &str, count: usize| (0..count).map(|n| Value::text(format!("{prefix}-{n:02}"))).collect();
    let all: [(&'static str, Values); 13] = [
        ("app.user.currency", some(texts(&["USD", "EUR", "GBP", "JPY", "CHF"]))),
        ("app.user.country", Values::Follows(0, texts(&["US", "DE", "GB", "JP", "CH"]))),
        ("tenant.id", some(named("tenant", 12))),
        ("app.product.id", some(named("SKU", 20))),
        ("user.plan", some(texts(&["free", "team", "business"]))),
        ("app.cart.items", some((1..7).map(Value::Number).collect())),
        ("app.is_member", some(vec![Value::Truth(false), Value::Truth(true)])),
        ("app.payment.method", some(texts(&["card", "invoice", "wallet", "voucher"]))),
        ("user.id", Values::Unique(Unique::Person)),
        ("app.order.id", Values::Unique(Unique::Uuid)),
        ("app.invoice.number", Values::Unique(Unique::Number)),
        ("app.requested_at", Values::Unique(Unique::Time)),
        ("session.id", Values::Unique(Unique::Uuid)),
    ];
    all.into_iter().map(|(key, values)| Trait { key, values }).collect()
}
