//! A minimal HTTP/1.1 client: one connection, one request at a time. It does little work,
//! because it should never be slower than the server.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Outcome;

pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Where the last response's head and body ended.
    shape: (usize, usize),
}

/// A response, which stays in the connection's buffer until the next request.
pub struct Answer<'a> {
    pub status: u16,
    pub head: &'a str,
    pub body: &'a [u8],
}

impl Answer<'_> {
    /// Fails unless the response has this status.
    pub fn expect(&self, status: u16) -> Outcome<()> {
        match self.status == status {
            true => Ok(()),
            false => Err(format!("{}{}", self.head, String::from_utf8_lossy(self.body)).into()),
        }
    }

    /// The value of a cookie that this response sets.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let mut set = self.head.split("\r\n").filter_map(|line| line.strip_prefix("set-cookie: "));
        set.find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('=')?.split(';').next())
    }
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Outcome<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(64 * 1024), shape: (0, 0) })
    }

    /// Sends a request and reads its whole response, which must have a length or be chunked.
    pub async fn exchange(&mut self, request: &[u8]) -> Outcome<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        self.read().await?;
        // The next response usually has the same lengths as the last. Then nothing is searched,
        // because searching a long head would cost the contender that sends it.
        let (head, end) = self.shape;
        if self.buffer.len() != end || !self.buffer[..head].ends_with(b"\r\n\r\n") {
            self.shape = self.read_to_end().await?;
        }
        let (head, end) = self.shape;
        let text = std::str::from_utf8(&self.buffer[..head])?;
        let status = text.get(9..12).unwrap_or_default().parse()?;
        Ok(Answer { status, head: text, body: &self.buffer[head..end] })
    }

    /// Reads the rest of a response, and returns where its head and its body end.
    async fn read_to_end(&mut self) -> Outcome<(usize, usize)> {
        let head = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.read().await?;
        };
        let text = std::str::from_utf8(&self.buffer[..head])?;
        let length = text
            .split("\r\n")
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(str::parse::<usize>)
            .transpose()?;
        let end = match length {
            Some(length) => head + length,
            None if text.contains("transfer-encoding: chunked") => {
                while !self.buffer.ends_with(b"0\r\n\r\n") {
                    self.read().await?;
                }
                self.buffer.len()
            }
            None => return Err("an answer without a length".into()),
        };
        while self.buffer.len() < end {
            self.read().await?;
        }
        Ok((head, end))
    }

    async fn read(&mut self) -> Outcome<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the server closed the connection".into()),
            _ => Ok(()),
        }
    }
}

/// A connection of a client that never sleeps, so that the server never has to wake it. All
/// responses have the same length.
pub struct Polled {
    stream: std::net::TcpStream,
    buffer: Vec<u8>,
    read: usize,
    /// The length of a response, once one was read.
    length: usize,
}

impl Polled {
    pub fn open(address: SocketAddr) -> Outcome<Polled> {
        let stream = std::net::TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Polled { stream, buffer: vec![0; 256 * 1024], read: 0, length: 0 })
    }

    pub fn send(&mut self, request: &[u8]) -> Outcome<()> {
        self.read = 0;
        Ok(self.stream.write_all(request)?)
    }

    /// Reads what has arrived. Returns whether the response is complete; it must have this status.
    pub fn poll(&mut self, status: u16) -> Outcome<bool> {
        let end = if self.length == 0 { self.buffer.len() } else { self.length };
        match self.stream.read(&mut self.buffer[self.read..end]) {
            Ok(0) => return Err("the server closed the connection".into()),
            Ok(more) => self.read += more,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        if self.length == 0 {
            let whole = whole_length(&self.buffer[..self.read])?;
            self.length = whole.filter(|length| *length == self.read).unwrap_or(0);
        }
        if self.length == 0 || self.read < self.length {
            return Ok(false);
        }
        match self.buffer[9..12] == *status.to_string().as_bytes() {
            true => Ok(true),
            false => Err(String::from_utf8_lossy(&self.buffer[..self.read]).into_owned().into()),
        }
    }
}

/// The length of the response that starts here, once its head is complete.
fn whole_length(text: &[u8]) -> Outcome<Option<usize>> {
    let Some(head) = find(text, b"\r\n\r\n").map(|at| at + 4) else { return Ok(None) };
    let lines = std::str::from_utf8(&text[..head])?;
    if lines.contains("transfer-encoding: chunked") {
        return Ok(text.ends_with(b"\r\n0\r\n\r\n").then_some(text.len()));
    }
    let lines = lines.split("\r\n");
    let mut lengths = lines.filter_map(|line| line.strip_prefix("content-length: "));
    let length = lengths.next().ok_or("a response without a length")?.parse::<usize>()?;
    Ok(Some(head + length))
}

pub fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// A GET with additional headers, each line ending with CR LF.
pub fn get(address: SocketAddr, path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n").into_bytes()
}

/// A sign-in as the previous client sends it. A request without a session can use the same
/// token repeatedly.
pub async fn login(address: SocketAddr, email: &str, password: &str) -> Outcome<Vec<u8>> {
    let mut connection = Connection::open(address).await?;
    let answer = connection.exchange(&get(address, "/api/csrf", "")).await?;
    let token = answer.cookie("csrf-token").ok_or("GET /api/csrf set no csrf-token")?;
    let body = serde_json::json!({ "email": email, "password": password }).to_string();
    let head = format!(
        "POST /api/auth/login HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: csrf-token={token}\r\n\
         x-csrf-token: {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Ok((head + &body).into_bytes())
}
