//! The cause of an X-Ray segment: exceptions with their stacks, some the causes of others.

use crate::read::attributes::Value;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_tags::{self, attribute};
use crate::read::sink::Sink;
use crate::read::span_parts::{EXCEPTIONS, SpanParts};
use crate::read::text::STACKTRACE_BYTES;
use crate::read::xray_stack::{CALLS_OF_STACK, Frame, Thrown, written};
use std::borrow::Cow;

/// An exception, and which other one it says was its cause.
#[derive(Debug, Default)]
struct Told<'a> {
    id: &'a [u8],
    cause: &'a [u8],
    thrown: Thrown<'a>,
}

/// Reads a cause. A string in its place points to an exception of another segment, which is read there.
pub(crate) fn cause<'a, S: Sink>(
    cursor: &mut Cursor<'a>,
    parts: &mut SpanParts<'a>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let mut told = Vec::new();
    cursor.members(|cursor, key| {
        match key.bytes {
            b"message" => parts.status_message = cursor.text()?,
            b"exceptions" => cursor.elements(|cursor| {
                let one = exception(cursor, &mut parts.calls_beyond)?;
                if told.len() < EXCEPTIONS {
                    told.push(one);
                } else {
                    parts.leave_out_exception();
                }
                Ok(())
            })?,
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    // One that got out is nobody's cause; in a ring, it is the first that is told.
    let got_out = |outer: &Told<'_>| !told.iter().any(|other| other.id != outer.id && is_cause(outer, other));
    let ring = told.first().filter(|_| !told.iter().any(got_out));
    for outer in told.iter().filter(|outer| got_out(outer)).chain(ring) {
        take_up(&chain(outer, &told), parts, intake);
    }
    Ok(())
}

fn is_cause(inner: &Told<'_>, outer: &Told<'_>) -> bool {
    !inner.id.is_empty() && inner.id == outer.cause
}

/// An exception and its causes, each once.
fn chain<'t, 'a>(outer: &'t Told<'a>, all: &'t [Told<'a>]) -> Vec<&'t Told<'a>> {
    let mut chain = vec![outer];
    while let Some(last) = chain.last()
        && let Some(cause) = all.iter().find(|other| is_cause(other, last))
        && !chain.iter().any(|known| known.id == cause.id)
    {
        chain.push(cause);
    }
    chain
}

fn take_up<S: Sink>(chain: &[&Told<'_>], parts: &mut SpanParts<'_>, intake: &mut Intake<'_, S>) {
    let thrown: Vec<&Thrown<'_>> = chain.iter().map(|told| &told.thrown).collect();
    let Some((outer, causes)) = thrown.split_first() else { return };
    let stack = written(&thrown);
    let text = |text: &str| Cow::Owned(text.to_owned());
    // OpenTelemetry's exporter writes the message of a status as an exception that is nothing but its message.
    if outer.kind.is_empty() && stack.is_empty() && causes.is_empty() {
        if parts.status_message.is_empty() {
            parts.status_message = text(&outer.message);
        }
        return;
    }
    parts.begin_event();
    for (key, text) in [
        ("exception.type", text(&outer.kind)),
        ("exception.message", text(&outer.message)),
        ("exception.stacktrace", Cow::Owned(stack)),
    ] {
        attribute(key, Value::Str(text), &mut parts.event_attributes, None, intake);
    }
    parts.end_event(intake.sink.names());
}

/// Reads an exception, and counts the calls that are left out of its stack.
fn exception<'a>(cursor: &mut Cursor<'a>, beyond: &mut u64) -> Result<Told<'a>, Malformed> {
    let mut told = Told::default();
    let mut bytes = 0;
    cursor.members(|cursor, key| {
        let thrown = &mut told.thrown;
        match key.bytes {
            b"id" => told.id = cursor.plain_bytes()?,
            b"cause" => told.cause = cursor.plain_bytes()?,
            b"type" => thrown.kind = cursor.text()?,
            b"message" => thrown.message = cursor.text()?,
            b"stack" => cursor.elements(|cursor| {
                let frame = frame(cursor)?;
                bytes += frame.path.len() + frame.label.len();
                // One without a text takes two bytes of the input, and as much memory as others.
                if bytes <= STACKTRACE_BYTES && thrown.frames.len() < CALLS_OF_STACK {
                    thrown.frames.push(frame);
                } else {
                    *beyond += 1;
                }
                Ok(())
            })?,
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    Ok(told)
}

fn frame<'a>(cursor: &mut Cursor<'a>) -> Result<Frame<'a>, Malformed> {
    let mut frame = Frame::default();
    cursor.members(|cursor, key| {
        match key.bytes {
            b"path" => frame.path = cursor.text()?,
            b"line" => {
                let line = json_tags::value(cursor)?.integer();
                frame.line = line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
            }
            b"label" => frame.label = cursor.text()?,
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    Ok(frame)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::capture_reader::read_bytes;
    use crate::read::options::ReadOptions;
    use crate::read::sink::Gathered;

    /// The calls that are kept of a stack, and how many are left out.
    fn kept(stack: &str) -> (Vec<String>, u64) {
        let (json, mut beyond) = (format!(r#"{{"id":"1","stack":[{stack}]}}"#), 0);
        let told = exception(&mut Cursor::new(json.as_bytes()), &mut beyond).expect("an exception");
        (told.thrown.frames.into_iter().map(|frame| frame.label.into_owned()).collect(), beyond)
    }

    #[test]
    fn calls_without_a_text_count_too_and_the_innermost_are_kept() {
        for nothing in ["0", "{}", "null", r#"{"label":""}"#] {
            let (frames, beyond) = kept(&vec![nothing; CALLS_OF_STACK + 1000].join(","));
            assert_eq!((frames.len(), beyond), (CALLS_OF_STACK, 1000), "{nothing}");
        }
        let (frames, beyond) = kept(&vec!["0"; CALLS_OF_STACK].join(","));
        assert_eq!((frames.len(), beyond), (CALLS_OF_STACK, 0));
        let labels: Vec<String> = (0..=CALLS_OF_STACK).map(|n| format!(r#"{{"label":"f{n}"}}"#)).collect();
        let (frames, beyond) = kept(&labels.join(","));
        assert_eq!((frames[0].as_str(), frames.len(), beyond), ("f0", CALLS_OF_STACK, 1));
        assert_eq!(frames[CALLS_OF_STACK - 1], format!("f{}", CALLS_OF_STACK - 1));
    }

    #[test]
    fn calls_beyond_the_bytes_of_a_stack_trace_are_counted() {
        let long = format!(r#"{{"label":"{}"}}"#, "x".repeat(100 << 10));
        let (frames, beyond) = kept(&vec![long; 5].join(","));
        assert_eq!((frames.len(), beyond), (2, 3));
    }

    /// What is told of a segment with these exceptions.
    fn told(exceptions: &str) -> Vec<String> {
        let segment = format!(
            r#"{{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"0000000000000001","name":"x","start_time":1.7e9,"end_time":1.7e9,"fault":true,"cause":{{"exceptions":[{exceptions}]}}}}"#
        );
        let mut gathered = Gathered::default();
        let report = read_bytes("segment", segment.as_bytes(), &ReadOptions::default(), &mut gathered);
        assert_eq!((report.spans, report.skipped_total), (1, 0), "{report:?}");
        report.mended.into_iter().map(|it| it.reason).collect()
    }

    #[test]
    fn both_limits_of_a_stack_are_told_whichever_it_met() {
        for (label, limit) in [("x".to_owned(), CALLS_OF_STACK), ("x".repeat(100 << 10), 2)] {
            let call = format!(r#"{{"label":"{label}"}}"#);
            let stack = vec![call; limit + 1].join(",");
            let told = told(&format!(r#"{{"id":"1","type":"E","message":"m","stack":[{stack}]}}"#));
            let reason = "span kept without 1 calls of stacks; the limits of each are 4096 and 256 KiB of their texts";
            assert_eq!(told, [reason], "{limit}");
        }
    }

    #[test]
    fn exceptions_beyond_those_that_are_kept_are_told_whether_they_are_causes_or_not() {
        let told = |exceptions: usize, cause: fn(usize) -> usize| {
            let one = |id| format!(r#"{{"id":"x{id}","type":"E{id}","message":"m","cause":"x{}"}}"#, cause(id));
            told(&(0..exceptions).map(one).collect::<Vec<_>>().join(","))
        };
        let reason = "span kept without 36 exceptions, 0 links and 0 flag evaluations; the limits are 64, 1024 and 128";
        // Each of its own, and each the cause of the one before it.
        for cause in [|_| 1000, |id| id + 1] {
            assert_eq!(told(EXCEPTIONS, cause), [""; 0]);
            assert_eq!(told(EXCEPTIONS + 36, cause), [reason]);
        }
    }
}
