//! Loose spans and log events as bytes: some 35 for a healthy span.
//!
//! ```text
//! flags | trace | span 8 | [parent 8] | start | duration | operation | name | resource | [target] | [codes] | [more]
//! ```
//!
//! Trace and start are written as [`Recent`] has it: records are taken out in the order in which they were put.
//!
//! Names stay numbers of the [`Names`](crate::model::names::Names) that the span was read with; a [`Renaming`] makes them
//! those of another when the span is taken out again.

use crate::assemble::open_traces::OpenTraces;
use crate::assemble::packed::{Packed, put_head, put_list, put_text};
use crate::assemble::recent::Recent;
use crate::model::attribute_value::AttributeValue;
use crate::model::exception::{Exception, ExceptionSource};
use crate::model::ids::{SpanId, TraceId};
use crate::model::renaming::Renaming;
use crate::model::span::{Asked, Codes, Detail, FlagEvaluation, Link, LogEvent, LooseSpan, Status};
use crate::model::sym::Sym;
use crate::model::time::{Interval, Nanos};
use crate::model::varint::put_varint;

/// What a record is, and which of its parts that need not be there are there.
mod flag {
    pub(super) const LOG: u8 = 1;
    pub(super) const PARENT: u8 = 2;
    /// A detail, attributes, or both: the next byte says which.
    pub(super) const MORE: u8 = 4;
    pub(super) const GRPC: u8 = 8;
    pub(super) const HTTP: u8 = 16;
    pub(super) const TARGET: u8 = 32;
    pub(super) const OK: u8 = 64;
    pub(super) const ERROR: u8 = 128;
    pub(super) const EXCEPTION: u8 = 2;
    pub(super) const EVALUATION: u8 = 4;
    pub(super) const DETAIL: u8 = 1;
    pub(super) const ATTRIBUTES: u8 = 2;
}

/// Writes a span down.
#[inline]
pub(crate) fn put_span(out: &mut Vec<u8>, span: &LooseSpan, recent: &mut Recent) {
    let present = |there: bool, flag: u8| if there { flag } else { 0 };
    let flags = present(!span.parent.is_none(), flag::PARENT)
        | present(span.detail.is_some() || !span.attributes.is_empty(), flag::MORE)
        | present(span.codes.grpc.is_some(), flag::GRPC)
        | present(span.codes.http.is_some(), flag::HTTP)
        | present(span.target.number() != 0, flag::TARGET)
        | present(span.status == Status::Ok, flag::OK)
        | present(span.status == Status::Error, flag::ERROR);
    put_head(out, |head| {
        head.put([flags]);
        recent.put_trace(head, span.trace);
        head.put(span.id.0);
        recent.put_time(head, span.time.start.0);
        if !span.parent.is_none() {
            head.put(span.parent.0);
        }
        head.put_number(span.time.end.0.wrapping_sub(span.time.start.0));
        head.put_number(span.operation.number().into());
        head.put_number(span.name.number().into());
        head.put_number(span.resource.number().into());
        if span.target.number() != 0 {
            head.put_number(span.target.number().into());
        }
        if let Some(grpc) = span.codes.grpc {
            head.put([grpc]);
        }
        if let Some(http) = span.codes.http {
            head.put(http.to_le_bytes());
        }
    });
    if flags & flag::MORE != 0 {
        let attributes = present(!span.attributes.is_empty(), flag::ATTRIBUTES);
        out.push(attributes | present(span.detail.is_some(), flag::DETAIL));
        if let Some(detail) = &span.detail {
            put_detail(out, detail);
        }
        if attributes != 0 {
            put_list(out, &span.attributes, |out, (key, value)| put_attribute(out, *key, value));
        }
    }
}

fn put_attribute(out: &mut Vec<u8>, key: Sym, value: &AttributeValue) {
    put_sym(out, key);
    match value {
        // One more than the number: 0 says that a text follows.
        AttributeValue::Name(sym) => put_varint(out, u64::from(sym.number()) + 1),
        AttributeValue::Text(text) => {
            put_varint(out, 0);
            put_text(out, text);
        }
    }
}

