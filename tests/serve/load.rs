//! Many clients at once that send as fast as they are answered, and send again what they are told to.

use crate::http::{Answer, connect, exchange, request};
use crate::requests::PROTOBUF;
use crate::server::Server;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// What became of a load.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Requests that were acknowledged: the first so many, each once.
    pub(crate) acknowledged: u64,
    /// How often a client was told to come again.
    pub(crate) refused: u64,
    /// The most memory that the server took meanwhile, in KiB.
    pub(crate) most: u64,
}

/// How requests are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clients {
    /// How many there are, each with a connection of its own.
    pub(crate) count: u64,
    /// How long they go on.
    pub(crate) lasts: Duration,
    /// How long one that was refused waits.
    pub(crate) patience: Duration,
}

impl Clients {
    /// Sends what `body` makes of the numbers from 0. Every request that was begun is sent until it is acknowledged.
    pub(crate) fn send(self, server: &Server, body: impl Fn(u64) -> Vec<u8> + Sync) -> Load {
        let (next, refused) = (AtomicU64::new(0), AtomicU64::new(0));
        let (began, mut most) = (Instant::now(), 0);
        thread::scope(|scope| {
            let client = || {
                let mut stream = connect(&server.http);
                while began.elapsed() < self.lasts {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let bytes = request("POST", "/v1/traces", &[PROTOBUF], &body(number));
                    while !is_acknowledged(&exchange(&mut stream, &bytes).expect("an answer")) {
                        refused.fetch_add(1, Ordering::Relaxed);
                        thread::sleep(self.patience);
                    }
                }
            };
            let clients: Vec<_> = (0..self.count).map(|_| scope.spawn(client)).collect();
            while clients.iter().any(|client| !client.is_finished()) {
                most = server.memory().1;
                thread::sleep(Duration::from_millis(20));
            }
            clients.into_iter().for_each(|client| client.join().expect("a client"));
        });
        Load { acknowledged: next.into_inner(), refused: refused.into_inner(), most }
    }
}

/// Whether a request is kept; else it was refused so that a client sends it again.
fn is_acknowledged(answer: &Answer) -> bool {
    if answer.status == 200 {
        return true;
    }
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("1")), "{}", answer.text());
    false
}
