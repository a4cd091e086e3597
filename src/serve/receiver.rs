//! Where telemetry comes in, by whichever door: it is decoded, kept, and only then acknowledged.

use crate::read::kept_record::{RequestKind, digest};
use crate::serve::answers::Partial;
use crate::serve::body::{BODIES, Received};
use crate::serve::counters::Counters;
use crate::serve::keeper::{Keeper, Refused, ToKeep};
use crate::serve::live::{Live, Taken};
use crate::serve::settings::Settings;
use crate::serve::token::{Access, Scope};
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit, broadcast, oneshot};

/// A request of so many bytes takes long enough to decode that others should go on elsewhere meanwhile.
const LONG_TO_DECODE: usize = 512 << 10;

/// What the process takes by itself while it is busy, in bytes: the traces that are looked at, caches of regular expressions, buffers
/// of connections.
const ITSELF: u64 = 128 << 20;

/// When whoever is told to come again should.
pub(crate) const COME_AGAIN: Duration = Duration::from_secs(1);

/// Why data points are rejected.
const METRICS_ARE_NOT_KEPT: &str = "whyspan keeps traces and logs; send metrics elsewhere";

/// How many root causes a listener may be behind before it misses some.
const NEWS: usize = 256;

/// How many questions to the store are answered at once: each reads as fast as one core decodes.
const JOBS: usize = 2;

/// What becomes of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// It is kept, but for what is told.
    Kept(Partial),
    /// It cannot be decoded, in words: it must not be sent again.
    Invalid(String),
    /// There is too much to do: it must be sent again, later.
    Busy(&'static str),
    /// It cannot be kept: it must be sent again, later.
    Unavailable(String),
}

/// All that a request meets.
pub(crate) struct Receiver {
    /// How this is set up.
    pub(crate) settings: Settings,
    /// What happened so far.
    pub(crate) counters: Arc<Counters>,
    /// Root causes that were not there before, as JSON.
    pub(crate) news: broadcast::Sender<Arc<str>>,
    /// Questions to the store that may be answered at once.
    pub(crate) jobs: Arc<Semaphore>,
    /// What live analysis holds.
    pub(crate) live: Live,
    keeper: Mutex<Option<Arc<Keeper>>>,
    slots: Semaphore,
    began: Instant,
    stopping: AtomicBool,
    stopped: AtomicBool,
}

/// How much of the memory is for traces and facts: what requests and the process itself leave, and a quarter at least.
fn for_live(memory: u64) -> u64 {
    memory.saturating_sub(memory / BODIES).saturating_sub(ITSELF).max(memory / 4)
}

impl Receiver {
    /// A receiver that keeps by `keeper`.
    pub(crate) fn new(settings: Settings, counters: Arc<Counters>, keeper: Keeper) -> Self {
        let live = Live::new(settings.quiet, settings.window, for_live(settings.memory));
        let slots = Semaphore::new(usize::try_from(settings.requests_at_once).unwrap_or(Semaphore::MAX_PERMITS));
        let (news, _) = broadcast::channel(NEWS);
        let keeper = Mutex::new(Some(Arc::new(keeper)));
        let (stopping, stopped) = (AtomicBool::new(false), AtomicBool::new(false));
        let jobs = Arc::new(Semaphore::new(JOBS));
        Self { settings, counters, news, jobs, live, keeper, slots, began: Instant::now(), stopping, stopped }
    }

