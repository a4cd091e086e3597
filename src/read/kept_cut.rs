//! A request with the records of some traces only, in the encoding in which it came.
//!
//! ```text
//! request ─ block ─┬ resource                      stays as it is
//!                  └ scopes ─┬ scope               stays as it is
//!                            ├ span of a trace     stays as it is when the trace is wanted, else goes
//!                            └ ...                 what is left without a record goes too
//! ```
//!
//! What cannot be understood stays: too much is kept rather than too little.

use crate::model::ids::TraceId;
use crate::model::varint::put_varint;
use crate::read::id_text::trace_id;
use crate::read::kept_record::RequestKind;
use crate::read::wire::{Content, Wire};
use hashbrown::HashSet;
use serde_json::Value;

/// The field that held the scopes before OTLP 0.15.
const OLD_SCOPES: u32 = 1000;

/// The request with the records of the wanted traces only; `None` when it holds none of them.
#[must_use]
pub fn cut_to(kind: RequestKind, payload: &[u8], wanted: &HashSet<TraceId>) -> Option<Vec<u8>> {
    let cut = match kind {
        RequestKind::TracesProtobuf => protobuf(payload, 1, wanted),
        RequestKind::LogsProtobuf => protobuf(payload, 9, wanted),
        RequestKind::TracesJson | RequestKind::LogsJson => json(payload, wanted),
    };
    match cut {
        Ok(cut) => cut,
        Err(NotUnderstood) => Some(payload.to_vec()),
    }
}

/// It is not of the form that it should have.
struct NotUnderstood;

/// `id` is the field of a record that holds its trace id.
fn protobuf(payload: &[u8], id: u32, wanted: &HashSet<TraceId>) -> Result<Option<Vec<u8>>, NotUnderstood> {
    let stays = |record: &[u8]| Ok(is_wanted(record, id, wanted)?.then(|| record.to_vec()));
    let scope = |scope: &[u8]| filtered(scope, |field| field == 2, stays);
    let block = |block: &[u8]| filtered(block, |field| matches!(field, 2 | OLD_SCOPES), scope);
    filtered(payload, |field| field == 1, block)
}

/// The message with what `rewrite` makes of those fields that it holds messages in; `None` when nothing is left of them.
fn filtered(
    message: &[u8],
    of_interest: impl Fn(u32) -> bool,
    rewrite: impl Fn(&[u8]) -> Result<Option<Vec<u8>>, NotUnderstood>,
) -> Result<Option<Vec<u8>>, NotUnderstood> {
    let (mut wire, mut out, mut left) = (Wire::new(message, 0), Vec::new(), false);
    loop {
        let before = wire.at();
        match wire.next_field().map_err(|_| NotUnderstood)? {
            None => return Ok(left.then_some(out)),
            Some((field, Content::Bytes(inner))) if of_interest(field) => {
                if let Some(rewritten) = rewrite(inner.bytes)? {
                    left = true;
                    put_varint(&mut out, u64::from(field) << 3 | 2);
                    put_varint(&mut out, rewritten.len() as u64);
                    out.extend_from_slice(&rewritten);
                }
            }
            Some(_) => out.extend_from_slice(&message[before..wire.at()]),
        }
    }
}

fn is_wanted(record: &[u8], id: u32, wanted: &HashSet<TraceId>) -> Result<bool, NotUnderstood> {
    let (mut wire, mut found) = (Wire::new(record, 0), TraceId::NONE);
    while let Some((field, content)) = wire.next_field().map_err(|_| NotUnderstood)? {
        if let Content::Bytes(bytes) = content
            && field == id
            && let Ok(bytes) = bytes.bytes.try_into()
        {
            found = TraceId(bytes);
        }
    }
    Ok(wanted.contains(&found))
}

/// The names of the lists from the request down to its records, old ones and those of other spellings too.
const LISTS: [&[&str]; 3] = [
    &["resourceSpans", "resource_spans", "resourceLogs", "resource_logs"],
    &[
        "scopeSpans",
        "scope_spans",
        "scopeLogs",
        "scope_logs",
        "instrumentationLibrarySpans",
        "instrumentation_library_spans",
        "instrumentationLibraryLogs",
        "instrumentation_library_logs",
    ],
    &["spans", "logRecords", "log_records", "logs"],
];

fn json(payload: &[u8], wanted: &HashSet<TraceId>) -> Result<Option<Vec<u8>>, NotUnderstood> {
    let mut request: Value = serde_json::from_slice(payload).map_err(|_| NotUnderstood)?;
    if !keep_wanted(&mut request, 0, wanted)? {
        return Ok(None);
    }
    serde_json::to_vec(&request).map(Some).map_err(|_| NotUnderstood)
}

