//! The message of an exception that Python logged: its SDK writes the first argument in its place.
//!
//! ```text
//! exception.message     104
//! exception.stacktrace  Traceback (most recent call last):
//!                         File "push.py", line 6, in push
//!                       ConnectionResetError: [Errno 104] Connection reset by peer
//! ```
//!
//! `LoggingHandler` of opentelemetry-python writes `str(exc_value.args[0])`, which of an `OSError` is its number, while span
//! events have `str(exception)`. The last line of a traceback has that too.

/// How tracebacks begin, the second in the box of an exception group.
const HEADINGS: [&str; 2] =
    ["Traceback (most recent call last):", "+ Exception Group Traceback (most recent call last):"];

/// What stands before each line of the outermost group.
const BOX: &str = "  | ";

/// What a traceback tells of the exception of this type, if it is more than `message`, and `message` is part of it.
///
/// Of several lines no more than those with the message and before it, as what follows may be a note of another place.
pub(crate) fn whole_message<'s>(kind: &str, message: &str, stacktrace: &'s str) -> Option<&'s str> {
    let message = message.trim();
    let begins = HEADINGS.iter().any(|heading| stacktrace.trim_start().starts_with(heading));
    if !begins || kind.is_empty() || message.is_empty() {
        return None;
    }
    // The exception that was told comes last.
    let mut end = stacktrace.len();
    let told = stacktrace.rsplit('\n').find_map(|line| {
        let start = end - line.len();
        end = start.saturating_sub(1);
        let (name, text) = line.strip_prefix(BOX).unwrap_or(line).split_once(": ")?;
        let module = name.strip_suffix(kind)?;
        let is_module = module.is_empty() || (module.ends_with('.') && module.chars().all(is_of_a_name));
        is_module.then(|| stacktrace.get(start + line.len() - text.len()..))?
    })?;
    let end = told.find(message)? + message.len();
    let end = told[end..].find('\n').map_or(told.len(), |more| end + more);
    Some(told[..end].trim()).filter(|told| told.len() > message.len())
}

/// Characters of a dotted name; that of a local class holds `<locals>`.
fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '<' | '>')
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESET: &str = "Traceback (most recent call last):\n  File \"push.py\", line 6, in push\n    raise ConnectionResetError(104, 'Connection reset by peer')\nConnectionResetError: [Errno 104] Connection reset by peer\n";

    #[test]
    fn the_number_of_an_error_of_the_system_stands_for_what_its_traceback_says() {
        let whole = whole_message("ConnectionResetError", "104", RESET);
        assert_eq!(whole, Some("[Errno 104] Connection reset by peer"));
    }

    #[test]
    fn types_are_found_with_the_module_before_them_and_in_the_box_of_a_group() {
        let dotted = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nbotocore.exceptions.HTTPClientError: 7: no answer";
        assert_eq!(whole_message("HTTPClientError", "7", dotted), Some("7: no answer"));
        let group = "  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 1, in f\n  | ExceptionGroup: jobs failed (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ExceptionGroup: jobs failed within (1 sub-exception)\n";
        let whole = whole_message("ExceptionGroup", "jobs failed", group);
        assert_eq!(whole, Some("jobs failed (1 sub-exception)"));
    }

    #[test]
    fn of_a_chain_the_last_exception_counts() {
        let chain = "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nOSError: [Errno 2] first\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"a.py\", line 2, in g\nOSError: [Errno 2] last";
        assert_eq!(whole_message("OSError", "2", chain), Some("[Errno 2] last"));
    }

    #[test]
    fn a_message_that_is_whole_or_another_one_stays() {
        let told = |kind: &str, message: &str, stack: &str| whole_message(kind, message, stack).map(str::to_owned);
        for (kind, message, stack) in [
            ("ConnectionResetError", "[Errno 104] Connection reset by peer", RESET),
            ("ConnectionResetError", "the peer went away", RESET),
            ("ConnectionResetError", "", RESET),
            ("", "104", RESET),
            ("ResetError", "104", RESET),
            ("TimeoutError", "104", RESET),
            // No traceback, whoever wrote it.
            ("java.io.IOException", "104", "java.io.IOException: 104 is what it says\n\tat a.B.c(B.java:1)"),
            // Not where a line begins.
            ("OSError", "104", "Traceback (most recent call last):\nin OSError: 104 is what it says"),
            // Notes of an exception follow its message.
            ("ValueError", "bad row", "Traceback (most recent call last):\nValueError: bad row\nin file 7"),
        ] {
            assert_eq!(told(kind, message, stack), None, "{kind} {message}");
        }
    }
}
