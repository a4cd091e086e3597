//! One log record in OTLP protobuf (`logs.proto`).

use crate::model::time::Nanos;
use crate::read::enum_words;
use crate::read::intake::{Intake, Malformed};
use crate::read::log_parts::LogParts;
use crate::read::proto_span::{length, span_id, trace_id};
use crate::read::proto_value;
use crate::read::sink::Sink;
use crate::read::text::lossy;
use crate::read::wire::{Content, Wire};

/// Reads a `LogRecord` into `parts`.
pub(crate) fn log<'a, S: Sink>(
    mut message: Wire<'a>,
    parts: &mut LogParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    while let Some(field) = message.next_field()? {
        match field {
            (6, Content::Bytes(pair)) => proto_value::attribute(pair, &mut parts.attributes, None, intake),
            (1, Content::Fixed64(time)) => parts.time = Nanos(time),
            (11, Content::Fixed64(time)) => parts.observed = Nanos(time),
            (2, Content::Varint(number)) => {
                parts.severity_number = enum_words::numbered_severity(number).unwrap_or_else(|| {
                    intake.mend_malformed("the severity of a log record", message.malformed(enum_words::SEVERITY));
                    0
                });
            }
            (3, Content::Bytes(text)) => parts.severity_text = lossy(text.bytes),
            (5, Content::Bytes(message)) => match proto_value::value(message) {
                Ok(body) => parts.body = body,
                Err(wrong) => intake.mend_malformed("the body of a log record", wrong),
            },
            (8, Content::Fixed32(flags)) => parts.trace_flags = flags,
            (9, Content::Bytes(id)) => match trace_id(id.bytes) {
                Some(id) => parts.trace = id,
                None => parts.wrong_id = Some(("traceId", length(id.bytes))),
            },
            (10, Content::Bytes(id)) => match span_id(id.bytes) {
                Some(id) => parts.span = id,
                None => parts.wrong_id = Some(("spanId", length(id.bytes))),
            },
            _ => {}
        }
    }
    Ok(())
}
