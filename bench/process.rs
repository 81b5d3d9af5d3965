//! The released program as a process: its cold start, its memory, and the files of a first
//! visit.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::Outcome;

/// The kinds of files of a first visit, in the order they are needed.
pub const KINDS: [&str; 5] = ["HTML", "CSS", "JS", "wasm", "pictures and others"];

pub struct Program {
    path: PathBuf,
    database: String,
}

/// A running server, stopped on drop.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
}

/// A file that a page needs.
pub struct Part {
    pub kind: &'static str,
    /// Head and body, as sent over the wire.
    pub bytes: usize,
}

impl Program {
    /// The program on a database.
    pub fn new(database: &str) -> Outcome<Program> {
        let path = Path::new("target/release/kafkasder-panel").canonicalize();
        let path = path.map_err(|_| "target/release/kafkasder-panel is missing: run `make build`, or `make bench`")?;
        Ok(Program { path, database: database.to_owned() })
    }

    fn command(&self, address: SocketAddr, args: &[&str]) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(args)
            .env_clear()
            .env("DATABASE_URL", &self.database)
            .env("SESSION_SECRET", "a secret of the benchmark with enough bytes")
            .env("PUBLIC_URL", format!("http://{address}"))
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Runs one command to completion, with one line of input.
    pub fn run(&self, args: &[&str], input: &str) -> Outcome<()> {
        let mut child = self.command(free_address()?, args).stdin(Stdio::piped()).stderr(Stdio::inherit()).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // Fails for commands that read no input, which is no error.
            let _ = writeln!(stdin, "{input}");
        }
        match child.wait()?.success() {
            true => Ok(()),
            false => Err(format!("kafkasder-panel {} failed", args.join(" ")).into()),
        }
    }

    /// Starts the server and waits for its first response.
    pub fn start(&self) -> Outcome<Running> {
        let address = free_address()?;
        let child = self.command(address, &["serve"]).stdin(Stdio::null()).spawn()?;
        let running = Running { child, address };
        let patience = Instant::now() + Duration::from_secs(20);
        while !matches!(running.fetch("/healthz", ""), Ok(answer) if answer.starts_with(b"HTTP/1.1 200")) {
            if Instant::now() > patience {
                return Err("the server did not answer within 20 s".into());
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Ok(running)
    }

    /// Milliseconds from the start of the process to its first response, several times.
    pub fn cold_starts(&self, times: usize) -> Outcome<Vec<f64>> {
        // The first start warms the disk cache.
        self.start()?;
        let once = |_| {
            let start = Instant::now();
            let running = self.start()?;
            let taken = start.elapsed().as_secs_f64() * 1000.0;
            drop(running);
            Ok(taken)
        };
        (0..times).map(once).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Its memory in megabytes (`VmRSS`).
    pub fn memory(&self) -> Outcome<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("/proc shows no VmRSS")?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes * 1024.0 / 1e6)
    }

    /// A page as text, uncompressed.
    pub fn get(&self, path: &str) -> Outcome<String> {
        let answer = self.fetch(path, "Accept: text/html\r\n")?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(format!("GET {path}: {}", String::from_utf8_lossy(&answer)).into());
        }
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    /// Every file that a browser with an empty cache fetches for a page.
    pub fn first_visit(&self, page: &str) -> Outcome<Vec<Part>> {
        let mut seen = BTreeSet::from([page.to_owned()]);
        let mut waiting = vec![page.to_owned()];
        let mut parts = Vec::new();
        while let Some(path) = waiting.pop() {
            let kind = kind(&path);
            let compressed = self.fetch(&path, "Accept: text/html, */*\r\nAccept-Encoding: br, gzip\r\n")?;
            if !compressed.starts_with(b"HTTP/1.1 200") {
                return Err(format!("GET {path}: {}", String::from_utf8_lossy(&compressed)).into());
            }
            parts.push(Part { kind, bytes: compressed.len() });
            if kind == "HTML" || kind == "CSS" {
                let named = files_named_in(&self.get(&path)?);
                waiting.extend(named.into_iter().filter(|file| seen.insert(file.clone())));
            }
        }
        Ok(parts)
    }

    /// One request on its own connection; returns all bytes of the response.
    fn fetch(&self, path: &str, headers: &str) -> Outcome<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n", self.address)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// The files of this site that a page or a style sheet references in quotes or in `url()`.
fn files_named_in(text: &str) -> BTreeSet<String> {
    let words = text.split(['"', '\'', '(', ')', ' ', '?']);
    words
        .filter(|word| word.starts_with('/') && !word.starts_with("//") && kind(word) != "HTML")
        .map(str::to_owned)
        .collect()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('/').next().unwrap_or_default().rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "CSS",
        Some("js") => "JS",
        Some("wasm") => "wasm",
        Some("svg" | "png" | "ico" | "webp" | "avif" | "woff2" | "webmanifest") => "pictures and others",
        _ => "HTML",
    }
}

fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
