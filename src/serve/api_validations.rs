//! Validations: two windows of the store judged, and the evidence kept.

use crate::capture::compare;
use crate::judge::evidence::Evidence;
use crate::judge::policy::Policy;
use crate::model::time::{Nanos, TimeWindow};
use crate::read::change_events::times::time_of;
use crate::redact::redactor::Redactor;
use crate::report::json::{from_json, to_json};
use crate::serve::api_access::{Refused, allowed, body, job, json, named, query, refused};
use crate::serve::api_causes::{of_store, store_failed};
use crate::serve::api_changes::announced;
use crate::serve::api_formats::formatted;
use crate::serve::api_times::{AskedWindow, around};
use crate::serve::keeper::now;
use crate::serve::quantity::duration;
use crate::serve::receiver::Receiver;
use crate::serve::token::Scope;
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
use std::time::Duration;

/// How many validations a list shows, the last first.
const LISTED: usize = 100;

/// How long the baseline before a change is, when nobody says.
const BEFORE: Duration = Duration::from_secs(1800);

/// What is asked for: two windows, or what was before a change and what is since.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    #[serde(default)]
    baseline: AskedWindow,
    #[serde(default)]
    candidate: AskedWindow,
    change_at: Option<String>,
    before: Option<String>,
    /// A policy in TOML.
    policy: Option<String>,
}

impl Wanted {
    fn windows(&self) -> Result<(TimeWindow, TimeWindow), String> {
        match (self.baseline.window()?, self.candidate.window()?, &self.change_at) {
            (Some(baseline), Some(candidate), None) => Ok((baseline, candidate)),
            (None, None, Some(at)) => {
                let before = self.before.as_deref().map_or(Ok(BEFORE), duration)?;
                around(time_of(at)?, u64::try_from(before.as_nanos()).unwrap_or(u64::MAX), Nanos(now()))
            }
            _ => Err("give baseline and candidate, each with from and to, or change_at alone".to_owned()),
        }
    }
}

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
    let wrong = |told: String| refused(StatusCode::BAD_REQUEST, told);
    let wanted: Wanted = serde_json::from_slice(&bytes).map_err(|told| wrong(told.to_string()))?;
    let (baseline, candidate) = wanted.windows().map_err(wrong)?;
    let policy = match &wanted.policy {
        None => Policy::default(),
        Some(text) => Policy::from_toml(text).map_err(|told| wrong(format!("no policy: {told}")))?,
    };
    let judged = job(&receiver, move |receiver| -> Result<(String, Evidence), Refused> {
        let evidence = judge(receiver, baseline, candidate, &policy)?;
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

fn judge(
    receiver: &Receiver,
    baseline: TimeWindow,
    candidate: TimeWindow,
    policy: &Policy,
) -> Result<Evidence, Refused> {
    let redactor = Redactor::default();
    let failed = |told: String| refused(StatusCode::SERVICE_UNAVAILABLE, told);
    let changes = announced(&receiver.settings.store).map_err(failed)?.changes;
    let facts = |window| {
        let capture = of_store(receiver, Some(window), true, &redactor).map_err(|told| store_failed(&told))?;
        match capture.thinned() {
            Some(told) => Err(refused(StatusCode::GONE, told)),
            None => Ok(capture.into_facts()),
        }
    };
    Ok(compare(&facts(baseline)?, &facts(candidate)?, policy, changes, &redactor))
}

/// Keeps the evidence, and says under which name.
fn keep(receiver: &Receiver, evidence: &Evidence) -> io::Result<String> {
    let folder = folder(receiver);
    fs::create_dir_all(&folder)?;
    let id = format!("{:016x}", now());
    let text = to_json(evidence).map_err(io::Error::other)?;
    let unfinished = folder.join(format!("{id}.tmp"));
    fs::write(&unfinished, text)?;
    fs::rename(unfinished, folder.join(format!("{id}.json")))?;
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
