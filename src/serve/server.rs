//! Everything put together: a store is opened, doors are opened, and all ends in good order.

use crate::serve::api;
use crate::serve::counters::Counters;
use crate::serve::door::{Door, Protocol};
use crate::serve::grpc;
use crate::serve::keeper::{Keeper, Keeping};
use crate::serve::live_analysis;
use crate::serve::receiver::Receiver;
use crate::serve::recovery::recover;
use crate::serve::refill::refill;
use crate::serve::retention::Retention;
use crate::serve::settings::Settings;
use crate::serve::tls::acceptor;
use crate::serve::upkeep::Upkeep;
use std::fs::{self, File, TryLockError};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::sync::watch;

/// How many threads are begun beside those that answer, while these decompress or read files. Each keeps some MiB of its own; with
/// more to do at once than that, others wait.
const BLOCKING: usize = 16;

/// Why nothing can be served.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The settings contradict each other.
    #[error("{0}")]
    Settings(String),
    /// The folder of the store cannot be used.
    #[error("{folder}: the store cannot be opened: {source}. Check that the folder may be written to")]
    Store {
        /// The folder.
        folder: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another process uses the store.
    #[error("{folder}: another whyspan serves from this store; stop it, or give another --store")]
    InUse {
        /// The folder.
        folder: String,
    },
    /// An address cannot be listened at.
    #[error("{address} cannot be listened at: {source}. Check that nothing else listens there")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no threads.
    #[error("cannot be started: {0}")]
    Threads(io::Error),
}

/// Where connections are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Addresses {
    /// OTLP/gRPC.
    pub grpc: SocketAddr,
    /// OTLP/HTTP and the API.
    pub http: SocketAddr,
}

/// Serves until the process is asked to stop (SIGTERM, or Ctrl-C); `ready` is told once where. What was acknowledged is on disk
/// when this returns.
///
/// # Errors
///
/// When it cannot begin, in words for the user.
pub fn serve(settings: Settings, ready: impl FnOnce(Addresses)) -> Result<(), ServeError> {
    settings.check().map_err(ServeError::Settings)?;
    let folder = settings.store.display().to_string();
    let of_store = |source| ServeError::Store { folder: folder.clone(), source };
    fs::create_dir_all(&settings.store).map_err(of_store)?;
    let _lock = lock(&settings.store, &folder)?;
    let recovered = recover(&settings.store).map_err(of_store)?;
    recovered.told.iter().for_each(|told| tracing::warn!("{told}"));
    let counters = Arc::new(Counters::default());
    let (keeper, writer) =
        Keeper::start(keeping(&settings), recovered.next_number, recovered.recent, Arc::clone(&counters))
            .map_err(ServeError::Threads)?;
    let receiver = Arc::new(Receiver::new(settings, counters, keeper));
    let analysis = live_analysis::start(Arc::clone(&receiver)).map_err(ServeError::Threads)?;
    match refill(&receiver) {
        Ok(requests) => tracing::info!("{requests} requests of the live window are analysed again"),
        Err(error) => tracing::warn!("the live window cannot be read from the store: {error}"),
    }
    // After what reads the store file by file: no other thread removes any.
    let stop_upkeep = Arc::new(AtomicBool::new(false));
    let upkeep = upkeep(&receiver.settings)
        .start(Arc::clone(&receiver.counters), Arc::clone(&stop_upkeep))
        .map_err(ServeError::Threads)?;
    let runtime = Builder::new_multi_thread().max_blocking_threads(BLOCKING).enable_all().build();
    let runtime = runtime.map_err(ServeError::Threads)?;
    let outcome = runtime.block_on(run(&receiver, ready));
    receiver.stop();
    stop_upkeep.store(true, Ordering::Relaxed);
    // What is still on its way is told that it is not kept: the way to the keeper is gone.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    let ended = [writer, analysis, upkeep].map(|thread| thread.join().is_err());
    if ended.contains(&true) {
        tracing::error!("a thread ended by a bug in whyspan");
    }
    outcome
}

fn lock(folder: &Path, name: &str) -> Result<File, ServeError> {
    let store = |source| ServeError::Store { folder: name.to_owned(), source };
    let file = File::create(folder.join("lock")).map_err(store)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::InUse { folder: name.to_owned() }),
        Err(TryLockError::Error(source)) => Err(store(source)),
    }
}

fn keeping(settings: &Settings) -> Keeping {
    Keeping {
        folder: settings.store.clone(),
        sync: settings.sync,
        interval: settings.sync_interval,
        segment_bytes: settings.segment_bytes,
        segment_age: settings.segment_age,
    }
}

fn upkeep(settings: &Settings) -> Upkeep {
    let retention = Retention {
        raw_age: settings.keep_raw,
        raw_bytes: settings.keep_raw_bytes,
        age: settings.keep_age,
        bytes: settings.keep_bytes,
    };
    Upkeep::new(settings.store.clone(), (settings.pack_age, settings.pack_bytes), retention, settings.memory / 4)
}

async fn run(receiver: &Arc<Receiver>, ready: impl FnOnce(Addresses)) -> Result<(), ServeError> {
    let settings = &receiver.settings;
    // Before anybody can connect, so that no signal is missed from then on.
    let stopped = stop_signal().map_err(ServeError::Threads)?;
    let (grpc_listener, grpc_address) = listen(settings.grpc).await?;
    let (http_listener, http_address) = listen(settings.http).await?;
    let tls = |protocol| acceptor(settings, protocol).map_err(ServeError::Settings);
    let (grpc_tls, http_tls) = (tls(Protocol::Grpc)?, tls(Protocol::Http)?);
    let door = |listener, protocol, tls, router| Door {
        listener,
        protocol,
        router,
        tls,
        connections: usize::try_from(settings.connections).unwrap_or(usize::MAX),
        header_timeout: settings.header_timeout,
    };
    let (stop, stopping) = watch::channel(false);
    let doors = [
        door(grpc_listener, Protocol::Grpc, grpc_tls, grpc::router(Arc::clone(receiver))),
        door(http_listener, Protocol::Http, http_tls, api::router(Arc::clone(receiver), grpc_address)),
    ];
    let doors = doors.map(|door| tokio::spawn(door.serve(stopping.clone())));
    ready(Addresses { grpc: grpc_address, http: http_address });
    stopped.await;
    tracing::info!("stopping");
    receiver.begin_stop();
    // Whoever listens holds a receiver of this channel only.
    let _ = stop.send(true);
    let all = async {
        for door in doors {
            let _ = door.await;
        }
    };
    if tokio::time::timeout(settings.grace, all).await.is_err() {
        tracing::warn!("connections did not end within {:?}, and are cut off", settings.grace);
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let listening = async {
        let listener = TcpListener::bind(address).await?;
        let bound = listener.local_addr()?;
        Ok((listener, bound))
    };
    listening.await.map_err(|source| ServeError::Listen { address, source })
}

/// What ends when the process is asked to stop.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// What ends when the process is asked to stop.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler there is nothing to wait for: the process ends by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
