//! What was found: in the live window at once, in any other window from the store.

use crate::capture::Capture;
use crate::facts::input::InputFacts;
use crate::facts::window::WindowFacts;
use crate::judge::analysis::analysis;
use crate::judge::evidence::Evidence;
use crate::model::ids::TraceId;
use crate::model::time::TimeWindow;
use crate::read::kept_whole::Thinned;
use crate::read::options::ReadOptions;
use crate::redact::redactor::Redactor;
use crate::serve::api_access::{Refused, allowed, job, json, named, query, refused};
use crate::serve::api_formats::formatted;
use crate::serve::api_times::AskedWindow;
use crate::serve::hours_asked::{OfHours, add_services};
use crate::serve::receiver::Receiver;
use crate::serve::token::Scope;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use hyper::header::HeaderMap;
use hyper::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::json as value;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::BroadcastStream;

/// A question about a window.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    from: Option<String>,
    to: Option<String>,
    format: Option<String>,
}

impl Asked {
    fn window(&self) -> Result<Option<TimeWindow>, Refused> {
        let asked = AskedWindow { from: self.from.clone(), to: self.to.clone() };
        asked.window().map_err(|told| refused(StatusCode::BAD_REQUEST, told))
    }
}

/// The evidence of the live window.
pub(crate) fn live_evidence(receiver: &Receiver) -> Evidence {
    let pieces = receiver.live.facts();
    let mut facts = WindowFacts::default();
    pieces.iter().for_each(|piece| facts.merge(WindowFacts::clone(piece)));
    facts.settle();
    Redactor::default().evidence(analysis(&facts, &InputFacts::default()))
}

/// A capture for a window of the store, which holds nothing yet.
pub(crate) fn of_window(
    receiver: &Receiver,
    window: Option<TimeWindow>,
    for_gate: bool,
    redactor: &Redactor,
) -> Capture {
    let options = ReadOptions { request_attributes: for_gate, window, ..ReadOptions::default() };
    let settings = &receiver.settings;
    let capture = Capture::with_threads(options, None, 1, settings.memory / 2).redacting(redactor.clone());
    capture.by_rules(settings.exceptions.clone())
}

/// A capture that holds what the store received about a window.
fn of_store(receiver: &Receiver, window: TimeWindow, redactor: &Redactor) -> io::Result<Capture> {
    let mut capture = of_window(receiver, Some(window), false, redactor);
    capture.read_store(&receiver.settings.store)?;
    Ok(capture)
}

/// The evidence of the window that is asked for, for whoever may read it.
async fn evidence(receiver: &Arc<Receiver>, headers: &HeaderMap, uri: &Uri) -> Result<(Asked, Evidence), Refused> {
    let (asked, evidence, thinned) = evidence_of_what_is_left(receiver, headers, uri).await?;
    match thinned {
        None => Ok((asked, evidence)),
        Some(told) => Err(refused(StatusCode::GONE, told)),
    }
}

/// The same of what is left of the window; and in words that it is not all, when it is not.
async fn evidence_of_what_is_left(
    receiver: &Arc<Receiver>,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<(Asked, Evidence, Option<String>), Refused> {
    allowed(receiver, headers, Scope::Read)?;
    let asked: Asked = query(uri)?;
    let Some(window) = asked.window()? else {
        return Ok((asked, tokio::task::block_in_place(|| live_evidence(receiver)), None));
    };
    let read = job(receiver, move |receiver| {
        let capture = of_store(receiver, window, &Redactor::default())?;
        let thinned = capture.thinned().map(str::to_owned);
        Ok((capture.into_evidence(), thinned))
    });
    let (evidence, thinned) = read.await?.map_err(|told: io::Error| store_failed(&told))?;
    Ok((asked, evidence, thinned))
}

/// The store cannot be read.
pub(crate) fn store_failed(told: &io::Error) -> Refused {
    refused(StatusCode::SERVICE_UNAVAILABLE, format!("the store cannot be read: {told}"))
}

/// `GET /api/v1/status`
pub(crate) async fn status(State(receiver): State<Arc<Receiver>>, headers: HeaderMap) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    let counters = &receiver.counters;
    let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let failure = counters.failure();
    let state = match (&failure, receiver.is_stopping()) {
        (_, true) => "stopping",
        (Some(_), false) => "store-failing",
        (None, false) => "receiving",
    };
    let answer = value!({
        "state": state,
        "failure": failure,
        "version": env!("CARGO_PKG_VERSION"),
        "received": {
            "requests": number(&counters.requests), "spans": number(&counters.spans), "log_records": number(&counters.logs),
            "rejected_records": number(&counters.rejected), "rejected_data_points": number(&counters.data_points),
            "invalid_requests": number(&counters.invalid), "refused_requests": number(&counters.refused),
            "repeated_requests": number(&counters.repeated),
        },
        "live": {
            "window_seconds": receiver.settings.window.as_secs(), "open_traces": number(&counters.open_traces),
            "analysed_traces": number(&counters.analysed), "late_spans": number(&counters.late_spans),
            "bytes": number(&counters.live_bytes), "lag_ms": number(&counters.lag_ms),
        },
        "store": {
            "bytes": number(&counters.store_bytes), "segments": number(&counters.segments),
            "removed_segments": number(&counters.segments_removed),
            "packed_segments": number(&counters.segments_packed), "thinned_segments": number(&counters.segments_thinned),
            "whole_bytes": number(&counters.whole_bytes), "facts_bytes": number(&counters.facts_bytes),
            "upkeep_rounds": number(&counters.upkeep_rounds), "upkeep_failing": counters.is_upkeep_failing(),
        },
    });
    Ok(json(StatusCode::OK, &answer))
}