    /// Milliseconds since the start.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Takes nothing more.
    pub(crate) fn begin_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // The last of the news: whoever listens is let go.
        let _ = self.news.send(Arc::from(""));
    }

    /// Whether nothing more is taken.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Ends analysis, and lets go of the keeper, which then writes what waits and ends.
    pub(crate) fn stop(&self) {
        self.begin_stop();
        self.stopped.store(true, Ordering::Relaxed);
        *self.keeper.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether everything has ended.
    pub(crate) fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Room for one more request at once; `None` when there is none.
    pub(crate) fn slot(&self) -> Option<SemaphorePermit<'_>> {
        self.slots.try_acquire().ok()
    }

    /// Whether a request with these headers may do what needs this scope; counted when it may not.
    pub(crate) fn access(&self, headers: &HeaderMap, scope: Scope) -> Access {
        let authorization = headers.get(AUTHORIZATION).map(|value| value.as_bytes());
        let access = self.settings.tokens.check(authorization, scope);
        if access != Access::Granted {
            self.counters.unauthorised.fetch_add(1, Ordering::Relaxed);
        }
        access
    }

    /// What becomes of a metrics request of so many data points: none of them is kept. `None` when it cannot be decoded.
    pub(crate) fn take_metrics(&self, points: Option<u64>) -> Outcome {
        let Some(points) = points else {
            self.counters.invalid.fetch_add(1, Ordering::Relaxed);
            return Outcome::Invalid("expected ExportMetricsServiceRequest".to_owned());
        };
        self.counters.data_points.fetch_add(points, Ordering::Relaxed);
        let told = if points > 0 { METRICS_ARE_NOT_KEPT.to_owned() } else { String::new() };
        Outcome::Kept(Partial { rejected: points, told })
    }

    /// Decodes and keeps a request.
    pub(crate) async fn take(&self, kind: RequestKind, payload: Bytes) -> Outcome {
        let outcome = self.try_take(kind, payload).await;
        let count = match &outcome {
            Outcome::Kept(_) => &self.counters.requests,
            Outcome::Invalid(_) => &self.counters.invalid,
            Outcome::Busy(_) | Outcome::Unavailable(_) => &self.counters.refused,
        };
        count.fetch_add(1, Ordering::Relaxed);
        outcome
    }

    async fn try_take(&self, kind: RequestKind, payload: Bytes) -> Outcome {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(keeper) = keeper.filter(|_| !self.is_stopping()) else {
            return Outcome::Unavailable("whyspan is stopping".to_owned());
        };
        let Some(_received) = Received::new(&self.counters, payload.len(), self.settings.memory / BODIES) else {
            return Outcome::Busy("too much is being received at once");
        };
        if self.live.is_full() {
            return Outcome::Busy("analysis is behind, and the memory for it is used up");
        }
        let digest = digest(kind, &payload);
        let decode = || self.live.take(kind, &payload, digest, self.now());
        let taken = if payload.len() > LONG_TO_DECODE { tokio::task::block_in_place(decode) } else { decode() };
        let Taken { counted: taken, told } = match taken {
            Err(told) => return Outcome::Invalid(told),
            Ok(taken) => taken,
        };
        if taken.spans + taken.logs > 0 {
            let (answer, kept) = oneshot::channel();
            match keeper.keep(ToKeep { kind, payload, digest, time: taken.time, answer }) {
                Ok(()) => {}
                Err(Refused::Full) => return Outcome::Busy("the disk is behind"),
                Err(Refused::Ended) => return Outcome::Unavailable("whyspan is stopping".to_owned()),
            }
            match kept.await {
                Ok(Ok(())) => {}
                Ok(Err(told)) => return Outcome::Unavailable(told),
                Err(_) => return Outcome::Unavailable("whyspan is stopping".to_owned()),
            }
        }
        self.counters.spans.fetch_add(taken.spans, Ordering::Relaxed);
        self.counters.logs.fetch_add(taken.logs, Ordering::Relaxed);
        self.counters.rejected.fetch_add(taken.rejected, Ordering::Relaxed);
        let told = match (taken.rejected, told) {
            (0, _) => String::new(),
            (_, told) if told.is_empty() => "records cannot be used".to_owned(),
            (_, told) => format!("records cannot be used; the first: {told}"),
        };
        Outcome::Kept(Partial { rejected: taken.rejected, told })
    }
}
