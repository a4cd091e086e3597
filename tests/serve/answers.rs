//! What each request is answered, as the OTLP specification has it.

use crate::clients::call_grpc;
use crate::common::packed::{gzip, zstd};
use crate::http::{Answer, connect, exchange, post};
use crate::requests::{JSON, PROTOBUF, failing, of_shop, to_protobuf};
use crate::server::Server;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use serde_json::json;
use std::io::Write;

/// Two spans, of which one has half a trace id.
fn half_wrong() -> Vec<u8> {
    let span = |id: &str| {
        format!(
            r#"{{"traceId":"{id}","spanId":"00000000000000aa","name":"work","startTimeUnixNano":"1795305600000000000"}}"#
        )
    };
    of_shop(&[span("0102030405060708"), span("0102030405060708090a0b0c0d0e0f10")].join(","))
}

fn metrics() -> Vec<u8> {
    let metric = json!({ "name": "load", "sum": { "dataPoints": [{ "asInt": "1" }, { "asInt": "2" }], "aggregationTemporality": 1 } });
    json!({ "resourceMetrics": [{ "scopeMetrics": [{ "metrics": [metric] }] }] }).to_string().into_bytes()
}

/// `google.rpc.Status`: code and message.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

fn status(answer: &Answer) -> Status {
    assert_eq!(answer.header("content-type"), Some("application/x-protobuf"));
    Status::decode(&answer.body[..]).expect("a google.rpc.Status")
}

#[test]
fn http_answers_as_specified() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--quiet", "200ms", "--request-bytes", "1MiB"]);
    let post = |path: &str, headers: &[(&str, &str)], body: &[u8]| post(&server.http, path, headers, body);

    // Full success: nothing is set.
    let answer = post("/v1/traces", &[JSON], &failing(1, 2));
    assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let protobuf = to_protobuf(&failing(3, 2));
    let answer = post("/v1/traces", &[PROTOBUF], &protobuf);
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-type"), Some("application/x-protobuf"));
    for (coding, bytes) in [("gzip", gzip(&protobuf)), ("zstd", zstd(&protobuf))] {
        assert_eq!(post("/v1/traces", &[PROTOBUF, ("content-encoding", coding)], &bytes).status, 200, "{coding}");
    }
    // Nothing is a request too.
    assert_eq!(post("/v1/traces", &[PROTOBUF], b"").status, 200);
    assert_eq!(post("/v1/logs", &[("content-type", "application/json; charset=utf-8")], b"{}").text(), "{}");

    // Partial success, with the count.
    let answer = post("/v1/traces", &[JSON], &half_wrong()).json();
    assert_eq!(answer["partialSuccess"]["rejectedSpans"], "1");
    assert!(answer["partialSuccess"]["errorMessage"].as_str().is_some_and(|told| told.contains("traceId")), "{answer}");
    let answer = post("/v1/metrics", &[JSON], &metrics()).json();
    assert_eq!(answer["partialSuccess"]["rejectedDataPoints"], "2");
    let request: ExportMetricsServiceRequest = serde_json::from_slice(&metrics()).expect("metrics");
    let answer = post("/v1/metrics", &[PROTOBUF], &request.encode_to_vec());
    let partial = ExportMetricsServiceResponse::decode(&answer.body[..]).expect("a response").partial_success;
    assert_eq!(partial.map(|partial| partial.rejected_data_points), Some(2));

    // What can't be decoded must not be sent again.
    let answer = post("/v1/traces", &[PROTOBUF], &protobuf[..protobuf.len() - 1]);
    assert_eq!((answer.status, status(&answer).code), (400, 3));
    let answer = post("/v1/traces", &[JSON], b"{\"resourceSpans\":[");
    assert_eq!((answer.status, answer.json()["code"].as_i64()), (400, Some(3)));
    assert_eq!(post("/v1/metrics", &[PROTOBUF], b"\x0a\x7f").status, 400);
    assert_eq!(post("/v1/traces", &[PROTOBUF, ("content-encoding", "gzip")], b"no gzip").status, 400);
    assert_eq!(post("/v1/traces", &[PROTOBUF, ("content-encoding", "br")], b"").status, 415);
    assert_eq!(post("/v1/traces", &[("content-type", "text/plain")], b"").status, 415);
    assert_eq!(post("/v1/traces", &[PROTOBUF], &vec![0; 2 << 20]).status, 413);
    assert_eq!(server.get("/v1/traces").status, 405);
    assert_eq!(server.get("/v2/traces").status, 404);

    let status = server.when("/api/v1/status", |status| status["live"]["analysed_traces"].as_u64() >= Some(5));
    assert_eq!(status["received"]["spans"], 2 + 3 * 2 + 1);
    assert_eq!(status["received"]["repeated_requests"], 2);
    assert_eq!(status["received"]["rejected_records"], 1);
    let facts = server.get("/api/v1/evidence").json();
    assert_eq!(facts["windows"]["candidate"]["spans"], 5, "the same request three times is one");
    assert!(server.stop().success());
}

#[test]
fn chunked_bodies_are_read() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &[]);
    let mut bytes = b"POST /v1/traces HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for chunk in failing(1, 3).chunks(100) {
        write!(bytes, "{:x}\r\n", chunk.len()).expect("written");
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    let mut stream = connect(&server.http);
    // The connection goes on afterwards.
    for _ in 0..2 {
        assert_eq!(exchange(&mut stream, &bytes).expect("an answer").status, 200);
    }
}

