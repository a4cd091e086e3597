//! Changes that are announced: kept beside the segments, in the form in which they came.

use crate::judge::analysis::rfc3339;
use crate::model::time::Nanos;
use crate::read::change_events::announced::Announced;
use crate::read::change_events::file::{changes_of, read_changes};
use crate::redact::redactor::Redactor;
use crate::serve::api_access::{Refused, allowed, body, json, refused};
use crate::serve::receiver::Receiver;
use crate::serve::token::Scope;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use hyper::StatusCode;
use hyper::header::HeaderMap;
use serde_json::{Value, json as value};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where they are kept.
fn file(folder: &Path) -> PathBuf {
    folder.join("changes.jsonl")
}

/// All changes that were announced.
pub(crate) fn announced(folder: &Path) -> Result<Announced, String> {
    let path = file(folder);
    if !path.exists() {
        return Ok(Announced::default());
    }
    read_changes(&path, &[]).map_err(|told| told.to_string())
}

/// `POST /api/v1/changes`, and `POST /api/v2/events/ingest` for whoever announces changes there already.
pub(crate) async fn announce(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Admin)?;
    let bytes = body(&receiver, sent).await?;
    let read = changes_of("the request", &bytes, &[]);
    if read.changes.is_empty() || !read.messages.is_empty() {
        let told = read.messages.join("; ");
        return Err(refused(StatusCode::BAD_REQUEST, Redactor::default().text(&told).into_owned()));
    }
    let count = read.changes.len();
    tokio::task::block_in_place(|| append(&receiver.settings.store, &bytes))
        .map_err(|told| refused(StatusCode::SERVICE_UNAVAILABLE, format!("the changes cannot be kept: {told}")))?;
    Ok(json(StatusCode::CREATED, &value!({ "changes": count })))
}

fn append(folder: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut line = bytes.trim_ascii().to_vec();
    line.push(b'\n');
    let mut file = OpenOptions::new().create(true).append(true).open(file(folder))?;
    file.write_all(&line)?;
    file.sync_data()
}

/// `GET /api/v1/changes`
pub(crate) async fn list(State(receiver): State<Arc<Receiver>>, headers: HeaderMap) -> Result<Response, Refused> {
    allowed(&receiver, &headers, Scope::Read)?;
    let read = tokio::task::block_in_place(|| announced(&receiver.settings.store));
    let read = read.map_err(|told| refused(StatusCode::SERVICE_UNAVAILABLE, told))?;
    let time = |nanos: Option<Nanos>| nanos.and_then(rfc3339);
    let changes = Redactor::default().changes(read.changes);
    let shown: Vec<Value> = changes
        .iter()
        .map(|change| {
            value!({
                "kind": change.kind.as_str(), "key": change.key, "from": change.from, "to": change.to,
                "at": time(change.at), "until": time(change.until), "service": change.service,
            })
        })
        .collect();
    Ok(json(StatusCode::OK, &value!({ "changes": shown })))
}
