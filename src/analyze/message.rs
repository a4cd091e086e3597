//! Messages of errors: what of them stays the same from request to request, and which of them say the same.

use crate::model::grpc_code;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// No more of a message is cleaned, and no cleaned message is longer.
pub const MAX_CLEANED: usize = 2048;

/// What varies, in the order in which it is looked for where several begin at the same place.
///
/// A group without a placeholder of its own is left as it is: it protects what only looks as if it varied.
const PATTERNS: [(&str, &str, &str); 21] = [
    ("email", "<email>", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}\b"),
    ("url", "<url>", r#"\b[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s"'`<>()\[\]{}|\\^]+"#),
    // Name and version of software, the status of HTTP, names of encodings: the same in every request.
    ("product", "", r"\b[A-Za-z][A-Za-z0-9_.-]*/[0-9]+(?:\.[0-9]+)+\b"),
    ("version", "", r"\b[vV][0-9]+(?:\.[0-9]+)*\b"),
    ("standard", "", r"\b(?i:utf|iso|sha|aes|md|rfc|ipv|tls|tlsv|ssl|es)-?[0-9]+(?:[.-][0-9]+)*\b"),
    ("httpstatus", "", r"\b(?i:status(?:[ _-]?code)?|HTTP)(?:[ :=]+)[1-5][0-9][0-9]\b"),
    ("host", "<host>", r"\b(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z]+\b(?::[0-9]{1,5}\b)?"),
    ("localhost", "<host>", r"\blocalhost\b(?::[0-9]{1,5}\b)?"),
    ("ip", "<ip>", r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b(?::[0-9]{1,5}\b)?"),
    (
        "ipsix",
        "<ip>",
        concat!(
            r"\[(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|(?:[0-9]{1,3}\.){3}[0-9]{1,3})?\](?::[0-9]{1,5}\b)?",
            r"|\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\b",
            r"|(?:\b[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,4}){0,6})?::",
            r"(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{1,5}){0,6})\b"
        ),
    ),
    ("traceparent", "<traceparent>", r"\b[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\b"),
    ("uuid", "<uuid>", r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"),
    (
        "date",
        "<date>",
        concat!(
            r"\b[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z| ?[+-][0-9]{2}:?[0-9]{2})?)?\b",
            r"|\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:[0-9]{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?: [0-9]{1,2},?)?",
            r"(?: [0-9]{4})? [0-9]{1,2}:[0-9]{2}:[0-9]{2}(?: ?(?:GMT|UTC)?(?:[+-][0-9]{4})?)\b",
            r"|\b[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}\b",
            r"|\b[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?\b"
        ),
    ),
    (
        "duration",
        "<duration>",
        concat!(
            r"\b(?:[0-9]+(?:\.[0-9]+)?(?:ns|us|\x{b5}s|\x{3bc}s|ms|s|m|h|d))+\b",
            r"|\b[0-9]+(?:\.[0-9]+)? (?:(?i:nanosecond|microsecond|millisecond|second|minute|hour|day|sec|min)s?|ns|us|ms|s)\b"
        ),
    ),
    ("prefixed", "<hex>", r"\b0[xX][0-9a-fA-F]+\b"),
    ("hex", "<hex>", r"\b[0-9a-fA-F]{7,}\b"),
    ("id", "<id>", r"\b[A-Z0-9]{8,}\b"),
    ("float", "<float>", r"\b[0-9]+(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)\b"),
    ("int", "<int>", r"\b[0-9]+\b"),
    ("value", "=<value>", r#"=(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"#),
    ("bool", "=<bool>", r"=(?i:true|false)\b"),
];

/// Names whose pattern alone does not prove anything: [`judge`] may turn them down.
const DOUBTFUL: [&str; 2] = ["host", "ipsix"];

static VARYING: LazyLock<Option<Regex>> = LazyLock::new(|| combined(|_| true));
static CERTAIN: LazyLock<Option<Regex>> = LazyLock::new(|| combined(|name| !DOUBTFUL.contains(&name)));

/// All patterns in one, so that a message is read once. A test holds that it compiles; if ever it did not, messages
/// would be compared as they are.
fn combined(wanted: fn(&str) -> bool) -> Option<Regex> {
    let groups = PATTERNS.iter().filter(|(name, _, _)| wanted(name));
    let groups: Vec<String> = groups.map(|(name, _, pattern)| format!("(?P<{name}>{pattern})")).collect();
    Regex::new(&groups.join("|")).ok()
}

/// Replaces what varies from request to request, so that the same fault has the same text.
///
/// Cleaning twice changes nothing more.
#[must_use]
pub fn clean(message: &str) -> String {
    let message = &message[..boundary(message, MAX_CLEANED)];
    let (Some(varying), Some(certain)) = (VARYING.as_ref(), CERTAIN.as_ref()) else { return message.to_owned() };
    let mut out = String::with_capacity(message.len());
    let mut done = 0;
    let mut from = 0;
    // Up to there, what looked like a host or an address is none; but there may be numbers in it.
    let mut barred = 0;
    loop {
        let within = from < barred;
        let found = if within { certain } else { varying }.captures_at(message, from);
        let whole = found.as_ref().and_then(|found| found.get(0));
        let whole = whole.filter(|whole| !whole.is_empty() && (!within || whole.start() < barred));
        let (Some(found), Some(whole)) = (&found, whole) else {
            if within {
                from = barred;
                continue;
            }
            break;
        };
        let (placeholder, end) = match judge(message, found, done, whole.start(), whole.end()) {
            Judged::Varies(placeholder, end) => (placeholder, end),
            Judged::Stays(end) => {
                from = end;
                continue;
            }
            Judged::No => {
                (from, barred) = (whole.start(), whole.end());
                continue;
            }
        };
        from = end;
        let mut before = &message[done..whole.start()];
        if matches!(placeholder, "<int>" | "<float>") {
            before = without_sign(before, message, whole.start());
        }
        if out.len() + before.len() + placeholder.len() > MAX_CLEANED {
            return cut(out + before);
        }
        out.push_str(before);
        out.push_str(placeholder);
        done = end;
    }
    out.push_str(&message[done..]);
    if out.len() > MAX_CLEANED { cut(out) } else { out }
}

/// What becomes of something that was found, and where to look on.
enum Judged {
    /// A placeholder takes its place.
    Varies(&'static str, usize),
    /// It is left as it is.
    Stays(usize),
    /// It is not what the pattern is for.
    No,
}

/// Looks at what a pattern cannot see. Text before `done` was replaced.
fn judge(text: &str, found: &Captures<'_>, done: usize, start: usize, end: usize) -> Judged {
    let mut groups = PATTERNS.iter().filter(|(name, _, _)| found.name(name).is_some());
    let Some((name, placeholder, _)) = groups.next() else { return Judged::Stays(end) };
    let shown = &text[start..end];
    let digits = shown.bytes().filter(u8::is_ascii_digit).count();
    match *name {
        "product" | "version" | "standard" | "httpstatus" => Judged::Stays(end),
        "url" => Judged::Varies(placeholder, start + trimmed_url(shown)),
        "host" => {
            // A longer dotted name (`java.net.SocketException`), a call or a file is no host, and `:2026-11-22` no port.
            let goes_on = |end: usize| {
                text[end..].starts_with(['.', '(', '_', '-', '$'])
                    && text[end + 1..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | '<'))
            };
            let name = start + shown.find(':').unwrap_or(shown.len());
            let end = if goes_on(end) { name } else { end };
            if is_host(&text[start..end]) && !goes_on(end) { Judged::Varies(placeholder, end) } else { Judged::No }
        }
        "ipsix" => {
            // `std::fmt` is a path, and so is `add::be`.
            let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '>');
            let glued = text[..start].ends_with(joins) || (start == done && done > 0);
            if !glued && digits > 0 { Judged::Varies(placeholder, end) } else { Judged::No }
        }
        "hex" if digits == shown.len() => Judged::Varies("<int>", end),
        "hex" | "id" if digits == 0 => Judged::Stays(end),
        // Short ones are commits, which are written in lower case.
        "hex" if shown.len() == 7 && shown.bytes().any(|b| b.is_ascii_uppercase()) => Judged::Stays(end),
        _ => Judged::Varies(placeholder, end),
    }
}

/// The length of a URL without the punctuation of the sentence around it.
fn trimmed_url(url: &str) -> usize {
    let scheme = url.find("://").map_or(0, |at| at + 3);
    let rest = url[scheme..].trim_end_matches(['.', ',', ';', ':', '!', '?']).len();
    if rest == 0 { url.len() } else { scheme + rest }
}

/// Whether a dotted name in lower case is a host's: not every `module.function` is.
fn is_host(shown: &str) -> bool {
    const SURE: [&str; 5] = ["com", "net", "org", "edu", "gov"];
    const LIKELY: [&str; 24] = [
        "local", "internal", "svc", "lan", "cloud", "app", "dev", "io", "co", "eu", "de", "uk", "us", "fr", "nl", "ch",
        "jp", "cn", "au", "ca", "br", "in", "info", "test",
    ];
    let (name, port) = shown.split_once(':').map_or((shown, false), |(name, _)| (name, true));
    let end = name.rsplit('.').next().unwrap_or_default();
    let dots = name.matches('.').count();
    SURE.contains(&end) || (LIKELY.contains(&end) && (port || dots >= 2))
}

/// Drops the sign of a number: `-` before it that joins it to nothing.
fn without_sign<'a>(before: &'a str, message: &str, start: usize) -> &'a str {
    let Some(unsigned) = before.strip_suffix(['-', '+']) else { return before };
    let joined = message[..start - 1].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']' | '>'));
    if joined { before } else { unsigned }
}

