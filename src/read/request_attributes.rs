//! Which attributes tell what was asked for: a product, a customer, a currency, a path. Requests are compared with their like
//! by these.
//!
//! Namespaces of the semantic conventions say how a request was carried and how it ended, not what was asked, but for the
//! path and the query. Whatever else stands on a span was put there by the application.

/// Namespaces of the semantic conventions (opentelemetry.io/docs/specs/semconv), old and new.
const CONVENTIONS: [&str; 44] = [
    "aspnetcore",
    "aws",
    "azure",
    "az",
    "browser",
    "client",
    "cloud",
    "code",
    "container",
    "cpu",
    "db",
    "deployment",
    "destination",
    "dns",
    "error",
    "event",
    "exception",
    "faas",
    "feature_flag",
    "gcp",
    "grpc",
    "host",
    "http",
    "internal",
    "k8s",
    "log",
    "message",
    "messaging",
    "net",
    "network",
    "opencensus",
    "os",
    "otel",
    "peer",
    "process",
    "rpc",
    "server",
    "service",
    "source",
    "telemetry",
    "thread",
    "tls",
    "url",
    "user_agent",
];

/// Keys of those namespaces that say what was asked.
const ASKED: [&str; 3] = ["url.path", "url.query", "http.target"];

/// Words of which one at the end of a key says how a request ended or how long it took.
const OUTCOMES: [&str; 13] = [
    "error",
    "errors",
    "status",
    "code",
    "result",
    "outcome",
    "success",
    "failed",
    "failure",
    "exception",
    "duration",
    "latency",
    "elapsed",
];

/// The longest value that is looked at, in bytes: longer ones are no names of things.
pub(crate) const VALUE_BYTES: usize = 128;

/// Whether an attribute tells what was asked for.
pub(crate) fn tells_the_request(key: &str) -> bool {
    if ASKED.contains(&key) {
        return true;
    }
    let namespace = key.split('.').next().unwrap_or_default();
    let last = key.rsplit(['.', '_', '-']).next().unwrap_or_default().to_ascii_lowercase();
    !CONVENTIONS.contains(&namespace) && !OUTCOMES.contains(&last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_is_told_from_how_it_was_carried_and_ended() {
        for key in ["app.product.id", "user.country", "enduser.role", "tenant", "url.path", "http.target", "currency"] {
            assert!(tells_the_request(key), "{key}");
        }
        for key in [
            "http.response.status_code",
            "net.peer.port",
            "url.full",
            "app.payment.result",
            "order.status",
            "app.error",
            "feature_flag.key",
            "error.type",
            "user_agent.original",
            "grpc.error_message",
            "app_duration",
        ] {
            assert!(!tells_the_request(key), "{key}");
        }
    }
}
