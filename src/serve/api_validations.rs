//! Validations: two windows of the store judged, and the evidence kept.

use crate::capture::{Capture, compare};
use crate::judge::evidence::Evidence;
use crate::model::time::Nanos;
use crate::redact::redactor::Redactor;
use crate::report::json::{from_json, to_json};
use crate::serve::api_access::{Refused, allowed, body, job, json, named, query, refused};
use crate::serve::api_causes::{of_window, store_failed};
use crate::serve::api_changes::announced;
use crate::serve::api_formats::formatted;
use crate::serve::keeper::now;
use crate::serve::receiver::Receiver;
use crate::serve::token::Scope;
use crate::serve::validation_body::Wanted;
use crate::serve::whole_file::write_whole;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use hyper::header::{HeaderMap, HeaderValue, LOCATION};
use hyper::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Value, json as value};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// How many validations a list shows, the last first.
const LISTED: usize = 100;

fn folder(receiver: &Receiver) -> PathBuf {
    receiver.settings.store.join("validations")
}

/// `POST /api/v1/validations`
pub(crate) async fn validate(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Admin)?;
    let bytes = body(&receiver, sent).await?;
    let wanted = Wanted::read(&bytes, Nanos(now())).map_err(|told| refused(StatusCode::BAD_REQUEST, told))?;
    let judged = job(&receiver, move |receiver| -> Result<(String, Evidence), Refused> {
        let evidence = judge(receiver, &wanted)?;
        let failed = |told| refused(StatusCode::SERVICE_UNAVAILABLE, format!("the evidence cannot be kept: {told}"));
        let id = keep(receiver, &evidence).map_err(failed)?;
        Ok((id, evidence))
    });
    let (id, evidence) = judged.await??;
    let url = format!("/api/v1/validations/{id}");
    let mut answer = json(StatusCode::CREATED, &short(&id, &evidence));
    if let Ok(place) = HeaderValue::from_str(&url) {
        answer.headers_mut().insert(LOCATION, place);
    }
    Ok(answer)
}

fn judge(receiver: &Receiver, wanted: &Wanted) -> Result<Evidence, Refused> {
    let redactor = Redactor::default();
    let failed = |told: String| refused(StatusCode::SERVICE_UNAVAILABLE, told);
    let changes = announced(&receiver.settings.store).map_err(failed)?.changes;
    let facts = |capture: Capture| match capture.thinned() {
        Some(told) => Err(refused(StatusCode::GONE, told)),
        None => Ok(capture.into_facts()),
    };
    let Wanted { baseline, candidate, policy } = wanted;
    let mut sides = [baseline, candidate].map(|window| of_window(receiver, Some(*window), true, &redactor));
    let [before, after] = &mut sides;
    let store = &receiver.settings.store;
    let read = match Capture::read_store_of_both(before, after, store) {
        Ok(true) => Ok(sides.map(facts)),
        Ok(false) => {
            // One after the other, so that the spans of only one lie in memory.
            let one = |mut side: Capture| side.read_store(store).map(|()| facts(side));
            let [before, after] = sides.map(one);
            before.and_then(|before| Ok([before, after?]))
        }
        Err(told) => Err(told),
    };
    let [before, after] = read.map_err(|told| store_failed(&told))?;
    Ok(compare(&before?, &after?, policy, changes, &redactor))
}

/// Keeps the evidence, and says under which name.
fn keep(receiver: &Receiver, evidence: &Evidence) -> io::Result<String> {
    let folder = folder(receiver);
    fs::create_dir_all(&folder)?;
    let id = format!("{:016x}", now());
    let text = to_json(evidence).map_err(io::Error::other)?;
    write_whole(&folder.join(format!("{id}.json")), text.as_bytes())?;
    Ok(id)
}

fn short(id: &str, evidence: &Evidence) -> Value {
    let verdict = evidence.verdict.as_ref();
    value!({
        "id": id,
        "decision": verdict.map(|verdict| &verdict.decision),
        "summary": verdict.map(|verdict| &verdict.summary),
        "windows": evidence.windows,
        "evidence": format!("/api/v1/validations/{id}"),
    })
}

/// Evidence that was kept; `None` when there is none of this name.
fn kept(receiver: &Receiver, id: &str) -> io::Result<Option<Evidence>> {
    // Nothing else can be a name, least of all a way to another folder.
    if id.len() != 16 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(None);
    }
    match fs::read_to_string(folder(receiver).join(format!("{id}.json"))) {
        Ok(text) => from_json(&text).map(Some).map_err(io::Error::other),
        Err(told) if told.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(told) => Err(told),
    }
}

/// In which format evidence is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedFormat {
    format: Option<String>,
}

/// `GET /api/v1/validations/{id}`
pub(crate) async fn one(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    let id = named(id)?;
    let asked: AskedFormat = query(&uri)?;
    match tokio::task::block_in_place(|| kept(&receiver, &id)) {
        Ok(Some(evidence)) => Ok(formatted(&evidence, asked.format.as_deref())),
        Ok(None) => Err(refused(StatusCode::NOT_FOUND, "there is no such validation")),
        Err(told) => Err(refused(StatusCode::SERVICE_UNAVAILABLE, told.to_string())),
    }
}

/// `GET /api/v1/validations`
pub(crate) async fn list(State(receiver): State<Arc<Receiver>>, headers: HeaderMap) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    let read = tokio::task::block_in_place(|| -> io::Result<Vec<Value>> {
        let entries = match fs::read_dir(folder(&receiver)) {
            Ok(entries) => entries,
            Err(told) if told.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(told) => return Err(told),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut ids: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".json")?.to_owned())).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        let shown = ids.iter().take(LISTED).filter_map(|id| Some(short(id, &kept(&receiver, id).ok()??)));
        Ok(shown.collect())
    });
    match read {
        Ok(shown) => Ok(json(StatusCode::OK, &value!({ "validations": shown }))),
        Err(told) => Err(refused(StatusCode::SERVICE_UNAVAILABLE, told.to_string())),
    }
}
