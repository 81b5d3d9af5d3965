//! The listening server: connections in, a clean end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use rustix::net::sockopt::set_tcp_user_timeout;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tower::ServiceExt;

use super::state::AppState;
use super::{links, live, router, sweep};

/// How long a client may take to send a request's head.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);

/// How long what was sent may wait to be received, in milliseconds.
const UNREAD_PATIENCE: u32 = 60_000;

/// How long open requests may take to end at shutdown.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(10);

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// One line that says what to do.
pub async fn serve(panel: AppState) -> Result<(), String> {
    panel.config.check_build()?;
    let address = panel.config.leptos.site_addr;
    let listener = TcpListener::bind(address).await.map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{address} is taken by another program: stop it, or set LEPTOS_SITE_ADDR to another port")
        }
        _ => format!("{address} can't be listened on ({e}): set LEPTOS_SITE_ADDR to an address of this machine"),
    })?;
    announce(&panel).await?;
    sweep::spawn(panel.clone());
    drop(live::spawn(panel.clone()));
    accept(listener, router::app(panel.clone()), &panel).await;
    panel.db.close().await;
    Ok(())
}

/// Says where the panel is, and how to make the first administrator: on stdout,
/// never in the log, because the link is a secret.
async fn announce(panel: &AppState) -> Result<(), String> {
    let url = &panel.config.public_url;
    // Both, because forms are refused under any address but the public one.
    println!("kafkasder-panel is ready at {url} (listening on {})", panel.config.leptos.site_addr);
    let link = links::first_set_up(&panel.db, url, panel.clock.now()).await;
    match link.map_err(|_| "The database can't be written: make it writable for this user".to_owned())? {
        Some(link) => println!("Set up the first administrator, once, at:\n{link}"),
        None => tracing::debug!("an administrator exists"),
    }
    Ok(())
}

/// As many open files as this user may have: every event stream is one. Called
/// before the panel opens, which counts them.
pub fn raise_file_limit() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Without it there are fewer streams, and nothing else.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

async fn accept(listener: TcpListener, app: Router, panel: &AppState) {
    let graceful = GracefulShutdown::new();
    let stop = stop_signal();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connection(stream, peer, app.clone(), &graceful),
                // Out of file descriptors, most likely: give some time to come back.
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
        }
    }
    drop(listener);
    panel.shutdown.cancel();
    if tokio::time::timeout(SHUTDOWN_PATIENCE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
}

fn connection(stream: TcpStream, peer: SocketAddr, app: Router, graceful: &GracefulShutdown) {
    // Answers are small: waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    // Who reads nothing for so long is gone, or wants to fill our memory.
    let _ = set_tcp_user_timeout(&stream, UNREAD_PATIENCE);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
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
