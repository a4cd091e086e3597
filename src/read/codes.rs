//! Answer codes and severities, as numbers, digit strings or names.

use crate::model::grpc_code;
use crate::read::attributes::Value;

/// A gRPC status code, 0 to 16; `None` for anything else.
pub(crate) fn grpc(value: &Value<'_>) -> Option<u8> {
    match value.integer() {
        Some(number) => u8::try_from(number).ok().filter(|&code| grpc_code::name(code).is_some()),
        None => grpc_code::code(value.str()?.trim()),
    }
}

/// An HTTP status code, 100 to 999; `None` for anything else.
pub(crate) fn http(value: &Value<'_>) -> Option<u16> {
    value.integer().and_then(|number| u16::try_from(number).ok()).filter(|code| (100..1000).contains(code))
}

/// The severity number that a severity text stands for; 0 for unknown words. Levels with a digit (`ERROR2`) count.
pub(crate) fn severity(text: &str) -> u8 {
    let text = text.trim().to_ascii_uppercase();
    let word = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let base = match word {
        "TRACE" | "VERBOSE" | "FINEST" => 1,
        "DEBUG" | "FINE" => 5,
        "INFO" | "INFORMATION" | "INFORMATIONAL" | "NOTICE" => 9,
        "WARN" | "WARNING" => 13,
        "ERROR" | "ERR" | "SEVERE" => 17,
        "FATAL" | "CRITICAL" | "CRIT" | "ALERT" | "EMERGENCY" | "EMERG" | "PANIC" => 21,
        _ => return 0,
    };
    match &text.as_bytes()[word.len()..] {
        [digit @ b'2'..=b'4'] => base + (digit - b'1'),
        _ => base,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    #[test]
    fn grpc_codes_are_read_in_every_spelling() {
        let text = |text| Value::Str(Cow::Borrowed(text));
        assert_eq!(grpc(&Value::Int(14)), Some(14));
        assert_eq!(grpc(&text("14")), Some(14));
        assert_eq!(grpc(&text("UNAVAILABLE")), Some(14));
        assert_eq!(grpc(&text("deadline_exceeded")), Some(4));
        assert_eq!(grpc(&Value::Int(17)), None);
        assert_eq!(grpc(&text("-32602")), None);
    }

    #[test]
    fn severities_are_read_from_words() {
        assert_eq!(severity("Error"), 17);
        assert_eq!(severity("ERROR3"), 19);
        assert_eq!(severity("critical"), 21);
        assert_eq!(severity("Warning"), 13);
        assert_eq!(severity("loud"), 0);
    }
}
