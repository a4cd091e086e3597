//! What happened in a story, written down by hand beside its telemetry: the root causes that must be named, in their order.
//!
//! ```text
//! What must come out, in this order:
//!
//! - exception, in payment, at span `charge`, operation `shop.Payment/Charge`, fatal; at charge.js:21
//! - unreachable, in checkout, at span `POST`, blaming email, absorbed
//! ```
//!
//! First the kind, then in any order the service, the span, the operation, the peer, and how far it got: `fatal`, `absorbed`,
//! `unnoticed` or `a client fault`; last what was asked of a database, `asking ...`. What stands behind a semicolon is for readers. `- no root cause` says that nothing failed.

use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::RootCause;

/// One root cause as it was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truth {
    /// The kinds that are right: one, but for recorded captures.
    pub(crate) kinds: Vec<String>,
    /// The service.
    pub(crate) service: String,
    /// The names of spans or operations that are right: one, but for recorded captures. None when any is.
    pub(crate) places: Vec<String>,
    /// The operation, where the span alone does not tell.
    pub(crate) operation: Option<String>,
    /// Who is to blame.
    pub(crate) peer: Option<String>,
    /// What a database was asked, without its values.
    pub(crate) asked: Option<String>,
    /// How far it got; `None` where that says nothing, as for what is only slow.
    pub(crate) effect: Option<String>,
}

/// All that happened in a story.
#[derive(Clone, Debug)]
pub(crate) struct Truths {
    /// Whether the order counts.
    pub(crate) in_order: bool,
    /// Whether callers' own faults, of which the truth says nothing, are part of it.
    pub(crate) callers_err: bool,
    /// The root causes, most important first; none when nothing failed.
    pub(crate) causes: Vec<Truth>,
}

/// What is put before the name of a gRPC method is no part of it.
fn bare(operation: &str) -> &str {
    operation.trim_start_matches("grpc.").trim_start_matches('/')
}

impl Truth {
    fn parse(item: &str) -> Self {
        // A statement may hold whatever parts the other fields.
        let (item, asked) = item.split_once(", asking ").map_or((item, None), |(item, asked)| (item, Some(asked)));
        let (fields, _) = item.split_once(';').unwrap_or((item, ""));
        let mut fields = fields.split(", ").map(str::trim);
        let kind = fields.next().unwrap_or_default();
        let quoted = |text: &str| text.trim_matches('`').to_owned();
        let mut truth = Self { kinds: vec![kind.to_owned()], asked: asked.map(quoted), ..Self::default() };
        for field in fields {
            if let Some(service) = field.strip_prefix("in ") {
                service.clone_into(&mut truth.service);
            } else if let Some(span) = field.strip_prefix("at span ") {
                truth.places.push(quoted(span));
            } else if let Some(operation) = field.strip_prefix("operation ") {
                truth.operation = Some(quoted(operation));
            } else if let Some(peer) = field.strip_prefix("blaming ") {
                truth.peer = Some(peer.to_owned());
            } else if ["fatal", "absorbed", "unnoticed", "a client fault"].contains(&field) {
                truth.effect = Some(field.to_owned());
            } else {
                panic!("nobody knows what `{field}` says in `{item}`");
            }
        }
        assert!(!truth.service.is_empty(), "no service in `{item}`");
        assert!(!truth.places.is_empty() || truth.operation.is_some(), "no place in `{item}`");
        truth
    }

    /// Whether it was the caller's own fault.
    pub(crate) fn is_client_fault(&self) -> bool {
        self.effect.as_deref() == Some("a client fault")
    }

    /// Whether `cause` names the place where this happened, and whoever is to blame there.
    pub(crate) fn is_at(&self, cause: &RootCause) -> bool {
        let here = [bare(&cause.span_name), bare(&cause.operation)];
        let place = self.places.is_empty() || self.places.iter().any(|place| here.contains(&bare(place)));
        let operation = self.operation.as_ref().is_none_or(|operation| bare(operation) == here[1]);
        let named = |peer: &String| cause.peer.as_ref().is_some_and(|found| found == peer);
        // A callee that several operations could not reach is one root cause.
        let among_others = cause.began_at.iter().any(|at| {
            let there = self.operation.as_ref().map(|operation| bare(operation) == bare(&at.operation));
            self.service == at.service && there.unwrap_or(place)
        });
        ((self.service == cause.service && place && operation) || among_others)
            && self.peer.as_ref().is_none_or(named)
            && self.is_client_fault() == cause.client_fault
    }

