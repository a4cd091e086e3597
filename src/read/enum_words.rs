//! What the words and numbers of OTLP's enums stand for: names as protobuf has them in JSON, with their prefix or without, in any
//! case, and numbers, also as digits in quotes.

use crate::model::span::Status;
use crate::model::span_kind::SpanKind;
use crate::read::codes;
use crate::read::json_number::integer;

/// What a span kind should be, for the report.
pub(crate) const KIND: &str = "a span kind that is known: SPAN_KIND_SERVER and the like, or a number from 0 to 5";

/// What a status code should be, for the report.
pub(crate) const STATUS: &str =
    "a status code that is known: STATUS_CODE_UNSET, STATUS_CODE_OK or STATUS_CODE_ERROR, or a number from 0 to 2";

/// What a severity should be, for the report.
pub(crate) const SEVERITY: &str =
    "a severity that is known: SEVERITY_NUMBER_ERROR and the like, or a number from 0 to 24";

/// The kind that a word stands for; `None` for one that is not known.
pub(crate) fn kind(word: &[u8]) -> Option<SpanKind> {
    const NAMES: [(&[u8], SpanKind); 6] = [
        (b"UNSPECIFIED", SpanKind::Unspecified),
        (b"INTERNAL", SpanKind::Internal),
        (b"SERVER", SpanKind::Server),
        (b"CLIENT", SpanKind::Client),
        (b"PRODUCER", SpanKind::Producer),
        (b"CONSUMER", SpanKind::Consumer),
    ];
    named(word, b"SPAN_KIND_", &NAMES).or_else(|| numbered_kind(number(word)?))
}

/// The kind that a number stands for; `None` for one that is not known.
#[inline]
pub(crate) fn numbered_kind(number: u64) -> Option<SpanKind> {
    (number <= 5).then(|| SpanKind::from_otlp(number))
}

/// The status that a word stands for; `None` for one that is not known.
pub(crate) fn status(word: &[u8]) -> Option<Status> {
    const NAMES: [(&[u8], Status); 3] = [(b"UNSET", Status::Unset), (b"OK", Status::Ok), (b"ERROR", Status::Error)];
    named(word, b"STATUS_CODE_", &NAMES).or_else(|| numbered_status(number(word)?))
}

/// The status that a number stands for; `None` for one that is not known.
#[inline]
pub(crate) fn numbered_status(number: u64) -> Option<Status> {
    (number <= 2).then(|| Status::from_otlp(number))
}

/// The severity number that a word stands for, 0 where nothing was specified; `None` for one that is not known.
pub(crate) fn severity(word: &[u8]) -> Option<u8> {
    let name = without(word, b"SEVERITY_NUMBER_");
    if name.eq_ignore_ascii_case(b"UNSPECIFIED") {
        return Some(0);
    }
    let named = std::str::from_utf8(name).map_or(0, codes::severity);
    if named > 0 { Some(named) } else { numbered_severity(number(word)?) }
}

/// The severity number that a number is, 0 where nothing was specified; `None` for one that is not known.
#[inline]
pub(crate) fn numbered_severity(number: u64) -> Option<u8> {
    u8::try_from(number).ok().filter(|&number| number <= 24)
}

fn named<T: Copy>(word: &[u8], prefix: &[u8], names: &[(&[u8], T)]) -> Option<T> {
    let name = without(word, prefix);
    names.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|&(_, meaning)| meaning)
}

fn without<'w>(word: &'w [u8], prefix: &[u8]) -> &'w [u8] {
    match word.split_at_checked(prefix.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(prefix) => rest,
        _ => word,
    }
}

fn number(word: &[u8]) -> Option<u64> {
    integer(word).and_then(|number| u64::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_codes_are_known_as_numbers_digits_and_names_of_any_case() {
        for word in ["2", "2.0", "SPAN_KIND_SERVER", "span_kind_server", "Server", "SERVER"] {
            assert_eq!(kind(word.as_bytes()), Some(SpanKind::Server), "{word}");
        }
        for word in ["2", "STATUS_CODE_ERROR", "Status_Code_Error", "Error", "error"] {
            assert_eq!(status(word.as_bytes()), Some(Status::Error), "{word}");
        }
        for word in ["17", "SEVERITY_NUMBER_ERROR", "severity_number_error", "Error"] {
            assert_eq!(severity(word.as_bytes()), Some(17), "{word}");
        }
        assert_eq!(severity(b"SEVERITY_NUMBER_FATAL4"), Some(24));
    }

    #[test]
    fn what_was_not_specified_is_known_and_what_is_beyond_is_not() {
        for word in ["0", "SPAN_KIND_UNSPECIFIED", "unspecified"] {
            assert_eq!(kind(word.as_bytes()), Some(SpanKind::Unspecified), "{word}");
        }
        assert_eq!((status(b"0"), status(b"STATUS_CODE_UNSET")), (Some(Status::Unset), Some(Status::Unset)));
        assert_eq!((severity(b"0"), severity(b"SEVERITY_NUMBER_UNSPECIFIED")), (Some(0), Some(0)));
        for word in ["6", "-1", "SPAN_KIND_NEW", "", "SERVERS", "SPAN_KIND_", "1e40"] {
            assert_eq!(kind(word.as_bytes()), None, "{word}");
        }
        for word in ["3", "-1", "STATUS_CODE_FINE", "", "ERRORS"] {
            assert_eq!(status(word.as_bytes()), None, "{word}");
        }
        for word in ["25", "-5", "256", "SEVERITY_NUMBER_LOUD", ""] {
            assert_eq!(severity(word.as_bytes()), None, "{word}");
        }
    }
}
