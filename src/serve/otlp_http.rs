//! The HTTP door of OTLP: `/v1/traces`, `/v1/logs`, `/v1/metrics`.

use crate::read::kept_record::RequestKind;
use crate::read::metric_points::{points_of_json, points_of_protobuf};
use crate::serve::answers::{Partial, Telemetry, status_json, status_protobuf};
use crate::serve::body::{BODIES, BodyError, CountedBody};
use crate::serve::coding::{Coding, CodingError};
use crate::serve::receiver::{COME_AGAIN, Outcome, Receiver};
use crate::serve::token::{Access, Scope};
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http_body_util::{BodyExt, Limited};
use hyper::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{StatusCode, header::HeaderName};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tonic::Code;

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// Of the body of a request that is refused, so many bytes are read: most have less.
const PASSED_BY: usize = 1 << 20;

/// OTLP's paths.
pub(crate) fn router() -> Router<Arc<Receiver>> {
    let of = |telemetry| {
        post(move |State(receiver): State<Arc<Receiver>>, request: Request| export(receiver, telemetry, request))
    };
    Router::new()
        .route("/v1/traces", of(Telemetry::Traces))
        .route("/v1/logs", of(Telemetry::Logs))
        .route("/v1/metrics", of(Telemetry::Metrics))
}

/// An answer that is no success.
struct Refusal {
    http: StatusCode,
    code: Code,
    told: String,
}

impl Refusal {
    fn new(http: StatusCode, code: Code, told: impl Into<String>) -> Self {
        Self { http, code, told: told.into() }
    }

    fn invalid(told: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::InvalidArgument, told)
    }

    fn busy(told: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, Code::ResourceExhausted, told)
    }

    fn unavailable(told: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, told)
    }

    fn into_response(self, is_json: bool) -> Response {
        let come_again = matches!(self.http, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        let code = self.code as i32;
        let body = if is_json {
            status_json(code, &self.told)
        } else {
            status_protobuf(code, &self.told, come_again.then_some(COME_AGAIN))
        };
        let mut response = answer(self.http, body, is_json);
        let mut set = |name: HeaderName, value: &'static str| {
            response.headers_mut().insert(name, hyper::header::HeaderValue::from_static(value));
        };
        if come_again {
            set(RETRY_AFTER, "1");
        }
        match self.http {
            StatusCode::UNAUTHORIZED => set(WWW_AUTHENTICATE, "Bearer"),
            // What is left of the body is not read.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => set(CONNECTION, "close"),
            _ => {}
        }
        response
    }
}

fn answer(status: StatusCode, body: Vec<u8>, is_json: bool) -> Response {
    (status, [(CONTENT_TYPE, if is_json { JSON } else { PROTOBUF })], Body::from(body)).into_response()
}

async fn export(receiver: Arc<Receiver>, telemetry: Telemetry, request: Request) -> Response {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = media == JSON;
    let outcome = if is_json || media == PROTOBUF {
        receive(&receiver, telemetry, is_json, request).await
    } else {
        let told = format!("expected content-type {PROTOBUF} or {JSON}");
        Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument, told))
    };
    match outcome {
        Ok(partial) => {
            let body = if is_json { partial.to_json(telemetry) } else { partial.to_protobuf() };
            answer(StatusCode::OK, body, is_json)
        }
        Err(refusal) => refusal.into_response(is_json),
    }
}

async fn receive(
    receiver: &Receiver,
    telemetry: Telemetry,
    is_json: bool,
    request: Request,
) -> Result<Partial, Refusal> {
    let counters = &receiver.counters;
    let refused = |count: &std::sync::atomic::AtomicU64, refusal: Refusal| {
        count.fetch_add(1, Ordering::Relaxed);
        refusal
    };
    authorise(receiver, request.headers())?;
    let coding =
        request.headers().get(CONTENT_ENCODING).map_or(Some(Coding::Identity), |name| Coding::of(name.as_bytes()));
    let Some(coding) = coding else {
        let told = "expected content-encoding gzip, zstd or identity";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument, told));
    };
    let Some(_slot) = receiver.slot() else {
        // A connection that ends while the other side still sends takes the answer with it.
        let passed_by = pass_by(request.into_body());
        let _ = tokio::time::timeout(receiver.settings.body_timeout, passed_by).await;
        return Err(refused(&counters.refused, Refusal::busy("too many requests at once")));
    };
    let (limit, budget, time) =
        (receiver.settings.request_bytes, receiver.settings.memory / BODIES, receiver.settings.body_timeout);
    let body = CountedBody::new(request.into_body(), Arc::clone(counters), limit, budget, time);
    let packed = body.collect().await.map_err(|error| refused(&counters.refused, of_body(&error)))?.to_bytes();
    let bytes = coding.undo(packed, limit).map_err(|error| match error {
        CodingError::TooLong(limit) => refused(&counters.invalid, of_body(&BodyError::TooLong(limit))),
        CodingError::Broken(_) => refused(&counters.invalid, Refusal::invalid(format!("the body: {error}"))),
    })?;
    let outcome = match (telemetry, is_json) {
        (Telemetry::Traces, false) => receiver.take(RequestKind::TracesProtobuf, bytes).await,
        (Telemetry::Traces, true) => receiver.take(RequestKind::TracesJson, bytes).await,
        (Telemetry::Logs, false) => receiver.take(RequestKind::LogsProtobuf, bytes).await,
        (Telemetry::Logs, true) => receiver.take(RequestKind::LogsJson, bytes).await,
        (Telemetry::Metrics, false) => receiver.take_metrics(points_of_protobuf(&bytes)),
        (Telemetry::Metrics, true) => receiver.take_metrics(points_of_json(&bytes)),
    };
    match outcome {
        Outcome::Kept(partial) => Ok(partial),
        Outcome::Invalid(told) => Err(Refusal::invalid(format!("the request cannot be decoded: {told}"))),
        Outcome::Busy(told) => Err(Refusal::busy(told)),
        Outcome::Unavailable(told) => Err(Refusal::unavailable(told)),
    }
}

/// Reads a body that is not too long, and keeps nothing of it.
async fn pass_by(body: Body) {
    let mut body = Limited::new(body, PASSED_BY);
    while let Some(Ok(_)) = body.frame().await {}
}

fn authorise(receiver: &Receiver, headers: &HeaderMap) -> Result<(), Refusal> {
    match receiver.access(headers, Scope::Ingest) {
        Access::Granted => Ok(()),
        Access::Unknown => {
            Err(Refusal::new(StatusCode::UNAUTHORIZED, Code::Unauthenticated, "a token that allows sending is needed"))
        }
        Access::OfAnotherScope => {
            Err(Refusal::new(StatusCode::FORBIDDEN, Code::PermissionDenied, "this token does not allow sending"))
        }
    }
}

fn of_body(error: &BodyError) -> Refusal {
    let told = error.to_string();
    match error {
        BodyError::TooLong(_) => Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, Code::InvalidArgument, told),
        BodyError::Pressure => Refusal::busy(told),
        BodyError::Slow => Refusal::new(StatusCode::REQUEST_TIMEOUT, Code::DeadlineExceeded, told),
        BodyError::Broken(_) => Refusal::invalid(told),
    }
}