    /// Whether `cause` names the service, and the span or the operation: all that can be told of hurt telemetry, in which a
    /// callee is not known by its own name.
    pub(crate) fn is_near(&self, cause: &RootCause) -> bool {
        let operation = self.operation.as_ref().is_some_and(|operation| bare(operation) == bare(&cause.operation));
        let alone = self.operation.clone().filter(|_| self.places.is_empty());
        let anybody = Self { peer: None, operation: alone, ..self.clone() };
        let nearby = operation && self.service == cause.service && self.is_client_fault() == cause.client_fault;
        anybody.is_at(cause) || nearby
    }

    /// Whether `cause` also tells the right kind.
    pub(crate) fn is_of_kind(&self, cause: &RootCause) -> bool {
        self.kinds.contains(&cause.kind)
    }

    /// Whether `cause` also tells what was asked.
    pub(crate) fn asked_the_same(&self, cause: &RootCause) -> bool {
        let told = cause.callee.iter().flat_map(|callee| &callee.statements);
        self.asked.as_ref().is_none_or(|asked| told.into_iter().any(|told| told.statement == *asked))
    }

    /// Whether `cause` also tells how far it got.
    pub(crate) fn got_as_far(&self, cause: &RootCause) -> bool {
        match self.effect.as_deref() {
            None | Some("a client fault") => true,
            Some("unnoticed") => cause.effect.is_none(),
            told => cause.effect.as_deref() == told,
        }
    }
}

impl Truths {
    /// What a `STORY.md` says must come out.
    pub(crate) fn of_story(text: &str) -> Self {
        let (_, rest) = text.split_once("What must come out, in ").expect("the story says what must come out");
        let (order, list) = rest.split_once(":\n\n").expect("a list");
        assert!(["this order", "any order"].contains(&order), "nobody knows the order `{order}`");
        Self { in_order: order == "this order", ..Self::of_list(list.split("\n\n").next().unwrap_or_default()) }
    }

    /// The items of a list.
    pub(crate) fn of_list(list: &str) -> Self {
        let list = list.replace("\n  ", " ");
        let items: Vec<&str> = list.lines().filter_map(|line| line.strip_prefix("- ")).collect();
        assert!(!items.is_empty(), "the list of what happened is empty");
        if items == ["no root cause"] {
            return Self { in_order: true, callers_err: false, causes: Vec::new() };
        }
        Self { in_order: true, callers_err: false, causes: items.into_iter().map(Truth::parse).collect() }
    }

    /// The root cause that `cause` names, if it did happen.
    pub(crate) fn of_cause(&self, cause: &RootCause) -> Option<&Truth> {
        self.causes.iter().find(|truth| truth.is_at(cause) && truth.is_of_kind(cause))
    }

    /// At which rank the most important root cause is named, from 1; of an unordered list, any of them.
    pub(crate) fn rank(&self, evidence: &Evidence, is_it: fn(&Truth, &RootCause) -> bool) -> Option<usize> {
        let main = if self.in_order { &self.causes[..self.causes.len().min(1)] } else { &self.causes[..] };
        evidence.root_causes.iter().position(|cause| main.iter().any(|it| is_it(it, cause))).map(|place| place + 1)
    }

    /// What is wrong with the evidence: what is missing, what did not happen, what is out of its order.
    pub(crate) fn wrongs(&self, evidence: &Evidence) -> Vec<String> {
        let right = |truth: &Truth, cause: &RootCause| {
            truth.is_at(cause) && truth.is_of_kind(cause) && truth.got_as_far(cause) && truth.asked_the_same(cause)
        };
        let mut wrongs = Vec::new();
        let mut ranks = Vec::new();
        for truth in &self.causes {
            match evidence.root_causes.iter().position(|cause| right(truth, cause)) {
                Some(rank) => ranks.push(rank),
                None => wrongs.push(format!("not named: {truth:?}")),
            }
        }
        let counts = |cause: &&RootCause| !(cause.client_fault && self.callers_err);
        for cause in evidence.root_causes.iter().filter(counts) {
            if !self.causes.iter().any(|truth| right(truth, cause)) {
                let place = format!("{} in {} at {} ({})", cause.kind, cause.service, cause.span_name, cause.operation);
                wrongs.push(format!("did not happen: {place}, peer {:?}, effect {:?}", cause.peer, cause.effect));
            }
        }
        if self.in_order && !ranks.is_sorted() {
            wrongs.push(format!("out of their order: ranks {ranks:?}"));
        }
        wrongs
    }
}
