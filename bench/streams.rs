//! Open event streams: thousands of real sockets, each with a session of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::process::Program;
use super::{Outcome, seed};

pub const STREAMS: usize = 5_000;

/// Opened before memory is measured, because the first streams pay costs that all share.
const FIRST: usize = 100;

/// The number of files that the client and the server must each be able to open.
pub const FILES: u64 = 5_500;

const PATH: &str = "/api/auth/events";

/// The server's memory per stream, in thousands of bytes; `None` if not enough files can be
/// opened.
pub fn kilobytes_each(database: &str, program: &Program) -> Outcome<Option<f64>> {
    if !can_open() {
        return Ok(None);
    }
    // The sessions of `scale::beside_streams`.
    let cookies = seed::cookies(database, 0..STREAMS)?;
    let server = program.start()?;
    let (first, rest) = cookies.split_at(FIRST);
    let mut open = Vec::with_capacity(cookies.len());
    for cookie in first {
        open.push(listen(server.address, cookie)?);
    }
    std::thread::sleep(Duration::from_secs(2));
    let before = server.memory()?;
    for cookie in rest {
        open.push(listen(server.address, cookie)?);
    }
    std::thread::sleep(Duration::from_secs(2));
    let each = (server.memory()? - before) * 1000.0 / rest.len() as f64;
    // Keeps the streams open until here.
    drop(open);
    Ok(Some(each))
}

/// Raises the limit on open files as far as needed. Returns whether it suffices.
pub fn can_open() -> bool {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let enough = maximum.is_none_or(|maximum| maximum >= FILES);
    enough && setrlimit(Resource::Nofile, Rlimit { current: maximum.or(Some(FILES)), maximum }).is_ok()
}

/// A stream for each cookie.
pub fn open_all(address: SocketAddr, cookies: &[String]) -> Outcome<Vec<TcpStream>> {
    match can_open() {
        true => cookies.iter().map(|cookie| listen(address, cookie)).collect(),
        false => Err(format!("this needs {FILES} open files; see `ulimit -Hn`").into()),
    }
}

/// Opens a stream with the headers of a browser, and reads its first bytes.
fn listen(address: SocketAddr, cookie: &str) -> Outcome<TcpStream> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET {PATH} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\nCache-Control: no-cache\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0\r\nAccept-Language: tr,en;q=0.5\r\n\
         Accept-Encoding: gzip, deflate, br\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n\
         {cookie}\r\n"
    )?;
    let (mut answer, mut part) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&answer).contains("retry: ") {
        match stream.read(&mut part)? {
            0 => return Err(format!("GET {PATH}: {}", String::from_utf8_lossy(&answer)).into()),
            read => answer.extend_from_slice(&part[..read]),
        }
    }
    Ok(stream)
}
