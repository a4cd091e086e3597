//! The gRPC door: the three export services of OTLP.

use crate::read::kept_record::RequestKind;
use crate::read::metric_points::points_of_protobuf;
use crate::serve::answers::{Partial, Telemetry};
use crate::serve::body::{BODIES, CountedBody};
use crate::serve::grpc_message::{PREFIX, answer, busy, come_again, is_call, message};
use crate::serve::receiver::{Outcome, Receiver};
use crate::serve::token::{Access, Scope};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hyper::StatusCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tonic::{Code, Status};

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const LOGS: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
const METRICS: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

/// What is answered at the gRPC address.
pub(crate) fn router(receiver: Arc<Receiver>) -> Router {
    let of = |telemetry| {
        post(move |State(receiver): State<Arc<Receiver>>, request: Request| export(receiver, telemetry, request))
    };
    Router::new()
        .route(TRACES, of(Telemetry::Traces))
        .route(LOGS, of(Telemetry::Logs))
        .route(METRICS, of(Telemetry::Metrics))
        .fallback(|| async { Status::unimplemented("OTLP's export services are served here").into_http::<Body>() })
        .with_state(receiver)
}

async fn export(receiver: Arc<Receiver>, telemetry: Telemetry, request: Request) -> Response {
    if !is_call(request.headers()) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    match receive(&receiver, telemetry, request).await {
        Ok(partial) => answer(&partial.to_protobuf()),
        Err(status) => status.into_http(),
    }
}

async fn receive(receiver: &Receiver, telemetry: Telemetry, request: Request) -> Result<Partial, Status> {
    let (settings, counters) = (&receiver.settings, &receiver.counters);
    match receiver.access(request.headers(), Scope::Ingest) {
        Access::Granted => {}
        Access::Unknown => return Err(Status::unauthenticated("a token that allows sending is needed")),
        Access::OfAnotherScope => return Err(Status::permission_denied("this token does not allow sending")),
    }
    let Some(_slot) = receiver.slot() else {
        counters.refused.fetch_add(1, Ordering::Relaxed);
        return Err(busy("too many requests at once"));
    };
    let (limit, budget) = (settings.request_bytes, settings.memory / BODIES);
    let (head, body) = request.into_parts();
    let body = CountedBody::new(body, Arc::clone(counters), limit + PREFIX as u64, budget, settings.body_timeout);
    let bytes = message(&head.headers, body, limit).await.inspect_err(|status| {
        // Only who is to come again is told details.
        let count = if status.details().is_empty() { &counters.invalid } else { &counters.refused };
        count.fetch_add(1, Ordering::Relaxed);
    })?;
    let outcome = match telemetry {
        Telemetry::Traces => receiver.take(RequestKind::TracesProtobuf, bytes).await,
        Telemetry::Logs => receiver.take(RequestKind::LogsProtobuf, bytes).await,
        Telemetry::Metrics => receiver.take_metrics(points_of_protobuf(&bytes)),
    };
    match outcome {
        Outcome::Kept(partial) => Ok(partial),
        Outcome::Invalid(told) => Err(Status::invalid_argument(format!("the request cannot be decoded: {told}"))),
        Outcome::Busy(told) => Err(busy(told)),
        Outcome::Unavailable(told) => Err(come_again(Code::Unavailable, &told)),
    }
}
