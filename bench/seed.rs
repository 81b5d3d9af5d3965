//! Fills a database with sessions, and seals cookies for some of them.

use std::net::SocketAddr;

use kafkasder_panel::server::cookie::seal;
use kafkasder_panel::server::db::sessions::id_key;
use kafkasder_panel::server::sessions::cookie::SessionClaim;
use kafkasder_panel::server::sessions::hash;
use kafkasder_panel::server::state::AppState;
use sqlx::{Connection, PgConnection};

use super::{Outcome, arena};

/// How many sessions each seeded user has.
pub const EACH: usize = 10;

/// The columns of a seeded session.
const COLUMNS: &str =
    "handle, id_key, id_hash, user_id, remembered, started_at, last_seen_at, id_used_at, proved_at, expires_at,
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

/// The user of a seeded session.
pub fn user(number: usize) -> String {
    format!("00000000-0000-7000-8000-{:012}", number / EACH)
}

/// Inserts a user. Each has the same rights.
fn insert_user(id: &str) -> String {
    format!(
        "INSERT INTO users (id, email, name, role, permissions, is_active, labels, created_at, updated_at, version)
         VALUES ('{id}', '{id}@example.org', 'Somebody', 'staff', '[]', TRUE, '[]', 0, 0, 1)"
    )
}

/// Remembered sessions, last seen at `seen`, numbered from 0, and their users. Each started a millisecond
/// before the one with the next lower number, at one of 250 addresses.
pub fn sessions(database: &str, count: usize, seen: i64) -> Outcome<()> {
    match database.strip_prefix("sqlite:") {
        Some(file) => sqlite(file, count, seen),
        None => block_on(postgres(database, count, seen)),
    }
}

fn sqlite(file: &str, count: usize, seen: i64) -> Outcome<()> {
    let mut connection = rusqlite::Connection::open(file)?;
    // Rows of `sessions` lie at random places, so their pages have to fit.
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -1048576")?;
    let tx = connection.transaction()?;
    for number in (0..count).step_by(EACH) {
        tx.execute_batch(&insert_user(&user(number)))?;
    }
    let mut insert = tx.prepare(&format!(
        "INSERT INTO sessions ({COLUMNS})
         SELECT ?1, ?7, ?2, id, TRUE, ?4 - ?6, ?4, ?4, ?4, ?4 + 2592000000, '192.0.2.' || (?6 % 250), ?5, role || ' ' || permissions || ' [\"messages:access\"]'
         FROM users WHERE id = ?3"
    ))?;
    for number in 0..count {
        insert.execute(rusqlite::params![
            handle(number),
            hash(&id(number)),
            user(number),
            seen,
            USER_AGENT,
            i64::try_from(number)?,
            id_key(&hash(&id(number)))
        ])?;
    }
    drop(insert);
    tx.commit()?;
    Ok(connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); ANALYZE")?)
}

async fn postgres(url: &str, count: usize, seen: i64) -> Outcome<()> {
    let mut connection = PgConnection::connect(url).await?;
    let insert = format!(
        "INSERT INTO sessions ({COLUMNS})
         SELECT s.handle, s.id_key, s.id_hash, u.id, TRUE, $4 - s.number, $4, $4, $4, $4 + 2592000000, '192.0.2.' || (s.number % 250), $5, u.role || ' ' || u.permissions || ' [\"messages:access\"]'
         FROM unnest($1::text[], $2::bytea[], $3::text[], $6::bigint[], $7::bigint[]) AS s (handle, id_hash, user_id, number, id_key) JOIN users u ON u.id = s.user_id"
    );
    for first in (0..count).step_by(CHUNK) {
        let numbers = first..count.min(first + CHUNK);
        let handles: Vec<String> = numbers.clone().map(handle).collect();
        let hashes: Vec<Vec<u8>> = numbers.clone().map(|number| hash(&id(number)).to_vec()).collect();
        let keys: Vec<i64> = hashes.iter().map(|id_hash| id_key(id_hash)).collect();
        let users: Vec<String> = numbers.clone().map(user).collect();
        let added: Vec<String> = numbers.step_by(EACH).map(|number| insert_user(&user(number))).collect();
        sqlx::raw_sql(sqlx::AssertSqlSafe(added.join(";"))).execute(&mut connection).await?;
        let insert = sqlx::query(sqlx::AssertSqlSafe(insert.as_str())).bind(handles).bind(hashes);
        let started: Vec<i64> = (first..count.min(first + CHUNK)).map(|number| number as i64).collect();
        insert.bind(users).bind(seen).bind(USER_AGENT).bind(started).bind(keys).execute(&mut connection).await?;
    }
    sqlx::query("ANALYZE").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// The `Cookie` header lines of seeded sessions.
pub fn cookies(database: &str, numbers: impl Iterator<Item = usize>) -> Outcome<Vec<String>> {
    let panel = block_on(arena::open_panel(database, SocketAddr::from(([127, 0, 0, 1], 0))))?;
    numbers.map(|number| Ok(format!("Cookie: {}\r\n", sealed(&panel, number)?))).collect()
}

fn sealed(panel: &AppState, number: usize) -> Outcome<String> {
    let name = panel.cookies.session;
    Ok(format!("{name}={}", seal(name, &panel.keys.newest().session, &claim(number))?))
}

/// The payload of a seeded session's cookie.
pub fn claim(number: usize) -> SessionClaim {
    SessionClaim { session_id: id(number).into(), user_id: user(number), expire: "2100-01-01T00:00:00.000Z".to_owned() }
}

/// Runs asynchronous work in this thread.
pub fn block_on<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}
