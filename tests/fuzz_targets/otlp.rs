//! OTLP at the door, held against opentelemetry-proto with prost and serde.

use crate::targets::spelled::{read, spelled};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Any bytes: every format, compression and framing is found by looking at them, and nothing falls over.
pub(crate) fn door(bytes: &[u8]) {
    read(bytes);
}

/// Any protobuf that prost takes for a request is read as its JSON is.
pub(crate) fn protobuf(bytes: &[u8]) {
    if let Ok(request) = ExportTraceServiceRequest::decode(bytes) {
        let blocks = || request.resource_spans.iter().flat_map(|block| block.resource.iter());
        let spans = || request.resource_spans.iter().flat_map(|block| &block.scope_spans).flat_map(|it| &it.spans);
        let lists = blocks().map(|resource| &resource.attributes);
        let lists = lists.chain(spans().map(|span| &span.attributes));
        let lists = lists.chain(spans().flat_map(|span| &span.events).map(|event| &event.attributes));
        if lists.flatten().all(|pair| pair.value.as_ref().is_none_or(can_be_json)) {
            read_alike(&request);
        }
    }
    if let Ok(request) = ExportLogsServiceRequest::decode(bytes) {
        let records = || request.resource_logs.iter().flat_map(|it| &it.scope_logs).flat_map(|it| &it.log_records);
        let resources = request.resource_logs.iter().flat_map(|block| block.resource.iter());
        let mut pairs = records().flat_map(|it| &it.attributes).chain(resources.flat_map(|it| &it.attributes));
        if pairs.all(|pair| pair.value.as_ref().is_none_or(can_be_json))
            && records().all(|record| record.body.as_ref().is_none_or(can_be_json))
        {
            read_alike(&request);
        }
    }
    read(&framed(bytes));
}

/// Any JSON that serde takes for a request is read as its protobuf is.
pub(crate) fn json(bytes: &[u8]) {
    read(bytes);
    from_json::<ExportTraceServiceRequest>(bytes);
    from_json::<ExportLogsServiceRequest>(bytes);
}

fn from_json<R: Message + Serialize + DeserializeOwned>(bytes: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<R>(bytes) {
        read_alike(&request);
    }
}

/// Reads a request in every form that can be made of it, with the same outcome.
fn read_alike<R: Message + Serialize>(request: &R) {
    let message = request.encode_to_vec();
    let Ok(json) = serde_json::to_vec(request) else { return };
    let (by_protobuf, _) = read(&framed(&message));
    let (by_json, _) = read(&json);
    let pretty = serde_json::to_vec_pretty(request).expect("what can be written can be written prettily");
    let (by_document, _) = read(&pretty);
    // A request without any record does not tell which signal it is of, and the bytes of one need not be told from text.
    assert_eq!(spelled(&by_protobuf), spelled(&by_json));
    assert_eq!(spelled(&by_json), spelled(&by_document));
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("the fuzzer's inputs are short");
    [&length.to_be_bytes()[..], message].concat()
}

/// Whether a value survives the way through JSON: not-a-number and infinity do not, and serde turns byte strings into
/// text of its own.
fn can_be_json(value: &AnyValue) -> bool {
    let pair_can = |pair: &KeyValue| pair.value.as_ref().is_none_or(can_be_json);
    match &value.value {
        Some(Value::DoubleValue(number)) => number.is_finite(),
        Some(Value::BytesValue(_)) => false,
        Some(Value::ArrayValue(list)) => list.values.iter().all(can_be_json),
        Some(Value::KvlistValue(list)) => list.values.iter().all(pair_can),
        _ => true,
    }
}
