//! Clients that others wrote: gRPC of Google, and the OpenTelemetry SDKs.

use crate::common::python::answer_of;
use crate::requests::Sent;
use crate::server::Server;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The packages of a client of gRPC.
const GRPC: [(&str, &str); 1] = [("grpc", "grpcio>=1.60")];

/// The packages of an application with the SDK.
const SDK: [(&str, &str); 4] = [
    ("opentelemetry/sdk", "opentelemetry-sdk>=1.30"),
    ("opentelemetry/exporter/otlp/proto/grpc", "opentelemetry-exporter-otlp-proto-grpc>=1.30"),
    ("opentelemetry/exporter/otlp/proto/http", "opentelemetry-exporter-otlp-proto-http>=1.30"),
    ("grpc", "grpcio>=1.60"),
];

/// What one call over gRPC came to.
pub(crate) struct Called {
    pub(crate) code: String,
    pub(crate) body: Vec<u8>,
    pub(crate) details: String,
    pub(crate) status_details: Vec<u8>,
}

/// Calls export services with these payloads: the service, the payload, whether it is compressed.
pub(crate) fn call_grpc(server: &Server, calls: &[(&str, &[u8], bool)], token: Option<&str>) -> Vec<Called> {
    call_grpc_over(server, calls, token, &Value::Null)
}

/// The same over TLS, with these files: the authority, and the certificate and key of the client where it has them.
pub(crate) fn call_grpc_over(
    server: &Server,
    calls: &[(&str, &[u8], bool)],
    token: Option<&str>,
    tls: &Value,
) -> Vec<Called> {
    let calls: Vec<Value> = calls
        .iter()
        .map(|(service, payload, gzip)| {
            let compression = gzip.then_some("gzip");
            json!({ "service": service, "payload": BASE64_STANDARD.encode(payload), "compression": compression })
        })
        .collect();
    let metadata: Vec<Value> = token.iter().map(|token| json!(["authorization", format!("Bearer {token}")])).collect();
    let question = json!({ "target": server.grpc, "calls": calls, "metadata": metadata, "tls": tls });
    let answers = answer_of("otlp_grpc.py", "python-grpc", &GRPC, &[], &question);
    let bytes = |value: &Value| BASE64_STANDARD.decode(value.as_str().expect("a text")).expect("base64");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let called = |answer: &Value| Called {
        code: text(&answer["code"]),
        body: bytes(&answer["body"]),
        details: text(&answer["details"]),
        status_details: bytes(&answer["status_details"]),
    };
    answers.as_array().expect("answers").iter().map(called).collect()
}

/// Sends requests over one connection, half of them compressed.
pub(crate) fn send_over_grpc(server: &Server, requests: &[Sent]) {
    let service = |sent: &Sent| if sent.is_logs { "logs" } else { "trace" };
    let calls: Vec<(&str, &[u8], bool)> =
        requests.iter().map(|sent| (service(sent), &sent.protobuf[..], sent.protobuf.len() % 2 == 1)).collect();
    for called in call_grpc(server, &calls, None) {
        assert_eq!((called.code.as_str(), called.body.len()), ("OK", 0), "{}", called.details);
    }
}

#[test]
fn the_line_that_throws_in_a_python_application_comes_out_of_the_api() {
    for (protocol, compression) in [("grpc", "gzip"), ("grpc", "none"), ("http", "gzip"), ("http", "none")] {
        let store = tempfile::tempdir().expect("a folder");
        let server = Server::start(store.path(), &["--quiet", "200ms"]);
        let endpoint = if protocol == "grpc" { server.grpc.clone() } else { format!("http://{}", server.http) };
        let question = json!({ "protocol": protocol, "endpoint": endpoint, "compression": compression });
        let app = answer_of("otel_app.py", "python-otel", &SDK, &[], &question);
        let found = server.when("/api/v1/root-causes", |value| {
            value["root_causes"].as_array().is_some_and(|causes| causes.len() == 1)
        });
        let cause = &found["root_causes"][0];
        assert_eq!(cause["service"], "till");
        assert_eq!(cause["exception"]["frame"]["line"], app["line"], "{protocol} {compression}: {cause:#}");
        assert_eq!(cause["exception"]["frame"]["file"], app["file"]);
        assert_eq!(cause["exception"]["frame"]["function"], "charge");
        assert_eq!((&cause["traces"]["candidate"], &cause["traces"]["fatal"]), (&json!(10), &json!(10)));
        let trace = cause["exemplars"][0]["trace_id"].as_str().expect("a trace id");
        let trace = server.get(&format!("/api/v1/traces/{trace}")).json();
        assert!(trace.to_string().contains("POST /order"), "{trace:#}");
        assert!(server.stop().success());
    }
}

/// The folder of packages of Node.js, installed there on the first run.
fn node_packages() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("node-otel");
    if !folder.join("node_modules/@opentelemetry/exporter-trace-otlp-http").exists() {
        let packages = ["sdk-trace-base@2", "exporter-trace-otlp-http@>=0.200", "resources@2", "api@1"];
        let npm = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
            .arg(&folder)
            .args(packages.map(|package| format!("@opentelemetry/{package}")))
            .status();
        assert!(npm.expect("npm runs").success(), "npm cannot install {packages:?}");
    }
    folder.join("node_modules")
}

#[test]
fn the_line_that_throws_in_an_application_of_node_comes_out_of_the_api() {
    for compression in ["none", "gzip"] {
        let store = tempfile::tempdir().expect("a folder");
        let server = Server::start(store.path(), &["--quiet", "200ms"]);
        let output = Command::new("node")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/otel_app.cjs"))
            .args([&server.http, compression])
            .env("NODE_PATH", node_packages())
            .output()
            .expect("node runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let app: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let found = server.when("/api/v1/root-causes", |value| value["window"]["traces"] == 30);
        let cause = &found["root_causes"][0];
        let exception = &cause["exception"];
        assert_eq!((&cause["service"], &exception["type"]), (&json!("till"), &json!("RangeError")), "{cause:#}");
        assert_eq!(
            (&exception["frame"]["line"], &exception["frame"]["file"]),
            (&app["line"], &app["file"]),
            "{cause:#}"
        );
        assert_eq!(cause["traces"]["fatal"], 10);
        assert!(server.stop().success());
    }
}