/// Cuts a text that is too long where no pattern reaches across. One long word is all value, such as Base64.
fn cut(mut text: String) -> String {
    let fits = &text[..boundary(&text, MAX_CLEANED)];
    let end = fits.rfind(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '{' | '}' | '|')).unwrap_or(0);
    text.truncate(text[..end].trim_end().len());
    if text.is_empty() { "<value>".to_owned() } else { text }
}

/// The last boundary between characters at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or_default()
}

/// Whether `outer` says the same as `inner`, or wraps it: it contains the core of `inner`, which must be at least 8
/// characters long to prove anything; a shorter core must be all that `outer` says. Runs of whitespace are alike.
#[must_use]
pub fn wraps(outer: &str, inner: &str) -> bool {
    let (said, meant) = (words(core(outer)), words(core(inner)));
    if meant.is_empty() {
        return false;
    }
    said == meant || (meant.chars().nth(7).is_some() && words(outer).contains(&*meant))
}

/// With single spaces.
fn words(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let single = !text.contains("  ") && !text.contains(|c: char| c.is_whitespace() && c != ' ');
    if single { Cow::Borrowed(text) } else { Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" ")) }
}

/// Whether one of two messages says the same as the other, or wraps it: callers often see less of a failure than its origin
/// tells, as when a server's exception holds the status detail that it sends.
#[must_use]
pub fn related(one: &str, other: &str) -> bool {
    wraps(one, other) || wraps(other, one)
}

