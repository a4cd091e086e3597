//! What is answered at the HTTP address: OTLP, questions, health.

use crate::serve::api_access::{Refused, allowed, refused};
use crate::serve::receiver::Receiver;
use crate::serve::token::Scope;
use crate::serve::{api_causes, api_changes, api_validations, otlp_http, start_page};
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap};
use std::net::SocketAddr;
use std::sync::Arc;

/// All questions, as an OpenAPI document.
const OPENAPI: &str = include_str!("openapi.json");

/// What browsers may do with the start page: show it, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// Everything that is answered at the HTTP address; `grpc` is where gRPC is.
pub(crate) fn router(receiver: Arc<Receiver>, grpc: SocketAddr) -> Router {
    let page = move |State(receiver): State<Arc<Receiver>>, headers: HeaderMap| start(receiver, headers, grpc);
    otlp_http::router()
        .route("/", get(page))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .route("/api/v1/openapi.json", get(|| async { ([(CONTENT_TYPE, "application/json")], OPENAPI) }))
        .route("/api/v1/status", get(api_causes::status))
        .route("/api/v1/services", get(api_causes::services))
        .route("/api/v1/root-causes", get(api_causes::root_causes))
        .route("/api/v1/evidence", get(api_causes::whole_evidence))
        .route("/api/v1/traces/{id}", get(api_causes::trace))
        .route("/api/v1/events", get(api_causes::events))
        .route("/api/v1/changes", get(api_changes::list).post(api_changes::announce))
        .route("/api/v2/events/ingest", post(api_changes::announce))
        .route("/api/v1/validations", get(api_validations::list).post(api_validations::validate))
        .route("/api/v1/validations/{id}", get(api_validations::one))
        .fallback(|| async { refused(StatusCode::NOT_FOUND, "nothing is here; see /api/v1/openapi.json") })
        .with_state(receiver)
}

async fn start(receiver: Arc<Receiver>, headers: HeaderMap, grpc: SocketAddr) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    let page =
        tokio::task::block_in_place(|| start_page::render(&receiver, &api_causes::live_evidence(&receiver), grpc));
    let headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", PAGE_POLICY),
        ("x-content-type-options", "nosniff"),
    ];
    Ok((headers, page).into_response())
}

/// Ready as long as what comes can be kept.
async fn ready(State(receiver): State<Arc<Receiver>>) -> Response {
    match (receiver.is_stopping(), receiver.counters.failure()) {
        (true, _) => refused(StatusCode::SERVICE_UNAVAILABLE, "stopping").into_response(),
        (false, Some(told)) => refused(StatusCode::SERVICE_UNAVAILABLE, told).into_response(),
        (false, None) => "ready\n".into_response(),
    }
}

async fn metrics(State(receiver): State<Arc<Receiver>>, headers: HeaderMap) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    let media = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(CONTENT_TYPE, media)], receiver.counters.to_prometheus()).into_response())
}
