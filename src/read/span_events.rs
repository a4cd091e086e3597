//! What span events and log records tell: exceptions, flag evaluations, error texts.

use crate::model::exception::{Exception, ExceptionSource};
use crate::model::names::Names;
use crate::model::span::FlagEvaluation;
use crate::read::attributes::Attributes;
use crate::read::json_value;
use crate::read::python_headline::whole_message;
use crate::read::semconv::Key;
use crate::read::text::{MESSAGE_BYTES, STACKTRACE_BYTES, capped, sym};
use std::borrow::Cow;

/// The exception that these attributes tell, whatever the event is called.
pub(crate) fn exception(attributes: &Attributes<'_>, source: ExceptionSource) -> Option<Exception> {
    if !attributes.tells_exception() {
        return None;
    }
    let text = |key, limit| attributes.get(key).map_or_else(Box::default, |value| capped(&value.text(limit), limit));
    let mut told = Exception {
        source,
        kind: text(Key::ExceptionType, MESSAGE_BYTES),
        message: text(Key::ExceptionMessage, MESSAGE_BYTES),
        stacktrace: text(Key::ExceptionStacktrace, STACKTRACE_BYTES),
    };
    if source != ExceptionSource::SpanEvent
        && let Some(whole) = whole_message(&told.kind, &told.message, &told.stacktrace)
    {
        told.message = capped(whole, MESSAGE_BYTES);
    }
    Some(told)
}

/// Whether these attributes are those of [`dotnet_exception`].
pub(crate) fn tells_dotnet_exception(attributes: &Attributes<'_>) -> bool {
    attributes.has(Key::LogStatusCode) && attributes.has(Key::LogDetail)
}

/// The exception that a .NET gRPC server logs as `statuscode` and `detail`, mostly at INFO.
pub(crate) fn dotnet_exception(attributes: &Attributes<'_>, source: ExceptionSource) -> Option<Exception> {
    let code = attributes.get(Key::LogStatusCode)?.text(MESSAGE_BYTES);
    let detail = attributes.get(Key::LogDetail)?.text(STACKTRACE_BYTES);
    Some(Exception {
        source,
        kind: capped(&code, MESSAGE_BYTES),
        message: capped(detail.lines().next().unwrap_or_default(), MESSAGE_BYTES),
        stacktrace: capped(&detail, STACKTRACE_BYTES),
    })
}

/// The flag evaluation that these attributes tell. The variant is preferred; the value stands in for it.
#[inline]
pub(crate) fn flag(attributes: &Attributes<'_>, names: &mut Names) -> Option<FlagEvaluation> {
    let key = sym(attributes.bytes(&[Key::FlagKey])?, names);
    if let Some(variant) = attributes.bytes(&[Key::FlagResultVariant, Key::FlagVariant]) {
        return Some(FlagEvaluation { key, variant: sym(variant, names) });
    }
    let variant = match attributes.get(Key::FlagResultValue) {
        // The Python hook writes the value as JSON text, so that a string stands in a second pair of quotes.
        Some(value) => match value.str() {
            Some(text) => names.intern(&json_value::unquoted(&text)),
            None => names.intern(&value.text(MESSAGE_BYTES)),
        },
        None => names.intern(""),
    };
    Some(FlagEvaluation { key, variant })
}

/// Whether the name of an attribute-less event reads like an error text (Go: `span.AddEvent(err.Error())`) and not
/// like a step of the work (`message_sent`).
pub(crate) fn reads_like_text(name: &str) -> bool {
    name.trim().contains(' ')
}

/// The name of an event that each message of an RPC makes (semantic conventions before 1.28): so many that they say nothing.
const EACH_MESSAGE: &str = "message";

/// The step of the work that an event stands for, the same in each request that takes it: its name, and of a log record
/// that an appender wrote as an event its severity and its logger, which may end in the line of the code.
///
/// ```text
/// event order.prepared                                             order.prepared
/// event log   log.severity=INFO  log.logger=c.s.Contacts#31        log INFO c.s.Contacts#31
/// event retry 3 of 5                                               retry # of #
/// ```
///
/// Digits in names of events are numbers of this request. `None` for an event without a name, and for those of each message.
pub(crate) fn step<'e>(name: &'e str, attributes: &'e Attributes<'_>) -> Option<Cow<'e, str>> {
    if let Some(severity) = attributes.get(Key::LogSeverity) {
        let logger = attributes.get(Key::LogLogger).map_or(Cow::Borrowed(""), |logger| logger.text(MESSAGE_BYTES));
        let severity = severity.text(MESSAGE_BYTES);
        return Some(Cow::Owned([name, &severity, &logger].join(" ").trim().to_owned()));
    }
    match name {
        "" | EACH_MESSAGE => None,
        name if name.bytes().any(|byte| byte.is_ascii_digit()) => Some(Cow::Owned(without_digits(name))),
        name => Some(Cow::Borrowed(name)),
    }
}

/// The text with each run of digits as one `#`.
fn without_digits(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if !letter.is_ascii_digit() {
            out.push(letter);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::attributes::Value;

    fn step_of(name: &str, attributes: &[(&[u8], &str)]) -> Option<String> {
        let mut met = Attributes::default();
        for (key, value) in attributes {
            let key = met.note(key).expect("a known key");
            met.put(key, Value::Str(Cow::Owned((*value).to_owned())));
        }
        step(name, &met).map(Cow::into_owned)
    }

    #[test]
    fn a_step_is_the_same_in_each_request() {
        assert_eq!(step_of("order.prepared", &[]).as_deref(), Some("order.prepared"));
        assert_eq!(step_of("retry 3 of 15", &[]).as_deref(), Some("retry # of #"));
        assert_eq!((step_of("", &[]), step_of("message", &[])), (None, None));
        let record = [(&b"log.severity"[..], "INFO"), (b"log.logger", "c.s.Contacts#31")];
        assert_eq!(step_of("log", &record).as_deref(), Some("log INFO c.s.Contacts#31"));
        assert_eq!(step_of("log", &record[..1]).as_deref(), Some("log INFO"));
    }
}
