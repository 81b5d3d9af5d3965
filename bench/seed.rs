//! Fills a database with sessions, and seals cookies for some of them.

use std::net::SocketAddr;

use kafkasder_panel::server::cookie::seal;
use kafkasder_panel::server::sessions::cookie::SessionClaim;
use kafkasder_panel::server::sessions::hash;
use kafkasder_panel::server::state::AppState;
use sqlx::{Connection, PgConnection};

use super::{Outcome, arena};

/// The columns of a seeded session.
const COLUMNS: &str =
    "handle, id_hash, user_id, remembered, started_at, last_seen_at, id_used_at, proved_at, expires_at,
                       address, user_agent, rights";

const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

/// The most rows that PostgreSQL gets at once.
const CHUNK: usize = 20_000;

/// The id of a seeded session.
pub fn id(number: usize) -> String {
    format!("session_{number:043}")
}

/// The handle of a seeded session.
pub fn handle(number: usize) -> String {
    format!("sid_{number:022}")
}

/// Remembered sessions of the first user, last seen at `seen`, numbered from 0.
pub fn sessions(database: &str, user_id: &str, count: usize, seen: i64) -> Outcome<()> {
    match database.strip_prefix("sqlite:") {
        Some(file) => sqlite(file, user_id, count, seen),
        None => block_on(postgres(database, user_id, count, seen)),
    }
}

fn sqlite(file: &str, user_id: &str, count: usize, seen: i64) -> Outcome<()> {
    let mut connection = rusqlite::Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous = OFF")?;
    let tx = connection.transaction()?;
    let mut insert = tx.prepare(&format!(
        "INSERT INTO sessions ({COLUMNS})
         SELECT $1, $2, id, TRUE, $4, $4, $4, $4, $4 + 2592000000, '192.0.2.7', $5, role || ' ' || permissions
         FROM users WHERE id = $3"
    ))?;
    for number in 0..count {
        insert.execute(rusqlite::params![handle(number), hash(&id(number)), user_id, seen, USER_AGENT])?;
    }
    drop(insert);
    tx.commit()?;
    Ok(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); ANALYZE")?)
}

async fn postgres(url: &str, user_id: &str, count: usize, seen: i64) -> Outcome<()> {
    let mut connection = PgConnection::connect(url).await?;
    let insert = format!(
        "INSERT INTO sessions ({COLUMNS})
         SELECT s.handle, s.id_hash, u.id, TRUE, $4, $4, $4, $4, $4 + 2592000000, '192.0.2.7', $5, u.role || ' ' || u.permissions
         FROM users u, unnest($1::text[], $2::bytea[]) AS s (handle, id_hash) WHERE u.id = $3"
    );
    for first in (0..count).step_by(CHUNK) {
        let numbers = first..count.min(first + CHUNK);
        let handles: Vec<String> = numbers.clone().map(handle).collect();
        let hashes: Vec<Vec<u8>> = numbers.map(|number| hash(&id(number)).to_vec()).collect();
        let insert = sqlx::query(sqlx::AssertSqlSafe(insert.as_str())).bind(handles).bind(hashes);
        insert.bind(user_id).bind(seen).bind(USER_AGENT).execute(&mut connection).await?;
    }
    sqlx::query("ANALYZE").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// The `Cookie` header lines of seeded sessions.
pub fn cookies(database: &str, user_id: &str, numbers: impl Iterator<Item = usize>) -> Outcome<Vec<String>> {
    let panel = block_on(arena::open_panel(database, SocketAddr::from(([127, 0, 0, 1], 0))))?;
    numbers.map(|number| Ok(format!("Cookie: {}\r\n", sealed(&panel, number, user_id)?))).collect()
}

fn sealed(panel: &AppState, number: usize, user_id: &str) -> Outcome<String> {
    let name = panel.cookies.session;
    Ok(format!("{name}={}", seal(name, &panel.keys.newest().session, &claim(number, user_id))?))
}

/// The payload of a seeded session's cookie.
pub fn claim(number: usize, user_id: &str) -> SessionClaim {
    SessionClaim {
        session_id: id(number).into(),
        user_id: user_id.to_owned(),
        expire: "2100-01-01T00:00:00.000Z".to_owned(),
    }
}

/// The id of the first user.
pub fn first_user(database: &str) -> Outcome<String> {
    const FIRST: &str = "SELECT id FROM users ORDER BY email LIMIT 1";
    match database.strip_prefix("sqlite:") {
        Some(file) => Ok(rusqlite::Connection::open(file)?.query_row(FIRST, [], |row| row.get(0))?),
        None => block_on(async {
            let mut connection = PgConnection::connect(database).await?;
            Ok(sqlx::query_scalar(FIRST).fetch_one(&mut connection).await?)
        }),
    }
}

/// Runs asynchronous work in this thread.
pub fn block_on<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
