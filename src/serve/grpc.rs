//! The gRPC door: the three export services of OTLP.

use crate::read::kept_record::RequestKind;
use crate::read::metric_points::points_of_protobuf;
use crate::serve::answers::{Telemetry, status_protobuf};
use crate::serve::body::{BODIES, BodyError, CountedBody};
use crate::serve::grpc_codec::RawCodec;
use crate::serve::receiver::{COME_AGAIN, Outcome, Receiver};
use crate::serve::token::{Access, Scope};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http_body_util::BodyExt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tonic::codec::{CompressionEncoding, EnabledCompressionEncodings};
use tonic::server::{Grpc, UnaryService};
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
    let settings = &receiver.settings;
    match receiver.access(request.headers(), Scope::Ingest) {
        Access::Granted => {}
        Access::Unknown => return Status::unauthenticated("a token that allows sending is needed").into_http(),
        Access::OfAnotherScope => return Status::permission_denied("this token does not allow sending").into_http(),
    }
    let Some(_slot) = receiver.slot() else {
        receiver.counters.refused.fetch_add(1, Ordering::Relaxed);
        return busy("too many requests at once").into_http();
    };
    let (limit, budget) = (settings.request_bytes, settings.memory / BODIES);
    let counted = |body| {
        // Five bytes stand before the message.
        CountedBody::new(body, Arc::clone(&receiver.counters), limit + 5, budget, settings.body_timeout)
            .map_err(status_of)
    };
    let mut encodings = EnabledCompressionEncodings::default();
    encodings.enable(CompressionEncoding::Gzip);
    encodings.enable(CompressionEncoding::Zstd);
    let mut grpc = Grpc::new(RawCodec)
        .apply_compression_config(encodings, EnabledCompressionEncodings::default())
        .apply_max_message_size_config(usize::try_from(limit).ok(), None);
    let export = Export { receiver: Arc::clone(&receiver), telemetry };
    let response = grpc.unary(export, request.map(counted)).await;
    // A client would send again, and again, what is said to be out of range.
    if response.headers().get("grpc-status").is_some_and(|code| code.as_bytes() == b"11") {
        return status_of(BodyError::TooLong(limit)).into_http();
    }
    response.map(Body::new)
}

fn busy(told: &str) -> Status {
    let code = Code::ResourceExhausted;
    let details = status_protobuf(code as i32, told, Some(COME_AGAIN));
    Status::with_details(code, told, details.into())
}

fn status_of(error: BodyError) -> Status {
    match error {
        BodyError::TooLong(_) => Status::resource_exhausted(error.to_string()),
        BodyError::Pressure => busy(&error.to_string()),
        BodyError::Slow => Status::deadline_exceeded(error.to_string()),
        BodyError::Broken(told) => Status::cancelled(told),
    }
}

/// One call of an export service.
struct Export {
    receiver: Arc<Receiver>,
    telemetry: Telemetry,
}

impl UnaryService<Bytes> for Export {
    type Response = Vec<u8>;
    type Future = Pin<Box<dyn Future<Output = Result<tonic::Response<Vec<u8>>, Status>> + Send>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        let (receiver, telemetry, bytes) = (Arc::clone(&self.receiver), self.telemetry, request.into_inner());
        Box::pin(async move {
            let outcome = match telemetry {
                Telemetry::Traces => receiver.take(RequestKind::TracesProtobuf, bytes).await,
                Telemetry::Logs => receiver.take(RequestKind::LogsProtobuf, bytes).await,
                Telemetry::Metrics => receiver.take_metrics(points_of_protobuf(&bytes)),
            };
            match outcome {
                Outcome::Kept(partial) => Ok(tonic::Response::new(partial.to_protobuf())),
                Outcome::Invalid(told) => {
                    Err(Status::invalid_argument(format!("the request cannot be decoded: {told}")))
                }
                Outcome::Busy(told) => Err(busy(told)),
                Outcome::Unavailable(told) => {
                    let details = status_protobuf(Code::Unavailable as i32, &told, Some(COME_AGAIN));
                    Err(Status::with_details(Code::Unavailable, told, details.into()))
                }
            }
        })
    }
}