/// Writes a log event down.
pub(crate) fn put_log(out: &mut Vec<u8>, log: &LogEvent, recent: &mut Recent) {
    let exception = if log.exception.is_some() { flag::EXCEPTION } else { 0 };
    let evaluation = if log.flag.is_some() { flag::EVALUATION } else { 0 };
    out.extend([flag::LOG | exception | evaluation, log.severity]);
    put_head(out, |head| {
        recent.put_trace(head, log.trace);
        head.put(log.span.0);
        recent.put_time(head, log.time.0);
        head.put_number(log.resource.number().into());
    });
    put_text(out, &log.body);
    if let Some(exception) = &log.exception {
        put_exception(out, exception);
    }
    if let Some(evaluation) = &log.flag {
        put_evaluation(out, evaluation);
    }
}

#[inline]
fn put_detail(out: &mut Vec<u8>, detail: &Detail) {
    put_text(out, &detail.status_message);
    put_text(out, &detail.error_text);
    put_text(out, &detail.error_type);
    put_list(out, detail.asked.as_slice(), |out, asked| {
        [asked.operation, asked.collection, asked.statement].into_iter().for_each(|sym| put_sym(out, sym));
    });
    put_list(out, &detail.exceptions, put_exception);
    put_list(out, &detail.links, |out, link| {
        out.extend_from_slice(&link.trace.0);
        out.extend_from_slice(&link.span.0);
    });
    put_list(out, &detail.flags, put_evaluation);
    put_list(out, &detail.told, |out, told| put_sym(out, *told));
    put_varint(out, detail.dropped_events.into());
}

fn put_exception(out: &mut Vec<u8>, exception: &Exception) {
    out.push(match exception.source {
        ExceptionSource::SpanEvent => 0,
        ExceptionSource::ErrorLog => 1,
        ExceptionSource::MildLog => 2,
    });
    put_text(out, &exception.kind);
    put_text(out, &exception.message);
    put_text(out, &exception.stacktrace);
}

#[inline]
fn put_evaluation(out: &mut Vec<u8>, evaluation: &FlagEvaluation) {
    put_sym(out, evaluation.key);
    put_sym(out, evaluation.variant);
}

#[inline]
fn put_sym(out: &mut Vec<u8>, sym: Sym) {
    put_varint(out, sym.number().into());
}

/// Takes the next record out, and adds it to its trace. `None` when the bytes are not what was written.
#[inline]
pub(crate) fn take(
    packed: &mut Packed<'_>,
    names: &Renaming,
    recent: &mut Recent,
    traces: &mut OpenTraces,
) -> Option<()> {
    let flags = packed.byte()?;
    if flags & flag::LOG != 0 {
        traces.push_log(take_log(packed, flags, names, recent)?);
        return Some(());
    }
    let has = |flag: u8| flags & flag != 0;
    let (trace, id) = (recent.take_trace(packed)?, SpanId(packed.fixed()?));
    let start = recent.take_time(packed)?;
    let parent = if has(flag::PARENT) { SpanId(packed.fixed()?) } else { SpanId::NONE };
    let end = start.wrapping_add(packed.number()?);
    let operation = names.operation(packed.id()?);
    let name = names.sym(packed.id()?);
    let resource = names.resource(packed.id()?);
    let target = names.target(if has(flag::TARGET) { packed.id()? } else { 0 });
    let grpc = if has(flag::GRPC) { Some(packed.byte()?) } else { None };
    let http = if has(flag::HTTP) { Some(u16::from_le_bytes(packed.fixed()?)) } else { None };
    let (detail, attributes) = if has(flag::MORE) { more(packed, names)? } else { Default::default() };
    traces.add_span(trace, |span| {
        span.trace = trace;
        span.id = id;
        span.parent = parent;
        span.time = Interval { start: Nanos(start), end: Nanos(end) };
        span.operation = operation;
        span.name = name;
        span.resource = resource;
        span.target = target;
        span.codes = Codes { grpc, http };
        span.status = match flags & (flag::OK | flag::ERROR) {
            0 => Status::Unset,
            flag::OK => Status::Ok,
            _ => Status::Error,
        };
        span.detail = detail;
        span.attributes = attributes;
    });
    Some(())
}

