//! Runs the panel's binary over a real socket, so that tests can kill it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};

/// The longest wait for a start or a stop, which is generous for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The log file's name.
const LOG: &str = "log";

/// A running `kafkasder-panel serve`. Dropping it kills the process.
pub struct Process {
    child: Mutex<Child>,
    address: SocketAddr,
    // Kept open, because a closed pipe would end the process.
    _stdout: Lines<BufReader<ChildStdout>>,
    folder: TempDir,
}

impl Process {
    /// Starts the panel with only these settings and waits until it reports that it is ready.
    pub async fn start(settings: &BTreeMap<String, String>) -> Process {
        let folder = TempDir::new().expect("a temporary folder");
        // Ignores SIGXFSZ: above the file size limit a write must fail, as on a full disk, and not kill the process.
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_kafkasder-panel")])
            .env_clear()
            .envs(settings)
            .env("RUST_LOG", "error")
            .current_dir(folder.path());
        let log = std::fs::File::create(folder.path().join(LOG)).expect("a file");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
        let mut child = command.spawn().expect("the binary starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let first = timeout(PATIENCE, stdout.next_line()).await.expect("it starts in time").expect("text");
        let first = first.unwrap_or_else(|| panic!("the panel does not start: {}", log_in(&folder)));
        assert!(first.contains("is ready at"), "{first}");
        let address = settings["LEPTOS_SITE_ADDR"].parse().expect("an address");
        Process { child: Mutex::new(child), address, _stdout: stdout, folder }
    }

    pub fn id(&self) -> Pid {
        let id = self.child.lock().expect("the lock is not poisoned").id();
        id.and_then(|id| Pid::from_raw(id.try_into().ok()?)).expect("the process runs")
    }

    /// Returns what the process has logged.
    pub fn log(&self) -> String {
        log_in(&self.folder)
    }

    /// Kills the process at once (`kill -9`).
    pub fn kill(&self) {
        let mut child = self.child.lock().expect("the lock is not poisoned");
        child.start_kill().expect("the process runs");
        // The port is free only when the process is gone.
        while child.try_wait().expect("it is a child").is_none() {
            std::thread::yield_now();
        }
    }

    /// Stops the process with `SIGTERM`, as a service manager does, and waits until it has ended.
    pub async fn stop(&self) {
        kill_process(self.id(), Signal::TERM).expect("the signal is sent");
        let ended = async {
            loop {
                if let Some(status) = self.child.lock().expect("the lock is not poisoned").try_wait().expect("a child")
                {
                    return status;
                }
                sleep(Duration::from_millis(10)).await;
            }
        };
        let status = timeout(PATIENCE, ended).await.expect("it ends in time");
        assert!(status.success(), "{status}");
    }

    /// Sends a request on a new connection.
    pub async fn answer(&self, request: Request<Body>) -> Option<Response<Body>> {
        let stream = TcpStream::connect(self.address).await.ok()?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        tokio::spawn(connection);
        Some(sender.send_request(request).await.ok()?.map(Body::new))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("what the process has logged:\n{}", self.log());
        }
    }
}

fn log_in(folder: &TempDir) -> String {
    std::fs::read_to_string(folder.path().join(LOG)).expect("its log")
}

/// Returns a loopback address with a port that was free a moment ago.
pub fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}
