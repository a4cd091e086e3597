//! One log record in OTLP/JSON.

use crate::model::time::Nanos;
use crate::read::attributes::Value;
use crate::read::enum_words;
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_number::loose_number;
use crate::read::json_span::known_word;
use crate::read::json_string::Raw;
use crate::read::json_value;
use crate::read::log_parts::LogParts;
use crate::read::sink::Sink;

/// Reads the log record at the cursor into `parts`. A field whose value is wrong costs only itself.
pub(crate) fn log<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut LogParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    if !cursor.open_object()? {
        return Ok(());
    }
    while let Some(field) = cursor.next_key()? {
        let start = cursor.at;
        if let Err(wrong) = value(field, cursor, parts, intake) {
            cursor.resume_after(start, wrong)?;
            intake.mend_malformed("a field of a log record", wrong);
        }
    }
    Ok(())
}

#[inline(always)]
fn value<'a, S: Sink>(
    field: Raw<'a>,
    cursor: &mut Cursor<'a>,
    parts: &mut LogParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    match field.bytes {
        b"traceId" | b"trace_id" => {
            id_text::put(&mut parts.trace, &mut parts.wrong_id, "traceId", cursor.plain_bytes()?, id_text::trace_id);
        }
        b"spanId" | b"span_id" => {
            id_text::put(&mut parts.span, &mut parts.wrong_id, "spanId", cursor.plain_bytes()?, id_text::span_id);
        }
        b"timeUnixNano" | b"time_unix_nano" => parts.time = Nanos(cursor.unsigned()?),
        b"observedTimeUnixNano" | b"observed_time_unix_nano" => parts.observed = Nanos(cursor.unsigned()?),
        b"severityNumber" | b"severity_number" => {
            let what = "the severity of a log record";
            parts.severity_number = known_word(cursor, what, enum_words::severity, enum_words::SEVERITY, intake)?;
        }
        b"severityText" | b"severity_text" => parts.severity_text = cursor.text()?,
        b"body" => {
            // Old writers put plain text where an AnyValue belongs.
            parts.body =
                if cursor.peek() == Some(b'"') { Value::Str(cursor.text()?) } else { json_value::value(cursor)? };
        }
        b"flags" => parts.trace_flags = cursor.loose_word()?.map_or(0, loose_number),
        b"attributes" => json_value::attributes(cursor, &mut parts.attributes, None, intake)?,
        _ => cursor.skip_value()?,
    }
    Ok(())
}
