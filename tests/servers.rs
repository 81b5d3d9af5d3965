//! Two processes of the program on one database, as behind a load balancer.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};

use crate::support::{Browser, EVENTS, LOGOUT, TestApp};

both![an_end_in_one_process_reaches_the_streams_of_the_other, an_open_stream_does_not_hold_up_the_end_of_a_process,];

/// So long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; killed when this is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
    /// A program whose words nobody takes fails.
    _stdout: Lines<BufReader<ChildStdout>>,
    _folder: tempfile::TempDir,
}

impl Server {
    async fn start(app: &TestApp) -> Server {
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_kafkasder-panel"));
        command.arg("serve").env_clear().envs(app.settings()).env("LEPTOS_SITE_ADDR", address.to_string());
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it starts in time").unwrap();
        assert!(line.as_deref().is_some_and(|line| line.contains("is ready at")), "{line:?}");
        Server { child, address, _stdout: lines, _folder: folder }
    }

    /// Sends a request of a browser on a connection of its own.
    async fn ask(&self, browser: &Browser, method: &str, path: &str) -> Wire {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let cookies: Vec<String> = browser.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (cookies, token) = (cookies.join("; "), browser.token().unwrap());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nOrigin: http://127.0.0.1:3000\r\nCookie: {cookies}\r\n\
             x-csrf-token: {token}\r\nContent-Length: 0\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Wire { stream, read: String::new() }
    }

    async fn stop(mut self) {
        let id = self.child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).unwrap();
        kill_process(id, Signal::TERM).unwrap();
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("it ends in time").unwrap();
        assert!(ended.success(), "{ended}");
    }
}

/// An answer on its way.
struct Wire {
    stream: TcpStream,
    read: String,
}

impl Wire {
    /// Reads until a text has come.
    async fn until(&mut self, text: &str) {
        while !self.read.contains(text) {
            assert!(self.more().await, "the connection ended before {text:?}: {}", self.read);
        }
    }

    async fn rest(mut self) -> String {
        while self.more().await {}
        self.read
    }

    async fn more(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let read = tokio::time::timeout(PATIENCE, self.stream.read(&mut bytes)).await.expect("in time").unwrap();
        self.read += std::str::from_utf8(&bytes[..read]).unwrap();
        read > 0
    }
}

async fn signed_in(app: &TestApp) -> Browser {
    // The processes go by the machine's clock.
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ayse = app.person("ayse").await;
    app.signed_in(&ayse).await
}

async fn an_end_in_one_process_reaches_the_streams_of_the_other(app: TestApp) {
    let browser = signed_in(&app).await;
    let (one, other) = (Server::start(&app).await, Server::start(&app).await);
    let mut heard = one.ask(&browser, "GET", EVENTS).await;
    heard.until("retry: 1000\n\n").await;
    assert!(heard.read.starts_with("HTTP/1.1 200 OK\r\n"), "{}", heard.read);
    let begun = std::time::Instant::now();
    other.ask(&browser, "POST", LOGOUT).await.until("HTTP/1.1 200 OK").await;
    heard.until("event: session-ended\ndata: {\"reason\":\"logout\"}\n\n").await;
    println!("heard after {:?}", begun.elapsed());
    // The stream ends, and the connection is good for the next request.
    heard.until("\r\n0\r\n\r\n").await;
    other.stop().await;
    one.stop().await;
}

async fn an_open_stream_does_not_hold_up_the_end_of_a_process(app: TestApp) {
    let browser = signed_in(&app).await;
    let server = Server::start(&app).await;
    let mut heard = server.ask(&browser, "GET", EVENTS).await;
    heard.until("retry: 1000\n\n").await;
    let begun = std::time::Instant::now();
    server.stop().await;
    // Open requests are given ten seconds; these were not waited for.
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    let all = heard.rest().await;
    assert!(all.ends_with("\r\n0\r\n\r\n"), "closed, not cut: {all}");
}
