//! What of a record was cut, so that it can be told: the bounds are those of [`text`](crate::read::text).

use crate::model::exception::Exception;
use crate::model::span::{Detail, LogEvent};
use crate::read::text::{MESSAGE_BYTES, STACKTRACE_BYTES};

/// What a text tells, and how many bytes of it are kept.
type Field<'t> = (&'static str, &'t str, usize);

/// Which text of a span was cut, in words.
pub(crate) fn of_span(detail: &Detail) -> Option<String> {
    let own = [
        ("status message", &*detail.status_message, MESSAGE_BYTES),
        ("error text", &*detail.error_text, MESSAGE_BYTES),
        ("error type", &*detail.error_type, MESSAGE_BYTES),
    ];
    cut("span", own.into_iter().chain(detail.exceptions.iter().flat_map(of_exception)))
}

/// Which text of a log record was cut, in words.
pub(crate) fn of_log(log: &LogEvent) -> Option<String> {
    let body = ("body", &*log.body, MESSAGE_BYTES);
    cut("log record", std::iter::once(body).chain(log.exception.iter().flat_map(|it| of_exception(it))))
}

fn of_exception(exception: &Exception) -> [Field<'_>; 3] {
    [
        ("exception type", &exception.kind, MESSAGE_BYTES),
        ("exception message", &exception.message, MESSAGE_BYTES),
        ("stack trace", &exception.stacktrace, STACKTRACE_BYTES),
    ]
}

/// Tells of the first that was cut: what marks the cut makes it longer than its bound.
fn cut<'t>(record: &str, mut fields: impl Iterator<Item = Field<'t>>) -> Option<String> {
    let (field, _, limit) = fields.find(|(_, text, limit)| text.len() > *limit)?;
    Some(format!("{record} kept with the start of its {field}, which is longer than {} KiB", limit >> 10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exception::ExceptionSource;
    use crate::read::text::capped;

    #[test]
    fn the_first_text_that_was_cut_is_told() {
        let exception = Exception {
            message: capped(&"ä".repeat(MESSAGE_BYTES / 2), MESSAGE_BYTES),
            stacktrace: capped(&"x".repeat(STACKTRACE_BYTES + 1), STACKTRACE_BYTES),
            source: ExceptionSource::SpanEvent,
            kind: Box::default(),
        };
        let mut detail = Detail { exceptions: vec![exception], ..Detail::default() };
        let told = of_span(&detail);
        assert_eq!(told.as_deref(), Some("span kept with the start of its stack trace, which is longer than 256 KiB"));
        // Cut between characters, one byte before the bound.
        detail.status_message = capped(&format!("a{}", "ä".repeat(MESSAGE_BYTES / 2)), MESSAGE_BYTES);
        let told = of_span(&detail);
        assert_eq!(
            told.as_deref(),
            Some("span kept with the start of its status message, which is longer than 64 KiB")
        );
    }

    #[test]
    fn texts_of_just_the_bound_are_whole() {
        let detail = Detail { error_text: capped(&"x".repeat(MESSAGE_BYTES), MESSAGE_BYTES), ..Detail::default() };
        assert_eq!(of_span(&detail), None);
    }
}
