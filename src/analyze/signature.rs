//! The stable keys of the same fault in many traces. `docs/signature.md` is the specification.

pub(crate) mod signed_lately;
pub mod stable_names;
#[cfg(test)]
mod tests;

use crate::analyze::exception_rules::ExceptionRules;
use crate::analyze::kind::CauseKind;
use crate::analyze::message;
use crate::analyze::signature::stable_names::{stable_file, stable_function};
use crate::analyze::stack::frame::Frame;
use crate::analyze::told::{ToldException, short_kind};
use crate::ordered::set::OrderedSet;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The version of the rules below. It is part of every signature, so that a change of the rules is no change of faults.
pub const VERSION: &str = "v2";

/// How many places of one exception count, the innermost first.
pub const PLACES: usize = 64;

/// How many parts every key of a failure begins with: blame, service, operation, peer.
pub const COMMON_PARTS: usize = 4;

/// One thing that makes two failures the same fault or not.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Part {
    /// What it is: `service`, `type`, `frames` and so on.
    pub name: &'static str,
    /// What is compared.
    pub value: String,
}

impl Part {
    /// Whether it counts for the family, too.
    #[must_use]
    pub fn is_of_family(&self) -> bool {
        !matches!(self.name, "frames" | "cause type" | "cause message" | "cause frames")
    }
}

/// What makes two origins the same fault.
#[derive(Debug)]
pub(crate) struct Key<'a> {
    pub(crate) kind: CauseKind,
    pub(crate) service: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) peer: Option<&'a str>,
    pub(crate) exception: Option<&'a ToldException>,
    /// What the span says in words; counts when no exception was told.
    pub(crate) text: &'a str,
    /// gRPC or HTTP code as text; counts when there are no words either.
    pub(crate) code: &'a str,
    /// What the user says about it.
    pub(crate) rules: &'a ExceptionRules,
}

impl Key<'_> {
    /// All that counts, in order. In: service, operation, kind of blame, types and cleaned messages down the chain, in-app
    /// places of each exception by file and function. Left out: line numbers, ids, ports, times, library frames.
    ///
    /// Of a call that found nobody, the callee counts, and neither the caller nor the words do: one outage is told as refused,
    /// reset, dropped or as an unknown name, as the moment has it.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::with_capacity(8);
        let mut part = |name: &'static str, value: &str| parts.push(Part { name, value: value.to_owned() });
        for (name, value) in common_parts(self.kind, self.service, self.operation, self.peer) {
            part(name, value);
        }
        let texts = if self.rules.group() { self.texts() } else { Vec::new() };
        if let Some(name) = self.rules.merged(&texts) {
            part("rule", name);
        } else if self.kind != CauseKind::Unreachable || self.peer.is_none() {
            self.told(&mut part);
        }
        for found in self.rules.split(&texts) {
            part("split", &found);
        }
        parts
    }

    /// Everything that [`Key::parts`] looks at, but for the rules: keys that tell the same have the same parts.
    pub(crate) fn tell(&self, out: &mut Vec<u8>) {
        tell(out, self.kind.as_str());
        [self.service, self.operation, self.text, self.code].into_iter().for_each(|text| tell(out, text));
        self.peer.into_iter().for_each(|peer| tell(out, peer));
        out.push(END_OF_LIST);
        if let Some(told) = self.exception {
            [&told.kind, &told.class, &told.message].into_iter().for_each(|text| tell(out, text));
            tell_places(out, &told.in_app);
            for cause in &told.causes {
                [&cause.kind, &cause.message].into_iter().for_each(|text| tell(out, text));
                tell_places(out, &cause.in_app);
            }
        }
    }

    fn told(&self, part: &mut impl FnMut(&'static str, &str)) {
        match self.exception {
            Some(told) => {
                part("type", short_kind(&told.joined_kind()));
                part("message", &message::clean(&told.message));
                part("frames", &places(&told.in_app));
                for cause in &told.causes {
                    part("cause type", short_kind(&cause.kind));
                    part("cause message", &message::clean(&cause.message));
                    part("cause frames", &places(&cause.in_app));
                }
            }
            None if !self.text.trim().is_empty() => part("message", &message::clean(message::core(self.text))),
            None => part("code", self.code),
        }
    }

    /// What rules of the user are held against.
    fn texts(&self) -> Vec<String> {
        let exception = self.exception.map(|told| (&*told.kind, &*told.message));
        let causes = self.exception.iter().flat_map(|told| &told.causes).map(|cause| (&*cause.kind, &*cause.message));
        let told = exception.into_iter().chain(causes).map(|(kind, message)| format!("{kind}: {message}"));
        told.chain([self.text.to_owned()]).collect()
    }
}

