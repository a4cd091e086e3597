//! Connections: taken up to a number, with bounds on what a client may send and how slowly, and ended in good order.

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// How many bytes the head of a request may have.
const HEAD_BYTES: u32 = 32 << 10;

/// How many header fields a request may have.
const HEADERS: usize = 100;

/// How many requests one gRPC connection may have at once.
const STREAMS: u32 = 256;

/// How many bytes one gRPC request may be ahead of what was read of it, and all those of a connection.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 4 << 20;

/// How long a frame may be: a request of usual size comes in one or two.
const FRAME_BYTES: u32 = 256 << 10;

/// How often a silent gRPC connection is asked whether it is still there, and how long it may take to answer.
const PING: Duration = Duration::from_secs(20);

/// Which protocol is spoken at a door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protocol {
    /// HTTP/1.1.
    Http,
    /// HTTP/2, without negotiation.
    Grpc,
}

/// An address at which connections are taken.
pub(crate) struct Door {
    /// Where.
    pub(crate) listener: TcpListener,
    /// What is spoken.
    pub(crate) protocol: Protocol,
    /// Who answers.
    pub(crate) router: Router,
    /// How connections are encrypted, if they are.
    pub(crate) tls: Option<TlsAcceptor>,
    /// How many connections there may be.
    pub(crate) connections: usize,
    /// How long a client may take for the head of a request, and to send its first.
    pub(crate) header_timeout: Duration,
}

impl Door {
    /// Takes connections until `stop` says so; then waits for the requests that are on their way.
    pub(crate) async fn serve(self, mut stop: watch::Receiver<bool>) {
        let room = Arc::new(Semaphore::new(self.connections));
        let graceful = GracefulShutdown::new();
        loop {
            let stream = tokio::select! {
                taken = self.listener.accept() => match taken {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        // Too many open files, mostly: others must end before more can be taken.
                        tracing::warn!("a connection cannot be taken: {error}");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
                () = told(&mut stop) => break,
            };
            // Whoever comes beyond the number is cut off at once, and tries again.
            let Ok(place) = Arc::clone(&room).try_acquire_owned() else { continue };
            self.connect(stream, place, &graceful);
        }
        drop(self.listener);
        graceful.shutdown().await;
    }

    fn connect(&self, stream: TcpStream, place: OwnedSemaphorePermit, graceful: &GracefulShutdown) {
        // Answers are small, and must not wait for more.
        let _ = stream.set_nodelay(true);
        let (tls, timeout) = (self.tls.clone(), self.header_timeout);
        let talk = Talk { protocol: self.protocol, router: self.router.clone(), timeout, watcher: graceful.watcher() };
        tokio::spawn(async move {
            match tls {
                None => talk.hold(stream).await,
                Some(tls) => match tokio::time::timeout(timeout, tls.accept(stream)).await {
                    Ok(Ok(stream)) => talk.hold(stream).await,
                    Ok(Err(error)) => tracing::debug!("a connection is not encrypted as it should be: {error}"),
                    Err(_) => tracing::debug!("a connection that did not begin is cut off"),
                },
            }
            drop(place);
        });
    }
}

/// What is said over one connection.
struct Talk {
    protocol: Protocol,
    router: Router,
    timeout: Duration,
    watcher: Watcher,
}

impl Talk {
    /// Answers until the other side has had enough, or a stop is wanted and everything is answered.
    async fn hold(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { protocol, router, timeout, watcher } = self;
        let io = TokioIo::new(stream);
        let asked = Arc::new(AtomicBool::new(false));
        let (router, noted) = (TowerToHyperService::new(router), Arc::clone(&asked));
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            noted.store(true, Ordering::Relaxed);
            router.call(request)
        });
        match protocol {
            Protocol::Http => {
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(timeout)
                    .max_headers(HEADERS)
                    .max_header_size(HEAD_BYTES as usize)
                    .serve_connection(io, service);
                ended(watcher.watch(connection).await);
            }
            Protocol::Grpc => {
                let connection = http2::Builder::new(TokioExecutor::new())
                    .timer(TokioTimer::new())
                    .max_header_list_size(HEAD_BYTES)
                    .max_concurrent_streams(STREAMS)
                    .max_frame_size(FRAME_BYTES)
                    .initial_stream_window_size(STREAM_WINDOW)
                    .initial_connection_window_size(CONNECTION_WINDOW)
                    .keep_alive_interval(PING)
                    .keep_alive_timeout(PING)
                    .serve_connection(io, service);
                let mut connection = pin!(watcher.watch(connection));
                match tokio::time::timeout(timeout, connection.as_mut()).await {
                    Ok(result) => ended(result),
                    // Pings keep a connection that has asked once; one that never did is cut off.
                    Err(_) if asked.load(Ordering::Relaxed) => ended(connection.await),
                    Err(_) => tracing::debug!("a connection that asked nothing is cut off"),
                }
            }
        }
    }
}

/// Ends when a stop is wanted.
async fn told(stop: &mut watch::Receiver<bool>) {
    // Without anybody who could say so, it is time too.
    let _ = stop.wait_for(|stop| *stop).await;
}

fn ended(result: hyper::Result<()>) {
    if let Err(error) = result {
        tracing::debug!("a connection ended: {error}");
    }
}
