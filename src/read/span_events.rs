//! What span events and log records tell: exceptions, flag evaluations, error texts.

use crate::model::exception::{Exception, ExceptionSource};
use crate::model::names::Names;
use crate::model::span::FlagEvaluation;
use crate::read::attributes::Attributes;
use crate::read::json_value;
use crate::read::semconv::Key;
use crate::read::text::{MESSAGE_BYTES, STACKTRACE_BYTES, capped, sym};

/// The exception that these attributes tell, whatever the event is called.
pub(crate) fn exception(attributes: &Attributes<'_>, source: ExceptionSource) -> Option<Exception> {
    if !attributes.tells_exception() {
        return None;
    }
    let text = |key, limit| attributes.get(key).map_or_else(Box::default, |value| capped(&value.text(limit), limit));
    Some(Exception {
        source,
        kind: text(Key::ExceptionType, MESSAGE_BYTES),
        message: text(Key::ExceptionMessage, MESSAGE_BYTES),
        stacktrace: text(Key::ExceptionStacktrace, STACKTRACE_BYTES),
    })
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
