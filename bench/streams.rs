//! Open event streams: thousands of real sockets, each with a session of its own.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use kafkasder_panel::server::cookie::seal;
use kafkasder_panel::server::db::On;
use kafkasder_panel::server::sessions::cookie::SessionClaim;
use kafkasder_panel::server::sessions::hash;
use kafkasder_panel::server::state::AppState;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::process::Program;
use super::{Outcome, arena};

const STREAMS: usize = 5_000;

/// Opened before memory is measured, because the first streams pay costs that all share.
const FIRST: usize = 100;

/// The number of files that the client and the server must each be able to open.
pub const FILES: u64 = 5_500;

const PATH: &str = "/api/auth/events";

/// The server's memory per stream, in thousands of bytes; `None` if not enough files can be
/// opened.
pub fn kilobytes_each(folder: &Path, program: &Program) -> Outcome<Option<f64>> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    if maximum.is_some_and(|maximum| maximum < FILES) {
        return Ok(None);
    }
    setrlimit(Resource::Nofile, Rlimit { current: maximum.or(Some(FILES)), maximum })?;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let cookies = runtime.block_on(sessions(folder))?;
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

/// Cookies of this many sessions, written into the database as signing in would.
async fn sessions(folder: &Path) -> Outcome<Vec<String>> {
    let url = format!("sqlite:{}/panel.db", folder.display());
    let panel = arena::open_panel(&url, SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let On::Sqlite(pool) = panel.db.writer() else { return Err("the bench is on SQLite".into()) };
    let now = panel.clock.now();
    let (user_id,): (String,) = sqlx::query_as("SELECT id FROM users ORDER BY email LIMIT 1").fetch_one(pool).await?;
    let mut cookies = Vec::with_capacity(STREAMS);
    let mut tx = pool.begin().await?;
    for number in 0..STREAMS {
        let id = format!("session_{number:043}");
        let insert = "INSERT INTO sessions (handle, id_hash, user_id, remembered, started_at, last_seen_at, id_used_at, proved_at,
                                            expires_at, address, user_agent, rights)
                      SELECT $1, $2, id, TRUE, $4, $4, $4, $4, $4 + 86400000, '127.0.0.1', '', role || ' ' || permissions FROM users WHERE id = $3";
        let insert = sqlx::query(insert).bind(format!("sid_{number:022}")).bind(hash(&id).to_vec());
        insert.bind(&user_id).bind(now).execute(&mut *tx).await?;
        cookies.push(sealed(&panel, id, &user_id)?);
    }
    tx.commit().await?;
    panel.db.close().await;
    Ok(cookies)
}

fn sealed(panel: &AppState, session_id: String, user_id: &str) -> Outcome<String> {
    let claim = SessionClaim {
        session_id: session_id.into(),
        user_id: user_id.to_owned(),
        expire: "2100-01-01T00:00:00.000Z".to_owned(),
    };
    let name = panel.cookies.session;
    Ok(format!("{name}={}", seal(name, &panel.keys.newest().session, &claim)?))
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
         Cookie: {cookie}\r\n\r\n"
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