/// Ends a text. No text holds this byte, so that texts cannot run into each other.
const END_OF_TEXT: u8 = 0xff;

/// Ends a list of texts. No text holds it either.
const END_OF_LIST: u8 = 0xfe;

fn tell(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(END_OF_TEXT);
}

fn tell_places(out: &mut Vec<u8>, frames: &[Frame]) {
    for frame in frames.iter().filter(|frame| frame.in_app) {
        tell(out, &frame.function);
        tell(out, &frame.file);
    }
    out.push(END_OF_LIST);
}

/// What every key of a failure begins with.
///
/// A callee that nobody reaches is one fault, whoever calls it: the caller counts only where the call names nobody.
///
/// ```text
/// shop    GET /home    ─┐
/// shop    GET /cart    ─┼─►  stock:8080, gone      unreachable, "", "", stock:8080
/// search  GET /search  ─┘
/// ```
#[must_use]
pub fn common_parts<'a>(
    kind: CauseKind,
    service: &'a str,
    operation: &'a str,
    peer: Option<&'a str>,
) -> [(&'static str, &'a str); COMMON_PARTS] {
    let blame = match kind {
        // Whether a span event or only a log told of it, it is one fault.
        CauseKind::Exception | CauseKind::ErrorStatus => "fault",
        other => other.as_str(),
    };
    let peer = peer.unwrap_or("");
    let (service, operation) =
        if kind == CauseKind::Unreachable && !peer.is_empty() { ("", "") } else { (service, operation) };
    [("blame", blame), ("service", service), ("operation", operation), ("peer", peer)]
}

/// The key of one fault: `v2:` and 16 hexadecimal digits.
#[must_use]
pub fn exact(parts: &[Part]) -> String {
    keyed(parts.iter())
}

/// The key that faults share which differ only in where they were thrown and in what caused them.
#[must_use]
pub fn family(parts: &[Part]) -> String {
    keyed(parts.iter().filter(|part| part.is_of_family()))
}

/// The signature of something that is told by its kind and place alone, such as `latency`, with no exception and no words.
#[must_use]
pub fn of_place(kind: &str, service: &str, operation: &str) -> String {
    let parts = [("blame", kind), ("service", service), ("operation", operation)];
    exact(&parts.map(|(name, value)| Part { name, value: value.to_owned() }))
}

fn keyed<'p>(parts: impl Iterator<Item = &'p Part>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        for text in [part.name, &part.value] {
            hash.update(text.as_bytes());
            hash.update([END_OF_TEXT]);
        }
    }
    hash.finalize().iter().take(8).fold(format!("{VERSION}:"), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// In-app calls as lines of function and file, each once where it first comes: recursion is as deep as the moment has it.
fn places(frames: &[Frame]) -> String {
    let mut seen = OrderedSet::new();
    let mut lines = Vec::new();
    for frame in frames.iter().filter(|frame| frame.in_app) {
        let place = format!("{} {}", stable_function(&frame.function), stable_file(&frame.file));
        if lines.len() < PLACES && seen.insert(place.clone()) {
            lines.push(place);
        }
    }
    lines.join("\n")
}
