//! The stable key of the same fault in many traces.

use crate::analyze::kind::CauseKind;
use crate::analyze::message;
use crate::analyze::told::{ToldException, short_kind};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The version of the rules below. It is part of every signature, so that a change of the rules is no change of faults.
pub const VERSION: &str = "v1";

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
}

impl Key<'_> {
    /// `v1:` and 16 hexadecimal digits. In: service, operation, kind of blame, exception types down the chain, in-app
    /// frames by file and function, cleaned message. Left out: line numbers, ids, ports, times, library frames.
    ///
    /// Of a call that found nobody, the callee counts and the words do not: one outage is told as refused, reset, dropped or
    /// as an unknown name, as the moment has it.
    pub(crate) fn signature(&self) -> String {
        let mut hash = Sha256::new();
        let mut field = |text: &str| {
            hash.update(text.as_bytes());
            // No text holds this byte, so fields cannot run into each other.
            hash.update([0xff]);
        };
        field(match self.kind {
            // Whether a span event or only a log told of it, it is one fault.
            CauseKind::Exception | CauseKind::ErrorStatus => "fault",
            other => other.as_str(),
        });
        field(self.service);
        field(self.operation);
        field(self.peer.unwrap_or(""));
        match self.exception {
            _ if self.kind == CauseKind::Unreachable && self.peer.is_some() => {}
            Some(told) => {
                field(short_kind(&told.kind));
                field(&message::clean(&told.message));
                for frame in &told.in_app {
                    field(&frame.file);
                    field(&frame.function);
                }
                for cause in &told.causes {
                    field(short_kind(&cause.kind));
                    field(&message::clean(&cause.message));
                }
            }
            None if !self.text.trim().is_empty() => field(&message::clean(message::core(self.text))),
            None => field(self.code),
        }
        spelt(hash)
    }
}

/// The signature of something that is told by its kind and place alone, such as `latency`, with no exception and no words.
#[must_use]
pub fn of_place(kind: &str, service: &str, operation: &str) -> String {
    let mut hash = Sha256::new();
    for text in [kind, service, operation] {
        hash.update(text.as_bytes());
        hash.update([0xff]);
    }
    spelt(hash)
}

fn spelt(hash: Sha256) -> String {
    hash.finalize().iter().take(8).fold(format!("{VERSION}:"), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