#[test]
fn grpc_answers_as_specified() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--request-bytes", "1MiB"]);
    let whole = to_protobuf(&failing(1, 2));
    let partial = to_protobuf(&failing(1, 1));
    let wrong_id = {
        // A span of 8 bytes of trace id, written by hand.
        let wrap = |tag: u8, inner: &[u8]| [&[tag, inner.len() as u8], inner].concat();
        let span = [wrap(0x0a, &[1; 8]), wrap(0x12, &[2; 8]), [&[0x39][..], &5_u64.to_le_bytes()].concat()].concat();
        wrap(0x0a, &wrap(0x12, &wrap(0x12, &span)))
    };
    let request: ExportMetricsServiceRequest = serde_json::from_slice(&metrics()).expect("metrics");
    let metrics = request.encode_to_vec();
    let bomb = vec![0; 64 << 20];
    let calls: [(&str, &[u8], bool); 9] = [
        ("trace", &whole, false),
        ("trace", &partial, true),
        ("logs", b"", false),
        ("trace", &wrong_id, false),
        ("metrics", &metrics, false),
        ("trace", &whole[..whole.len() - 1], false),
        ("profiles", b"", false),
        ("trace", &vec![0; 2 << 20], false),
        ("trace", &bomb, true),
    ];
    let called = call_grpc(&server, &calls, None);
    let codes: Vec<&str> = called.iter().map(|called| &*called.code).collect();
    let wanted =
        ["OK", "OK", "OK", "OK", "OK", "INVALID_ARGUMENT", "UNIMPLEMENTED", "RESOURCE_EXHAUSTED", "RESOURCE_EXHAUSTED"];
    assert_eq!(codes, wanted, "{:?}", called.iter().map(|called| &called.details).collect::<Vec<_>>());
    assert!(called[..3].iter().all(|called| called.body.is_empty()));
    let traces = ExportTraceServiceResponse::decode(&called[3].body[..]).expect("a response").partial_success;
    assert_eq!(traces.map(|partial| partial.rejected_spans), Some(1));
    let points = ExportMetricsServiceResponse::decode(&called[4].body[..]).expect("a response").partial_success;
    assert_eq!(points.map(|partial| partial.rejected_data_points), Some(2));
    // Too long is no matter of time: nothing says that it may come again.
    assert!(called[7].status_details.is_empty() && called[8].status_details.is_empty());
    let none = ExportLogsServiceResponse::decode(&called[2].body[..]).expect("a response");
    assert_eq!(none.partial_success, None);
}

#[test]
fn whoever_sends_too_much_is_told_when_to_come_again() {
    let store = tempfile::tempdir().expect("a folder");
    let server = Server::start(store.path(), &["--requests-at-once", "1"]);
    // One request that does not end takes the only place.
    let mut slow = connect(&server.http);
    slow.write_all(
        b"POST /v1/traces HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{",
    )
    .expect("sent");
    while !server.get("/metrics").text().contains("\nwhyspan_receiving_bytes 1\n") {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let answer = post(&server.http, "/v1/traces", &[PROTOBUF], &to_protobuf(&failing(1, 1)));
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")));
    let told = status(&answer);
    assert_eq!((told.code, told.details[0].type_url.as_str()), (8, "type.googleapis.com/google.rpc.RetryInfo"));
    let called = call_grpc(&server, &[("trace", &to_protobuf(&failing(2, 1)), false)], None);
    assert_eq!(called[0].code, "RESOURCE_EXHAUSTED");
    let told = Status::decode(&called[0].status_details[..]).expect("a google.rpc.Status");
    assert_eq!((told.code, told.details[0].type_url.as_str()), (8, "type.googleapis.com/google.rpc.RetryInfo"));
    drop(slow);
    assert!(server.stop().success());
}

#[test]
fn tokens_open_what_they_are_for() {
    let store = tempfile::tempdir().expect("a folder");
    let tokens = [("WHYSPAN_INGEST_TOKEN", "send-it"), ("WHYSPAN_READ_TOKEN", "read-it")];
    let server = Server::start_with(store.path(), &[], &tokens);
    let bearer = |token: &str| format!("Bearer {token}");
    let body = to_protobuf(&failing(1, 1));
    let send =
        |token: &str| post(&server.http, "/v1/traces", &[PROTOBUF, ("authorization", &bearer(token))], &body).status;
    assert_eq!(post(&server.http, "/v1/traces", &[PROTOBUF], &body).status, 401);
    assert_eq!([send("send-it"), send("read-it"), send("guess")], [200, 403, 401]);
    let codes = [None, Some("send-it"), Some("read-it")]
        .map(|token| call_grpc(&server, &[("trace", &body, false)], token)[0].code.clone());
    assert_eq!(codes, ["UNAUTHENTICATED", "OK", "PERMISSION_DENIED"]);
    let ask =
        |path: &str, token: &str| crate::http::get(&server.http, path, &[("authorization", &bearer(token))]).status;
    for path in ["/", "/metrics", "/api/v1/status", "/api/v1/root-causes", "/api/v1/validations"] {
        assert_eq!([ask(path, "read-it"), ask(path, "send-it"), server.get(path).status], [200, 403, 401], "{path}");
    }
    let announce = post(&server.http, "/api/v1/changes", &[("authorization", "Bearer read-it")], b"{}");
    assert_eq!(announce.status, 403);
    assert_eq!([server.get("/healthz").status, server.get("/readyz").status], [200, 200]);
    assert!(!server.told().contains("send-it") && !server.told().contains("read-it"));
}
