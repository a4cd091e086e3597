//! What questions need before they are answered: a token, a body of a sensible size, and a time for those that read the store.

use crate::serve::body::{BODIES, CountedBody};
use crate::serve::receiver::Receiver;
use crate::serve::token::{Access, Scope};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{StatusCode, Uri};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// The longest body of a question, in bytes.
const BODY_BYTES: u64 = 4 << 20;

/// An answer in JSON.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec_pretty(value) {
        Ok(mut body) => {
            body.push(b'\n');
            (status, [(CONTENT_TYPE, "application/json")], body).into_response()
        }
        Err(told) => (StatusCode::INTERNAL_SERVER_ERROR, told.to_string()).into_response(),
    }
}

/// An answer that says what is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    told: String,
}

/// An answer that says what is wrong.
pub(crate) fn refused(status: StatusCode, told: impl Into<String>) -> Refused {
    Refused { status, told: told.into() }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut answer = json(self.status, &serde_json::json!({ "error": self.told }));
        let also = match self.status {
            StatusCode::UNAUTHORIZED => Some((WWW_AUTHENTICATE, "Bearer")),
            StatusCode::TOO_MANY_REQUESTS => Some((RETRY_AFTER, "5")),
            _ => None,
        };
        if let Some((name, value)) = also {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        answer
    }
}

/// Whether a request may do what needs this scope; else the answer.
pub(crate) fn allowed(receiver: &Receiver, headers: &HeaderMap, scope: Scope) -> Result<(), Refused> {
    match receiver.access(headers, scope) {
        Access::Granted => Ok(()),
        Access::Unknown => Err(refused(StatusCode::UNAUTHORIZED, "a token is needed: authorization: Bearer TOKEN")),
        Access::OfAnotherScope => Err(refused(StatusCode::FORBIDDEN, "this token does not allow that")),
    }
}

/// What is asked for behind the `?`.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Refused> {
    let read = Query::<T>::try_from_uri(uri).map_err(|told| refused(StatusCode::BAD_REQUEST, told.body_text()))?;
    Ok(read.0)
}

/// The part of the path that names what is asked for.
pub(crate) fn named(id: Result<Path<String>, PathRejection>) -> Result<String, Refused> {
    id.map(|Path(id)| id).map_err(|told| refused(StatusCode::BAD_REQUEST, told.body_text()))
}

/// The body of a question.
pub(crate) async fn body(receiver: &Receiver, body: Body) -> Result<Bytes, Refused> {
    let settings = &receiver.settings;
    let counters = Arc::clone(&receiver.counters);
    let body = CountedBody::new(body, counters, BODY_BYTES, settings.memory / BODIES, settings.body_timeout);
    match body.collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(told) => Err(refused(StatusCode::BAD_REQUEST, told.to_string())),
    }
}

/// Does what takes long and reads the store beside everything else: as much at a time as there are jobs.
pub(crate) async fn job<T: Send + 'static>(
    receiver: &Arc<Receiver>,
    work: impl FnOnce(&Receiver) -> T + Send + 'static,
) -> Result<T, Refused> {
    let Ok(place) = Arc::clone(&receiver.jobs).try_acquire_owned() else {
        return Err(refused(StatusCode::TOO_MANY_REQUESTS, "other questions to the store are being answered"));
    };
    let receiver = Arc::clone(receiver);
    let done = spawn_blocking(move || {
        let outcome = work(&receiver);
        drop(place);
        outcome
    });
    done.await.map_err(|_| refused(StatusCode::INTERNAL_SERVER_ERROR, "this is a bug in whyspan"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::counters::Counters;
    use crate::serve::keeper::{Keeper, Keeping};
    use crate::serve::recent::Recent;
    use crate::serve::settings::Settings;
    use std::sync::mpsc;
    use tokio::sync::oneshot;

    #[test]
    fn of_three_questions_to_the_store_at_once_the_third_is_refused() {
        let store = tempfile::tempdir().expect("a folder");
        let counters = Arc::new(Counters::default());
        let keeping = Keeping::in_one_segment(store.path().to_owned());
        let (keeper, _) = Keeper::start(keeping, 1, Recent::new(1), Arc::clone(&counters)).expect("it starts");
        let receiver = Arc::new(Receiver::new(Settings::default(), counters, keeper));
        let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("threads");
        runtime.block_on(async {
            let mut being_answered = Vec::new();
            for _ in 0..2 {
                let (end, until_dropped) = mpsc::channel::<()>();
                let (begin, begun) = oneshot::channel();
                let work = move |_: &Receiver| {
                    let _ = begin.send(());
                    until_dropped.recv().is_err()
                };
                let receiver = Arc::clone(&receiver);
                let answer = tokio::spawn(async move { job(&receiver, work).await });
                begun.await.expect("it begins");
                being_answered.push((end, answer));
            }
            let third = job(&receiver, |_| ()).await;
            assert_eq!(third.map_err(|told| told.status), Err(StatusCode::TOO_MANY_REQUESTS));
            for (end, answer) in being_answered {
                drop(end);
                assert_eq!(answer.await.expect("it ends"), Ok(true));
            }
            assert_eq!(job(&receiver, |_| 7).await, Ok(7));
        });
    }
}