/// The core text without decoration: types, gRPC status and its spelling in several SDKs. Never empty unless the
/// message is blank.
#[must_use]
pub fn core(message: &str) -> &str {
    let mut text = message.trim();
    while let Some(rest) = undecorated(text).map(str::trim).filter(|rest| !rest.is_empty()) {
        text = rest;
    }
    text
}

/// Without the outermost decoration; `None` when there is none.
fn undecorated(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("rpc error: code = ") {
        return rest.split_once(" desc = ").map(|(_, rest)| rest);
    }
    if let Some(rest) = text.strip_prefix("Uncaught ") {
        return Some(rest);
    }
    // What Python's gRPC prints for a failed call: <_InactiveRpcError of RPC that terminated with: ...>
    if text.starts_with('<') && text.contains(" of RPC that terminated with:") {
        let (_, details) = text.split_once("details = \"")?;
        let end =
            details.find("\"\n").or_else(|| details.find("\" debug_error_string")).or_else(|| details.find("\"\t"));
        return end.or_else(|| details.rfind('"')).map(|end| &details[..end]);
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '$')))?;
    let (mut name, mut rest) = text.split_at(end);
    // 13 INTERNAL: ...
    if name.bytes().all(|b| b.is_ascii_digit()) {
        let coded = rest.strip_prefix(' ')?;
        let end = coded.find(':')?;
        (name, rest) =
            grpc_code::NAMES.iter().find(|code| **code == &coded[..end]).map(|code| (*code, &coded[end..]))?;
    }
    // Error [ERR_CODE]: ...
    let rest = rest.strip_prefix(" [").and_then(|code| code.split_once(']')).map_or(rest, |(_, rest)| rest);
    let rest = rest.strip_prefix(':')?;
    let last = name.rsplit('.').next().unwrap_or_default();
    let code = grpc_code::NAMES.contains(&last)
        && matches!(name.strip_suffix(last), Some("" | "StatusCode." | "Code." | "codes."));
    (code || is_type(name, last, rest)).then_some(rest)
}

/// Whether a name before a colon is a type's, not a word of the message.
fn is_type(name: &str, last: &str, rest: &str) -> bool {
    const ENDINGS: [&str; 9] =
        ["Error", "Exception", "Failure", "Fault", "Exit", "Interrupt", "Warning", "Timeout", "Panic"];
    let begins = last.starts_with(|c: char| c.is_uppercase() || c == '_');
    let dotted = name.len() > last.len() && !name.starts_with('.');
    begins && rest.starts_with(char::is_whitespace) && (dotted || ENDINGS.iter().any(|end| last.ends_with(end)))
}

#[cfg(test)]
mod tests;