/// Leaves of what stands in the list of this level what is wanted; whether anything is left. There are three levels.
fn keep_wanted(object: &mut Value, level: usize, wanted: &HashSet<TraceId>) -> Result<bool, NotUnderstood> {
    let Some(names) = LISTS.get(level) else {
        let fields = object.as_object().ok_or(NotUnderstood)?;
        let id = fields.get("traceId").or_else(|| fields.get("trace_id"));
        let id = id.and_then(Value::as_str).and_then(|text| trace_id(text.as_bytes()));
        return Ok(id.is_some_and(|id| wanted.contains(&id)));
    };
    let (mut is_left, mut is_known) = (false, false);
    for name in *names {
        let Some(list) = object.get_mut(*name) else { continue };
        is_known = true;
        let list = list.as_array_mut().ok_or(NotUnderstood)?;
        let mut kept = Vec::with_capacity(list.len());
        for mut item in list.drain(..) {
            if keep_wanted(&mut item, level + 1, wanted)? {
                kept.push(item);
            }
        }
        is_left |= !kept.is_empty();
        *list = kept;
    }
    // Of other names than these: whoever reads it may know more. Nothing in it is nothing left.
    let is_empty = object.as_object().is_some_and(|fields| fields.values().all(|value| !value.is_array()));
    if is_known || is_empty { Ok(is_left) } else { Err(NotUnderstood) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::otlp_request::RequestReader;
    use crate::read::sink::Gathered;
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;

    const TRACES: &str = r#"{"resourceSpans":[
        {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"schemaUrl":"a","scopeSpans":[
            {"scope":{"name":"one"},"spans":[
                {"traceId":"01010101010101010101010101010101","spanId":"0000000000000001","name":"a","startTimeUnixNano":"7"},
                {"traceId":"02020202020202020202020202020202","spanId":"0000000000000002","name":"b","startTimeUnixNano":"8"}]},
            {"scope":{"name":"two"},"spans":[
                {"traceId":"02020202020202020202020202020202","spanId":"0000000000000003","name":"c","startTimeUnixNano":"9"}]}]},
        {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bank"}}]},"scopeSpans":[
            {"spans":[{"traceId":"03030303030303030303030303030303","spanId":"0000000000000004","name":"d","startTimeUnixNano":"9"}]}]}]}"#;

    const LOGS: &str = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[
        {"timeUnixNano":"5","severityNumber":17,"body":{"stringValue":"x"},"traceId":"01010101010101010101010101010101","spanId":"0000000000000001"},
        {"timeUnixNano":"5","severityNumber":9,"body":{"stringValue":"y"}},
        {"timeUnixNano":"6","severityNumber":17,"body":{"stringValue":"z"},"traceId":"02020202020202020202020202020202","spanId":"0000000000000002"}]}]}]}"#;

    fn wanted(ids: &[u8]) -> HashSet<TraceId> {
        ids.iter().map(|&id| TraceId([id; 16])).collect()
    }

    /// The services and names of the spans that are left, or the bodies of log records.
    fn left(kind: RequestKind, payload: &[u8], ids: &[u8]) -> Option<Vec<String>> {
        let cut = cut_to(kind, payload, &wanted(ids))?;
        let mut read = Gathered::default();
        let report = RequestReader::default().read(kind, &cut, &mut read).expect("a request");
        assert_eq!(report.skipped_total, 0);
        let names = &read.names;
        let spans = read.spans.iter().map(|span| {
            let service = names.operation_of(span.operation).service;
            format!("{}/{}", names.text(service), names.text(span.name))
        });
        let logs = read.logs.iter().map(|log| format!("{:?}", log.trace));
        Some(spans.chain(logs).collect())
    }

    #[test]
    fn the_wanted_traces_stay_as_they_are_in_both_encodings() {
        let request: ExportTraceServiceRequest = serde_json::from_str(TRACES).expect("a request");
        let protobuf = request.encode_to_vec();
        for (kind, payload) in
            [(RequestKind::TracesProtobuf, &protobuf[..]), (RequestKind::TracesJson, TRACES.as_bytes())]
        {
            assert_eq!(left(kind, payload, &[1]), Some(vec!["shop/a".into()]));
            assert_eq!(left(kind, payload, &[2]), Some(vec!["shop/b".into(), "shop/c".into()]));
            assert_eq!(left(kind, payload, &[1, 3]), Some(vec!["shop/a".into(), "bank/d".into()]));
            assert_eq!(left(kind, payload, &[4]), None);
        }
        assert_eq!(cut_to(RequestKind::TracesProtobuf, &protobuf, &wanted(&[1, 2, 3])), Some(protobuf));
        let logs: ExportLogsServiceRequest = serde_json::from_str(LOGS).expect("a request");
        for (kind, payload) in
            [(RequestKind::LogsProtobuf, logs.encode_to_vec()), (RequestKind::LogsJson, LOGS.as_bytes().to_vec())]
        {
            assert_eq!(left(kind, &payload, &[2]), Some(vec!["02".repeat(16)]));
            assert_eq!(left(kind, &payload, &[9]), None);
        }
    }

    #[test]
    fn what_is_not_understood_stays_and_what_holds_nothing_goes() {
        for rubbish in [&b"hello"[..], b"\x0a\xff", b"{\"resourceSpans\":7}", b"{\"traces\":[1]}", b"["] {
            for kind in [RequestKind::TracesJson, RequestKind::TracesProtobuf] {
                let cut = cut_to(kind, rubbish, &wanted(&[1]));
                assert!(cut.is_none() || cut.as_deref() == Some(rubbish), "{rubbish:?}");
            }
        }
        assert_eq!(
            cut_to(RequestKind::TracesJson, b"{\"traces\":[1]}", &wanted(&[1])).as_deref(),
            Some(&b"{\"traces\":[1]}"[..])
        );
        assert_eq!(cut_to(RequestKind::TracesJson, b"{}", &wanted(&[1])), None);
        assert_eq!(cut_to(RequestKind::TracesProtobuf, b"", &wanted(&[1])), None);
    }
}
