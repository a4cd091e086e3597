//! Stacks as Java prints them, and the SDKs of other languages after it: `at`, `Caused by:`, `... N more`.

use crate::analyze::stack::chain::{Chain, typed};
use crate::analyze::stack::frame::{Block, Frame};
use crate::analyze::stack::pieces::{indent, pieces, start_of};
use crate::analyze::stack::place::number;
use std::borrow::Cow;

/// Reads one call.
pub(super) type ReadFrame = fn(&str) -> Option<Frame>;

const CAUSE: &str = "Caused by: ";
const SUPPRESSED: &str = "Suppressed: ";

/// Whether a line of such a stack begins here.
pub(super) fn begins_line(rest: &str, frame: ReadFrame) -> bool {
    rest.starts_with(CAUSE) || rest.starts_with(SUPPRESSED) || elided(rest).is_some() || frame(rest).is_some()
}

/// Reads the exception and its causes; what was suppressed caused nothing, nor did its causes.
///
/// ```text
///   A: m
///       at a(..)
///       Suppressed: B: n          left out, with all that follows
///           at b(..)
///       Caused by: C: o           still of what was suppressed: it stands as far to the right
///   Caused by: D: p               the cause of A
///       ... 1 more                a
/// ```
pub(super) fn parse(text: &str, flat: bool, frame: ReadFrame) -> Vec<Block> {
    let mut chain = Chain::new(|text| {
        let (kind, message) = header(text);
        (kind, Cow::Borrowed(message))
    });
    let mut suppressed: Option<usize> = None;
    for piece in pieces(text, flat, |rest| begins_line(rest, frame)) {
        let line = piece.trim();
        let cause = line.strip_prefix(CAUSE);
        if suppressed.is_some_and(|right| flat || cause.is_some() && indent(piece) < right) && cause.is_some() {
            suppressed = None;
        }
        if suppressed.is_some() {
            continue;
        }
        if let Some(frame) = frame(line) {
            chain.frame(frame);
        } else if let Some(cause) = cause.filter(|_| !chain.is_empty()) {
            chain.start(cause);
        } else if line.starts_with(SUPPRESSED) && chain.has_frames() {
            suppressed = Some(indent(piece));
        } else if let Some(count) = elided(line) {
            chain.elided(count);
        } else {
            chain.text(piece.trim_end());
        }
    }
    chain.finish()
}

/// How many calls `... 12 more` or `... 12 common frames omitted` leaves out.
fn elided(line: &str) -> Option<usize> {
    let (count, rest) = start_of(line).strip_prefix("... ")?.split_once(' ')?;
    let known = rest.starts_with("more") || rest.starts_with("common frames omitted");
    number(count).filter(|_| known).and_then(|count| usize::try_from(count).ok())
}

/// Type and message, without what a runtime writes before them when a thread dies.
fn header(text: &str) -> (&str, &str) {
    let died = text.strip_prefix("Exception in thread \"").and_then(|rest| rest.split_once("\" "));
    typed(died.map_or(text, |(_, text)| text).trim_start())
}
