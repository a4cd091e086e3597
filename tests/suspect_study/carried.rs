//! What spans say of how a request was carried and how it ended.

use crate::otlp::{Attributes, Value};

/// Why an operation failed.
#[derive(Clone)]
pub(crate) struct Failure {
    pub(crate) exception: Option<&'static str>,
    pub(crate) message: String,
    /// Its caller is to blame.
    pub(crate) is_callers: bool,
}

pub(crate) fn exception_of(exception: &str, message: &str) -> Attributes {
    vec![("exception.type".to_owned(), Value::text(exception)), ("exception.message".to_owned(), Value::text(message))]
}

pub(crate) fn name_of(operation: &str, is_grpc: bool, kind: u8) -> String {
    match (kind, is_grpc) {
        (5, _) => format!("{operation} process"),
        (_, true) => format!("shop.{operation}/Do"),
        (3, false) => "POST".to_owned(),
        _ => format!("POST /{operation}"),
    }
}

/// What is said of how a request was carried and answered.
pub(crate) fn carried(
    service: &str,
    operation: &str,
    is_grpc: bool,
    kind: u8,
    failure: Option<&Failure>,
) -> Attributes {
    let text = |key: &str, value: &str| (key.to_owned(), Value::text(value));
    let number = |key: &str, value: i64| (key.to_owned(), Value::Number(value));
    let code = |ok, callers, ours| failure.map_or(ok, |failure| if failure.is_callers { callers } else { ours });
    match (kind, is_grpc) {
        (5, _) => vec![text("messaging.system", "kafka"), text("messaging.destination.name", operation)],
        (_, true) => vec![
            text("rpc.system", "grpc"),
            text("rpc.service", &format!("shop.{operation}")),
            text("rpc.method", "Do"),
            number("rpc.grpc.status_code", code(0, 5, 2)),
            text("server.address", service),
        ],
        _ => vec![
            text("http.request.method", "POST"),
            text("http.route", &format!("/{operation}")),
            number("http.response.status_code", code(200, 404, 500)),
            text("server.address", service),
        ],
    }
}