type More = (Option<Box<Detail>>, Box<[(Sym, AttributeValue)]>);

/// What only few spans have.
fn more(packed: &mut Packed<'_>, names: &Renaming) -> Option<More> {
    let which = packed.byte()?;
    let detail = if which & flag::DETAIL != 0 { Some(Box::new(detail(packed, names)?)) } else { None };
    let mut attributes = Box::default();
    if which & flag::ATTRIBUTES != 0 {
        let list = packed.list(|packed| Some((names.sym(packed.id()?), attribute_value(packed, names)?)))?;
        attributes = list.into_boxed_slice();
    }
    Some((detail, attributes))
}

fn take_log(packed: &mut Packed<'_>, flags: u8, names: &Renaming, recent: &mut Recent) -> Option<LogEvent> {
    let severity = packed.byte()?;
    Some(LogEvent {
        trace: recent.take_trace(packed)?,
        span: SpanId(packed.fixed()?),
        time: Nanos(recent.take_time(packed)?),
        resource: names.resource(packed.id()?),
        severity,
        body: packed.text()?,
        exception: if flags & flag::EXCEPTION != 0 { Some(Box::new(exception(packed)?)) } else { None },
        flag: if flags & flag::EVALUATION != 0 { Some(evaluation(packed, names)?) } else { None },
    })
}

#[inline]
fn detail(packed: &mut Packed<'_>, names: &Renaming) -> Option<Detail> {
    Some(Detail {
        status_message: packed.text()?,
        error_text: packed.text()?,
        error_type: packed.text()?,
        asked: packed.list(|packed| asked(packed, names))?.pop(),
        exceptions: packed.list(exception)?,
        links: packed.list(|packed| Some(Link { trace: TraceId(packed.fixed()?), span: SpanId(packed.fixed()?) }))?,
        flags: packed.list(|packed| evaluation(packed, names))?,
        told: packed.list(|packed| Some(names.sym(packed.id()?)))?,
        dropped_events: packed.id()?,
    })
}

fn asked(packed: &mut Packed<'_>, names: &Renaming) -> Option<Asked> {
    let [operation, collection, statement] = [packed.id()?, packed.id()?, packed.id()?].map(|id| names.sym(id));
    Some(Asked { operation, collection, statement })
}

fn attribute_value(packed: &mut Packed<'_>, names: &Renaming) -> Option<AttributeValue> {
    Some(match packed.number()?.checked_sub(1) {
        Some(number) => AttributeValue::Name(names.sym(number.try_into().ok()?)),
        None => AttributeValue::Text(packed.text()?),
    })
}

fn exception(packed: &mut Packed<'_>) -> Option<Exception> {
    let source = match packed.byte()? {
        0 => ExceptionSource::SpanEvent,
        1 => ExceptionSource::ErrorLog,
        2 => ExceptionSource::MildLog,
        _ => return None,
    };
    Some(Exception { source, kind: packed.text()?, message: packed.text()?, stacktrace: packed.text()? })
}

