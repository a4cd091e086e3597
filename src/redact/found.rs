//! What was found in a text, and which of several things that overlap it is taken for.

use crate::redact::class::Class;
use crate::shared_sort::SharedSort;
use regex::Regex;
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::LazyLock;

/// A pattern that is compiled when it is first needed. A test of each family holds that it compiles.
pub(crate) type Pattern = LazyLock<Option<Regex>>;

/// Something to take out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    /// Bytes of the text, between characters.
    pub(crate) at: Range<usize>,
    /// What it is.
    pub(crate) class: Class,
}

/// The matches of `group` of a pattern.
pub(crate) fn matches<'t>(
    pattern: &'static Pattern,
    group: usize,
    text: &'t str,
) -> impl Iterator<Item = Range<usize>> + use<'t> {
    let captures = pattern.as_ref().into_iter().flat_map(|pattern| pattern.captures_iter(text));
    captures.filter_map(move |found| Some(found.get(group)?.range()))
}

/// What a pattern of the user finds: its first group if it has one, else all of it.
pub(crate) fn matches_of<'t>(pattern: &'t Regex, text: &'t str) -> impl Iterator<Item = Range<usize>> {
    let group = usize::from(pattern.captures_len() > 1);
    let found = pattern.captures_iter(text).filter_map(move |found| Some(found.get(group)?.range()));
    found.filter(|at| !at.is_empty())
}

/// What is found, in the order of the text and without overlaps; without what lies in `barred`, which is in order.
///
/// ```text
/// found      ├─ password ──────────┤        ├─ url-query ─┤
///              ├ email ┤                    ├─ email ─────┤
/// barred                     [email#1]
/// settled    ├─ password ──┤         ├┤     ├─ email ─────┤
/// ```
///
/// Of things that overlap all is taken out, as what the widest is; of things at the very same place the first class names
/// it.
pub(crate) fn settled(found: Vec<Found>, barred: &[Range<usize>]) -> Vec<Found> {
    let mut pieces: Vec<Found> = Vec::with_capacity(found.len());
    for Found { at, class } in found {
        let first = barred.partition_point(|bar| bar.end <= at.start);
        let mut start = at.start;
        for bar in barred[first..].iter().take_while(|bar| bar.start < at.end) {
            if start < bar.start {
                pieces.push(Found { at: start..bar.start, class });
            }
            start = bar.end;
        }
        if start < at.end {
            pieces.push(Found { at: start..at.end, class });
        }
    }
    pieces.shared_sort_by_key(|found| (found.at.start, Reverse(found.at.end), found.class));
    let mut settled: Vec<Found> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match settled.last_mut() {
            Some(last) if piece.at.start < last.at.end => last.at.end = last.at.end.max(piece.at.end),
            _ => settled.push(piece),
        }
    }
    settled
}

/// Whether a text looks made up by a machine: it has a digit, or capitals among small letters beyond the first.
pub(crate) fn looks_random(text: &str) -> bool {
    let rest = text.get(1..).unwrap_or_default();
    text.bytes().any(|byte| byte.is_ascii_digit())
        || (rest.bytes().any(|byte| byte.is_ascii_uppercase()) && rest.bytes().any(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_taken_out_once() {
        let found = |at, class| Found { at, class };
        let all = vec![
            found(12..20, Class::Email),
            found(10..40, Class::Password),
            found(50..60, Class::UrlQuery),
            found(50..60, Class::Email),
            found(35..45, Class::Card),
        ];
        let settled = settled(all, &[22..30, 44..46]);
        let expected = [found(10..22, Class::Password), found(30..44, Class::Password), found(50..60, Class::Email)];
        assert_eq!(settled, expected);
    }
}
