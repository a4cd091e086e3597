//! What answer codes mean: failures by convention, and faults of the caller.

use crate::model::span::Codes;
use crate::model::span_kind::SpanKind;

/// Whether the semantic conventions count these codes as a failure of a span of this kind, though its status is unset.
///
/// gRPC: every code but OK fails a client span; a server span only with UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED,
/// INTERNAL, UNAVAILABLE, DATA_LOSS (semantic-conventions, docs/rpc/grpc.md). HTTP: 4xx and 5xx fail a client span, 5xx a
/// server span (docs/http/http-spans.md).
#[must_use]
pub fn fail(codes: Codes, kind: SpanKind) -> bool {
    match kind {
        SpanKind::Client | SpanKind::Producer => tell_failure(codes),
        SpanKind::Server | SpanKind::Consumer => {
            codes.grpc.is_some_and(|code| matches!(code, 2 | 4 | 12 | 13 | 14 | 15))
                || codes.http.is_some_and(|code| code >= 500)
        }
        SpanKind::Internal | SpanKind::Unspecified => false,
    }
}

/// Whether the caller is to blame for this answer: a wrong argument, an unknown thing, a missing right.
///
/// HTTP 408, 429 and 499 tell of time, load and hanging up, and are not the caller's fault.
#[must_use]
pub fn blame_the_caller(codes: Codes) -> bool {
    match (codes.grpc, codes.http) {
        (Some(code), _) if code != 0 => matches!(code, 3 | 5 | 6 | 7 | 11 | 16),
        (_, Some(code)) => matches!(code, 400..=499) && !matches!(code, 408 | 429 | 499),
        _ => false,
    }
}

/// Whether a span tells by its codes of a failure, whosever fault it was: a gRPC code other than OK, or HTTP 400 and above.
#[must_use]
pub fn tell_failure(codes: Codes) -> bool {
    codes.grpc.is_some_and(|code| code != 0) || codes.http.is_some_and(|code| code >= 400)
}

/// Whether a span tells by its HTTP code that all went well. Under gRPC, HTTP 200 is the transport's word only, and a
/// gRPC code of failure outranks it.
#[must_use]
pub fn tell_success_by_http(codes: Codes) -> bool {
    codes.http.is_some_and(|code| code < 400) && codes.grpc.is_none_or(|code| code == 0)
}

/// Whether a span tells by its codes that all went well: HTTP below 400, or gRPC OK.
#[must_use]
pub fn tell_success(codes: Codes) -> bool {
    match (codes.grpc, codes.http) {
        (Some(grpc), Some(http)) => grpc == 0 && http < 400,
        (Some(grpc), None) => grpc == 0,
        (None, Some(http)) => http < 400,
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grpc(code: u8) -> Codes {
        Codes { grpc: Some(code), http: None }
    }

    fn http(code: u16) -> Codes {
        Codes { grpc: None, http: Some(code) }
    }

    #[test]
    fn a_server_does_not_fail_by_its_callers_fault() {
        assert!(fail(grpc(5), SpanKind::Client) && !fail(grpc(5), SpanKind::Server));
        assert!(fail(http(404), SpanKind::Client) && !fail(http(404), SpanKind::Server));
        assert!(fail(grpc(13), SpanKind::Server) && fail(http(500), SpanKind::Server));
        assert!(!fail(http(500), SpanKind::Internal));
    }

    #[test]
    fn time_and_load_are_not_the_callers_fault() {
        assert!(blame_the_caller(http(404)) && blame_the_caller(grpc(16)));
        for code in [408, 429, 499, 500, 200] {
            assert!(!blame_the_caller(http(code)), "{code}");
        }
        assert!(!blame_the_caller(grpc(9)) && !blame_the_caller(grpc(0)));
    }

    #[test]
    fn success_is_what_every_code_tells() {
        let both = |grpc, http| Codes { grpc: Some(grpc), http: Some(http) };
        for codes in [grpc(0), http(200), http(399), both(0, 200), both(0, 399)] {
            assert!(tell_success(codes) && tell_success_by_http(codes) == codes.http.is_some(), "{codes:?}");
        }
        for codes in [grpc(2), http(400), http(500), both(13, 200), both(0, 500), both(0, 400), Codes::default()] {
            assert!(!tell_success(codes) && !tell_success_by_http(codes), "{codes:?}");
        }
    }

    #[test]
    fn an_rpc_code_outranks_the_http_code_that_carried_it() {
        assert!(blame_the_caller(Codes { grpc: Some(3), http: Some(200) }));
        assert!(!blame_the_caller(Codes { grpc: Some(13), http: Some(404) }));
    }
}
