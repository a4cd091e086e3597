//! Bodies of requests as they come: counted, bounded, and not waited for for ever.

use crate::serve::counters::Counters;
use axum::body::Body as AnyBody;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;
use thiserror::Error;
use tokio::time::Sleep;

/// The part of the memory that bodies may take while they come.
pub(crate) const BODIES: u64 = 4;

/// Why a body is not read to its end.
#[derive(Debug, Error)]
pub(crate) enum BodyError {
    /// It is longer than a request may be.
    #[error("the request is longer than the limit of {0} bytes; send smaller batches")]
    TooLong(u64),
    /// All bodies together take more memory than there is for them.
    #[error("too much is being received at once")]
    Pressure,
    /// It did not come in time.
    #[error("the body did not come in time")]
    Slow,
    /// The connection broke.
    #[error("the body cannot be read: {0}")]
    Broken(String),
}

/// A request that came whole, counted until it is answered.
pub(crate) struct Received<'c> {
    counters: &'c Counters,
    bytes: u64,
}

impl<'c> Received<'c> {
    /// A request of so many bytes; `None` when all together would hold more than `budget`, and there are others.
    pub(crate) fn new(counters: &'c Counters, bytes: usize, budget: u64) -> Option<Self> {
        let bytes = bytes as u64;
        let before = counters.receiving_bytes.fetch_add(bytes, Ordering::Relaxed);
        // Dropped, it is counted no longer.
        let received = Self { counters, bytes };
        if before == 0 || before + bytes <= budget { Some(received) } else { None }
    }
}

impl Drop for Received<'_> {
    fn drop(&mut self) {
        self.counters.receiving_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// A body that is counted while it comes.
pub(crate) struct CountedBody {
    body: AnyBody,
    counters: Arc<Counters>,
    limit: u64,
    budget: u64,
    seen: u64,
    deadline: Pin<Box<Sleep>>,
}

impl CountedBody {
    /// A body of at most `limit` bytes that must come within `time`; all bodies together may hold `budget` bytes.
    pub(crate) fn new(body: AnyBody, counters: Arc<Counters>, limit: u64, budget: u64, time: Duration) -> Self {
        Self { body, counters, limit, budget, seen: 0, deadline: Box::pin(tokio::time::sleep(time)) }
    }
}

impl Drop for CountedBody {
    fn drop(&mut self) {
        self.counters.receiving_bytes.fetch_sub(self.seen, Ordering::Relaxed);
    }
}

impl Body for CountedBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => frame,
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(BodyError::Broken(error.to_string())))),
            Poll::Ready(None) => return Poll::Ready(None),
            Poll::Pending => {
                return self.deadline.as_mut().poll(context).map(|()| Some(Err(BodyError::Slow)));
            }
        };
        let more = frame.data_ref().map_or(0, |data| data.len() as u64);
        self.seen += more;
        let all = self.counters.receiving_bytes.fetch_add(more, Ordering::Relaxed) + more;
        Poll::Ready(Some(if self.seen > self.limit {
            Err(BodyError::TooLong(self.limit))
        } else if all > self.budget {
            Err(BodyError::Pressure)
        } else {
            Ok(frame)
        }))
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