/// `GET /api/v1/services`
pub(crate) async fn services(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    let asked: Asked = query(&uri)?;
    let evidence = match asked.window()? {
        None => tokio::task::block_in_place(|| live_evidence(&receiver)),
        Some(window) => {
            let read = job(&receiver, move |receiver| services_of_store(receiver, window));
            match read.await?.map_err(|told: io::Error| store_failed(&told))? {
                Ok(evidence) => evidence,
                Err(thinned) => return Err(refused(StatusCode::GONE, thinned)),
            }
        }
    };
    Ok(json(StatusCode::OK, &value!({ "window": evidence.windows.candidate, "services": evidence.services })))
}

/// Totals and services of a window of the store, as evidence that tells of nothing else; or why they would be wrong.
fn services_of_store(receiver: &Receiver, window: TimeWindow) -> io::Result<Result<Evidence, String>> {
    let store = &receiver.settings.store;
    let being_written = *receiver.counters.being_written.lock().unwrap_or_else(PoisonError::into_inner);
    let OfHours { facts, logs, rest } = OfHours::of(store, window, being_written)?;
    let redactor = Redactor::default();
    let (mut facts, mut input) = (redactor.window(facts), InputFacts { logs, ..InputFacts::default() });
    for part in rest {
        let (of_part, of_input) = of_store(receiver, part, &redactor)?.into_facts();
        add_services(&mut facts, of_part);
        input.logs += of_input.logs;
    }
    // After all of it was read: what is thinned from now on was there.
    match Thinned::read(store)?.check(window) {
        Ok(()) => Ok(Ok(redactor.evidence(analysis(&facts, &input)))),
        Err(thinned) => Ok(Err(thinned)),
    }
}

/// `GET /api/v1/root-causes`
pub(crate) async fn root_causes(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    let (_, evidence, thinned) = evidence_of_what_is_left(&receiver, &headers, &uri).await?;
    let answer = match thinned {
        None => value!({ "window": evidence.windows.candidate, "root_causes": evidence.root_causes }),
        Some(told) => value!({ "thinned": told, "root_causes": causes_of_failing(&evidence) }),
    };
    Ok(json(StatusCode::OK, &answer))
}

/// The root causes of what failed, without what is true only when all that passed is there: how many there were in all, and what
/// failing requests had that others had not.
fn causes_of_failing(evidence: &Evidence) -> Vec<serde_json::Value> {
    let failing = evidence.root_causes.iter().filter(|cause| cause.latency.is_none());
    let mut causes: Vec<serde_json::Value> = failing.filter_map(|cause| serde_json::to_value(cause).ok()).collect();
    for cause in &mut causes {
        cause["suspects"] = value!([]);
        cause["conditions"] = value!([]);
        for entry in cause["entry_points"].as_array_mut().into_iter().flatten() {
            entry["total"] = serde_json::Value::Null;
        }
    }
    causes
}

/// `GET /api/v1/evidence`
pub(crate) async fn whole_evidence(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refused> {
    let (asked, evidence) = evidence(&receiver, &headers, &uri).await?;
    Ok(formatted(&evidence, asked.format.as_deref()))
}

/// `GET /api/v1/traces/{id}`
pub(crate) async fn trace(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    let id = named(id)?;
    let asked: Asked = query(&uri)?;
    let window = asked.window()?;
    let Some(id) = TraceId::from_hex(id.as_bytes()) else {
        return Err(refused(StatusCode::BAD_REQUEST, "a trace id has 32 hexadecimal digits"));
    };
    let read = job(&receiver, move |receiver| {
        let options = ReadOptions { window, ..ReadOptions::default() };
        let settings = &receiver.settings;
        let capture = Capture::with_threads(options, None, 1, settings.memory / 4).of_one_trace(id);
        let mut capture = capture.by_rules(settings.exceptions.clone());
        capture.read_store(&settings.store)?;
        capture.into_trace(id)
    });
    match read.await? {
        Ok(Some(facts)) => Ok(json(StatusCode::OK, &facts)),
        Ok(None) => Err(refused(StatusCode::NOT_FOUND, "no such trace is kept")),
        Err(told) => Err(store_failed(&told)),
    }
}

/// `GET /api/v1/events`: server-sent events, one for each root cause that was not there before.
pub(crate) async fn events(State(receiver): State<Arc<Receiver>>, headers: HeaderMap) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    // Whoever is too slow misses some, and goes on. An empty text is the last.
    let news = BroadcastStream::new(receiver.news.subscribe()).filter_map(Result::ok);
    let events = news
        .take_while(|text| !text.is_empty())
        .map(|text| Ok::<_, Infallible>(Event::default().event("root-cause").data(&*text)));
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}
