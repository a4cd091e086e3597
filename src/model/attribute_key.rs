//! What the key of an attribute says about its value: whether it tells what was asked for, how the request ended, or by
//! which process it was handled.
//!
//! Namespaces of the semantic conventions say how a request was carried and how it ended, not what was asked, but for the
//! path and the query. Whatever else stands on a span was put there by the application.
//!
//! ```text
//! app.product.id        tells what was asked        like is compared with like by it
//! server.address        tells requests apart        may be a condition
//! http.status_code      tells the outcome           is neither
//! k8s.pod.name          tells the process           a condition, and no change when it is new
//! ```

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

/// The longest value by which requests are compared, in bytes: longer ones are no names of things.
pub const COMPARED_VALUE_BYTES: usize = 128;

/// Words of which one anywhere in a key makes its value a part of the outcome, or of the answer to it.
const OUTCOME_WORDS: [&str; 21] = [
    "error",
    "errors",
    "exception",
    "fault",
    "status",
    "result",
    "outcome",
    "success",
    "failed",
    "failure",
    "duration",
    "latency",
    "elapsed",
    "timestamp",
    "retry",
    "retries",
    "attempt",
    "attempts",
    "resend",
    "fallback",
    "response",
];

/// Starts of keys that say how telemetry was made, or what stands for nothing but one call: ports of callers, threads,
/// messages, lines of code, statements with the values that they were asked with.
const NOISE: [&str; 24] = [
    "otel.",
    "telemetry.",
    "thread.",
    "code.",
    "log.",
    "event.",
    "message.",
    "messaging.message.",
    "messaging.kafka.message.",
    "internal.",
    "sampl",
    "feature_flag",
    "opencensus.",
    "net.sock.",
    "net.peer.port",
    "net.host.port",
    "network.peer.port",
    "client.port",
    "source.port",
    "busy_ns",
    "db.statement",
    "db.query.text",
    "db.query.parameter",
    "db.operation.parameter",
];

/// Starts of keys of resources that name one process or the machine that it runs on, and not what runs there.
const PROCESS: [&str; 21] = [
    "service.instance.",
    "k8s.pod.",
    "k8s.replicaset.",
    "k8s.node.",
    "k8s.job.",
    "k8s.container.restart",
    "container.id",
    "container.name",
    "container.command",
    "container.runtime",
    "host.",
    "process.pid",
    "process.parent_pid",
    "process.command",
    "process.owner",
    "process.executable",
    "process.working_directory",
    "process.creation",
    "process.session",
    "faas.instance",
    "device.",
];

/// Whether the value tells what was asked for: a product, a customer, a currency, a path.
#[must_use]
pub fn tells_the_request(key: &str) -> bool {
    if ASKED.contains(&key) {
        return true;
    }
    let namespace = key.split('.').next().unwrap_or_default();
    let last = key.rsplit(['.', '_', '-']).next().unwrap_or_default().to_ascii_lowercase();
    !CONVENTIONS.contains(&namespace) && !OUTCOMES.contains(&last.as_str())
}

/// Whether requests may be told apart by the value: it is neither a part of the outcome nor of how telemetry was made.
#[must_use]
pub fn tells_requests_apart(key: &str) -> bool {
    let last = key.rsplit(['.', '_', '-']).next().unwrap_or_default();
    !NOISE.iter().any(|start| key.starts_with(start))
        && !OUTCOMES.iter().any(|word| last.eq_ignore_ascii_case(word))
        && !key.split(['.', '_', '-', ':']).any(|word| OUTCOME_WORDS.iter().any(|told| word.eq_ignore_ascii_case(told)))
}

/// Whether the value names one process or its machine: a new one is a restart, and no change of what runs.
#[must_use]
pub fn names_a_process(key: &str) -> bool {
    PROCESS.iter().any(|start| key.starts_with(start))
}

/// Whether the value says which software runs: a version, an image, a revision, a deployment.
#[must_use]
pub fn names_a_version(key: &str) -> bool {
    const WORDS: [&str; 7] = ["version", "revision", "image", "build", "commit", "sha", "release"];
    key.starts_with("deployment.")
        || key.starts_with("vcs.")
        || (!key.starts_with("telemetry.") && key.split(['.', '_', '-']).any(|word| WORDS.contains(&word)))
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

    #[test]
    fn what_is_a_part_of_the_outcome_tells_no_requests_apart() {
        for key in [
            "http.response.status_code",
            "rpc.grpc.status_code",
            "grpc.error_name",
            "error.type",
            "app.payment.result",
            "http.request.resend_count",
            "http.status_text",
            "app.orderStatus_failed",
            "thread.id",
            "network.peer.port",
            "feature_flag.key",
            "db.statement",
            "db.query.text",
            "db.query.parameter.0",
        ] {
            assert!(!tells_requests_apart(key), "{key}");
        }
        for key in
            ["app.user.currency", "server.address", "http.route", "k8s.pod.name", "user_agent.original", "url.path"]
        {
            assert!(tells_requests_apart(key), "{key}");
        }
    }

    #[test]
    fn processes_are_told_from_versions() {
        for key in ["k8s.pod.name", "service.instance.id", "container.id", "host.name", "process.pid"] {
            assert!(names_a_process(key) && !names_a_version(key), "{key}");
        }
        for key in [
            "service.version",
            "container.image.tags",
            "vcs.ref.head.revision",
            "deployment.id",
            "process.runtime.version",
        ] {
            assert!(names_a_version(key) && !names_a_process(key), "{key}");
        }
    }
}
