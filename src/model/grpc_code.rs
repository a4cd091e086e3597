//! gRPC status codes (grpc/grpc, doc/statuscodes.md).

/// The names of the codes, in the order of their numbers from 0.
pub const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// OK: nothing failed.
pub const OK: u8 = 0;
/// CANCELLED: somebody called it off.
pub const CANCELLED: u8 = 1;
/// DEADLINE_EXCEEDED: somebody waited too long.
pub const DEADLINE_EXCEEDED: u8 = 4;
/// UNAVAILABLE: nobody answered, or the callee says that it cannot.
pub const UNAVAILABLE: u8 = 14;

/// The name of a code; `None` for numbers that the protocol does not define.
#[must_use]
pub fn name(code: u8) -> Option<&'static str> {
    NAMES.get(usize::from(code)).copied()
}

/// The code of a name in any case, also in the American spelling `CANCELED`; `None` for unknown names.
#[must_use]
pub fn code(name: &str) -> Option<u8> {
    if name.eq_ignore_ascii_case("CANCELED") {
        return Some(CANCELLED);
    }
    (0..).zip(NAMES).find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_each_others_inverse() {
        for number in 0..17 {
            assert_eq!(name(number).and_then(code), Some(number));
        }
        assert_eq!(
            (name(UNAVAILABLE), code("canceled"), code("NONE"), name(17)),
            (Some("UNAVAILABLE"), Some(1), None, None)
        );
    }
}
