//! Accepts connections, serves them, and shuts down gracefully.

use std::convert::Infallible;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use futures::FutureExt;
use futures::future::Either;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustix::net::sockopt::set_tcp_user_timeout;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::server::http::front::Front;
use crate::server::http::router::App;
use crate::server::sessions::pending;
use crate::server::state::AppState;
use crate::server::{links, live, sweep};

/// The time limit for receiving a request's head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum size of a request's head in bytes: all the memory that a client gets for a
/// connection before authentication. A larger head is answered with 431.
const MAX_HEAD: usize = 64 * 1024;

/// How long sent data may stay unacknowledged, in milliseconds.
const UNREAD_TIMEOUT: u32 = 60_000;

/// The time limit at shutdown for requests that are running.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// The time limit for closing the database.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// How many tasks a worker polls before it looks for tasks that other threads woke. tokio's default
/// of 61 would let a sign-in, which waits for such threads two dozen times, starve beside cheap
/// requests.
const OTHERS_INTERVAL: u32 = 5;

/// The runtime of the server, with a worker per core. Workers never wait: pages are rendered when
/// their data is there (otherwise one core would need more workers, leptos-rs/leptos#4647).
///
/// # Errors
/// The system's error.
pub fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().global_queue_interval(OTHERS_INTERVAL).build()
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// One line that says what to do.
pub async fn serve(panel: AppState, front: Front) -> Result<(), String> {
    panel.config.check_build()?;
    let address = panel.config.leptos.site_addr;
    let listener = TcpListener::bind(address).await.map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{address} is taken by another program: stop it, or set LEPTOS_SITE_ADDR to another port")
        }
        _ => format!("{address} can't be listened on ({e}): set LEPTOS_SITE_ADDR to an address of this machine"),
    })?;
    announce(&panel).await?;
    serve_until(stop_signal(), listener, &panel, front).await;
    Ok(())
}

/// Serves on a socket until `stop` resolves. Then, in order: stops accepting connections, waits
/// for running requests, writes the pending sign-outs, closes the database. Each step has a
/// time limit.
pub async fn serve_until(stop: impl Future<Output = ()>, listener: TcpListener, panel: &AppState, front: Front) {
    sweep::spawn(panel.clone());
    drop(live::spawn(panel.db.clone(), panel.live.clone(), panel.clock.clone(), panel.shutdown.clone()));
    accept(stop, listener, App::new(panel.clone(), front), panel).await;
    pending::write_pending_at_shutdown(panel).await;
    if tokio::time::timeout(CLOSE_TIMEOUT, panel.db.close()).await.is_err() {
        tracing::warn!("the database was still in use at shutdown");
    }
}

/// Prints the panel's address and the set-up link of the first administrator. They go to stdout
/// and never to the log, because the link is a secret.
async fn announce(panel: &AppState) -> Result<(), String> {
    let url = &panel.config.public_url;
    let link = links::first_set_up(&panel.db, url, panel.clock.now()).await;
    let link =
        link.map_err(|error| format!("The database can't be written ({error}): make it writable for this user"))?;
    // Prints both addresses, because forms are refused at any address but the public one.
    println!("kafkasder-panel is ready at {url} (listening on {})", panel.config.leptos.site_addr);
    match link {
        Some(link) => println!("Set up the first administrator, once, at:\n{link}"),
        None => tracing::debug!("an administrator exists"),
    }
    Ok(())
}

/// Raises the limit on open files to the maximum that this user may have: every event stream is
/// an open file. Must run before the panel opens, which derives its stream limit from it.
pub fn raise_file_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // If it fails, fewer streams fit. Nothing else changes.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

async fn accept(stop: impl Future<Output = ()>, listener: TcpListener, app: App, panel: &AppState) {
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connection(stream, peer.ip(), app.clone(), panel, &graceful),
                // Most likely the process has run out of file descriptors. Waiting gives it
                // time to free some.
                Err(error) => {
                    tracing::warn!(%error, "accepting a connection failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    panel.shutdown.cancel();
    let ended = async {
        graceful.shutdown().await;
        panel.work.ended().await;
    };
    if tokio::time::timeout(SHUTDOWN_TIMEOUT, ended).await.is_err() {
        tracing::warn!(running = panel.work.running(), "some requests were cancelled at shutdown");
    }
}

fn connection(stream: TcpStream, peer: IpAddr, app: App, panel: &AppState, graceful: &GracefulShutdown) {
    // Responses are small, so Nagle's algorithm would only delay them.
    let _ = stream.set_nodelay(true);
    // A client that acknowledges nothing for so long has gone, or tries to fill the server's
    // memory.
    let _ = set_tcp_user_timeout(&stream, UNREAD_TIMEOUT);
    let panel = panel.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let safe = request.method().is_safe();
        // Boxed, because a connection has space for it as long as it is open.
        let answer = Box::pin(app.clone().answer(peer, request.map(Body::new)));
        let answer = match safe {
            true => Either::Left(answer),
            // Starts the work now: hyper drops this future when the client disconnects,
            // possibly before its first poll.
            false => Either::Right(panel.work.begin(answer)),
        };
        answer.map(Ok::<_, Infallible>)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let watched = graceful.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

async fn stop_signal() {
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