fn evaluation(packed: &mut Packed<'_>, names: &Renaming) -> Option<FlagEvaluation> {
    Some(FlagEvaluation { key: names.sym(packed.id()?), variant: names.sym(packed.id()?) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::names::Names;
    use crate::model::operation::Operation;
    use crate::model::resource::Resource;
    use crate::model::span_kind::SpanKind;
    use crate::model::target::Target;
    use proptest::prelude::*;

    /// Names that some ids can be taken from, each of another number.
    fn names(count: usize) -> Names {
        let mut names = Names::new();
        for number in 0..count {
            let sym = names.intern(&format!("name {number}"));
            names.operation(Operation { service: sym, name: sym, kind: SpanKind::Server });
            names.resource(Resource { service: sym, ..Resource::default() });
            names.target(Target { address: sym, ..Target::default() });
        }
        names
    }

    fn text() -> impl Strategy<Value = Box<str>> {
        any::<String>().prop_map(String::into_boxed_str)
    }

    fn exceptions() -> impl Strategy<Value = Vec<Exception>> {
        let sources = [ExceptionSource::SpanEvent, ExceptionSource::ErrorLog, ExceptionSource::MildLog];
        let exception = (0..3_usize, text(), text(), text()).prop_map(move |(source, kind, message, stacktrace)| {
            Exception { source: sources[source], kind, message, stacktrace }
        });
        prop::collection::vec(exception, 0..3)
    }

    const NAMES: u32 = 300;

    proptest! {
        #[test]
        fn what_is_put_is_taken(
            (trace, id, parent) in any::<(u128, u64, u64)>(),
            (start, end) in any::<(u64, u64)>(),
            ids in prop::array::uniform4(0..NAMES),
            (grpc, http, status) in (any::<Option<u8>>(), any::<Option<u16>>(), 0..3_u64),
            (texts, exceptions) in (prop::array::uniform3(text()), exceptions()),
            kept in 0..3_usize,
            (links, dropped) in (prop::collection::vec(any::<(u128, u64)>(), 0..3), any::<u32>()),
            (has_detail, has_parent, severity) in any::<(bool, bool, u8)>(),
        ) {
            let same = Renaming::adopt(&mut Names::new(), &names(NAMES as usize));
            let [operation, name, resource, target] = ids;
            let evaluation = FlagEvaluation { key: same.sym(name), variant: same.sym(operation) };
            let detail = Detail {
                status_message: texts[0].clone(),
                error_text: texts[1].clone(),
                error_type: texts[2].clone(),
                asked: has_parent.then(|| Asked {
                    operation: same.sym(name),
                    collection: same.sym(operation),
                    statement: same.sym(target),
                }),
                exceptions: exceptions.clone(),
                links: links
                    .iter()
                    .map(|(trace, span)| Link { trace: TraceId(trace.to_be_bytes()), span: SpanId(span.to_be_bytes()) })
                    .collect(),
                flags: vec![evaluation; links.len()],
                told: vec![same.sym(name); links.len()],
                dropped_events: dropped,
            };
            let attributes = [
                (same.sym(name), AttributeValue::Text(texts[1].clone())),
                (same.sym(name), AttributeValue::Name(same.sym(target))),
            ];
            let span = LooseSpan {
                trace: TraceId(trace.to_be_bytes()),
                id: SpanId(id.to_be_bytes()),
                parent: if has_parent { SpanId(parent.to_be_bytes()) } else { SpanId::NONE },
                time: Interval { start: Nanos(start), end: Nanos(end) },
                operation: same.operation(operation),
                name: same.sym(name),
                resource: same.resource(resource),
                target: same.target(target),
                codes: Codes { grpc, http },
                status: Status::from_otlp(status),
                detail: has_detail.then(|| Box::new(detail)),
                attributes: attributes.into_iter().take(kept).collect(),
            };
            let log = LogEvent {
                trace: span.trace,
                span: span.id,
                time: Nanos(end),
                resource: span.resource,
                severity,
                body: texts[0].clone(),
                exception: exceptions.first().cloned().map(Box::new),
                flag: has_parent.then_some(evaluation),
            };
            let mut bytes = Vec::new();
            let (mut put, mut taken) = (Recent::default(), Recent::default());
            put_span(&mut bytes, &span, &mut put);
            put_log(&mut bytes, &log, &mut put);
            let mut packed = Packed::new(&bytes);
            let mut traces = OpenTraces::default();
            prop_assert!(take(&mut packed, &same, &mut taken, &mut traces).is_some());
            prop_assert!(take(&mut packed, &same, &mut taken, &mut traces).is_some());
            prop_assert!(packed.is_empty());
            let open = traces.take(log.trace).expect("both belong to it");
            prop_assert_eq!((open.spans, open.logs), (vec![span], vec![log]));
        }
    }
}
