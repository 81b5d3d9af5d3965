//! The administrator's desk with much in it: 100,000 people, a million sessions, half a million
//! records. Every page and list, searches included, and an act on 10,000 people beside sign-ins.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::arena::Arena;
use super::http::{self, Connection};
use super::load::quantile;
use super::postgres::Database;
use super::process::Program;
use super::report::{Report, Target};
use super::road::SERVER_CORE;
use super::{Outcome, PASSWORD, add_users, crowd, email, seed};

const SESSIONS: usize = 1_000_000;

/// How often each address is asked for.
const ASKED: usize = 40;

/// How many people the act touches.
const TOUCHED: usize = 10_000;

/// The pages and lists. `{n}` becomes another number at each request.
const ADDRESSES: [&str; 38] = [
    "/",
    "/users",
    "/users?q=yilmaz",
    "/users?q=ayse+kaya",
    "/users?q=kimse+yok",
    "/users?q=person+{n}",
    "/users?role=viewer&sort=-lastActive",
    "/users?state=invited&sort=createdAt",
    "/users?state=locked",
    "/users?label=Ankara&sort=-createdAt",
    "/users?lastActive=90",
    "/users?lastActive=never&q=demir",
    "/users?everybody=true",
    "/users?everybody=true&label=Ankara",
    "/users/new",
    "/users/00000000-0000-7000-8000-{n}",
    "/roles",
    "/sessions",
    "/sessions?q=zeynep",
    "/sessions?q=kimse+yok",
    "/sessions?address=192.0.2.7",
    "/sessions?user=00000000-0000-7000-8000-{n}&ended=true",
    "/sessions?everybody=true",
    "/sessions?everybody=true&address=192.0.2.7",
    "/sessions?everybody=true&q=zeynep+kaya",
    "/lockouts",
    "/lockouts?q=guess",
    "/audit",
    "/audit?actor=fatma",
    "/audit?target=00000000-0000-7000-8000-{n}",
    "/audit?action=user_changed&result=failure",
    "/audit?address=198.51.100.7&from=2020-01-01",
    "/settings",
    "/api/users?q=isil&limit=200",
    "/api/sessions?limit=200",
    "/api/audit?limit=200",
    "/api/lockouts",
    "/api/roles",
];

/// On SQLite, and on PostgreSQL if there is one.
pub fn desk(folder: &Path, report: &mut Report) -> Outcome<()> {
    fill_and_measure("SQLite", &format!("sqlite:{}/desk.db", folder.display()), report)?;
    match Database::create("desk")? {
        Some(database) => fill_and_measure("PostgreSQL", &database.url, report),
        None => Ok(()),
    }
}

/// Fills an empty database: people, sessions and records.
pub fn fill(database: &str) -> Outcome<()> {
    add_users(&Program::new(database)?)?;
    seed::sessions(database, SESSIONS, chrono::Utc::now().timestamp_millis())?;
    crowd::fill(database, SESSIONS / seed::EACH)?;
    std::process::Command::new("sync").status()?;
    Ok(())
}

fn fill_and_measure(name: &str, database: &str, report: &mut Report) -> Outcome<()> {
    eprintln!("Filling {name} …");
    fill(database)?;
    measure(name, database, report)
}

/// Measures a database that is filled.
pub fn measure(name: &str, database: &str, report: &mut Report) -> Outcome<()> {
    eprintln!("The desk on {name} …");
    let arena = Arena::start(database, SERVER_CORE)?;
    arena.wait_until_idle()?;
    let (address, cookie) = (arena.contenders.panel, arena.contenders.cookie.clone());
    let mut slowest = (0.0, "");
    for asked in ADDRESSES {
        let times = seed::block_on(ask(address, asked, &cookie))?;
        let p95 = quantile(&times, 0.95);
        eprintln!("  {p95:>7.1} ms  {asked}");
        if p95 > slowest.0 {
            slowest = (p95, asked);
        }
    }
    let what = format!("desk on {name}: slowest of {} addresses ({}), p95", ADDRESSES.len(), slowest.1);
    report.measured(&what, "ms", &[slowest.0], Target::Below(50.0));
    act(name, address, &cookie, report)
}

/// The times of an address in milliseconds, sorted.
async fn ask(address: SocketAddr, path: &str, cookie: &str) -> Outcome<Vec<f64>> {
    let mut connection = Connection::open(address).await?;
    let accept = if path.starts_with("/api/") { "" } else { "Accept: text/html\r\n" };
    let mut times = Vec::with_capacity(ASKED);
    for number in 0..ASKED {
        let path = path.replace("{n}", &format!("{:012}", number * 977));
        let request = http::get(address, &path, &format!("{cookie}{accept}"));
        let sent = Instant::now();
        connection.exchange(&request).await?.expect(200)?;
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Labels 10,000 people while somebody else signs in again and again.
fn act(name: &str, address: SocketAddr, cookie: &str, report: &mut Report) -> Outcome<()> {
    let alone = seed::block_on(sign_ins(address, async || {
        tokio::time::sleep(Duration::from_secs(3)).await;
        Ok(())
    }))?;
    let start = Instant::now();
    let beside = seed::block_on(sign_ins(address, async || label(address, cookie).await))?;
    let took = start.elapsed().as_secs_f64();
    report.measured(&format!("  labels for {TOUCHED} people on {name}"), "s", &[took], Target::Below(20.0));
    report.measured(&format!("  longest sign-in alone on {name}"), "ms", &[quantile(&alone, 1.0)], Target::None);
    report.measured("  longest sign-in beside the labels", "ms", &[quantile(&beside, 1.0)], Target::Below(250.0));
    Ok(())
}

/// Signs in one after the other until the work is done. Returns the times in milliseconds, sorted.
async fn sign_ins(address: SocketAddr, work: impl AsyncFnOnce() -> Outcome<()>) -> Outcome<Vec<f64>> {
    let request = http::login(address, &email(0), PASSWORD).await?;
    let mut connection = Connection::open(address).await?;
    let mut times = Vec::new();
    let work = work();
    tokio::pin!(work);
    loop {
        let sent = Instant::now();
        tokio::select! {
            biased;
            done = &mut work => break done?,
            answer = connection.exchange(&request) => answer?.expect(200)?,
        }
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Begins the job, and waits until it is done.
async fn label(address: SocketAddr, cookie: &str) -> Outcome<()> {
    let mut connection = Connection::open(address).await?;
    let answer = connection.exchange(&http::get(address, "/api/csrf", cookie)).await?;
    let token = answer.cookie("csrf-token").ok_or("GET /api/csrf set no csrf-token")?.to_owned();
    let session = cookie.trim_end().trim_start_matches("Cookie: ");
    let body = format!(r#"{{"filter":{{"label":"Ankara"}},"expected":{TOUCHED},"addLabels":["Bursa"]}}"#);
    let head = format!(
        "POST /api/users/assign HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nCookie: {session}; csrf-token={token}\r\n\
         x-csrf-token: {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = connection.exchange((head + &body).as_bytes()).await?;
    answer.expect(202)?;
    let begun: Value = serde_json::from_slice(answer.body)?;
    let id = begun["data"]["job"]["id"].as_str().ok_or("no job")?.to_owned();
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let answer = connection.exchange(&http::get(address, &format!("/api/jobs/{id}"), cookie)).await?;
        let job: Value = serde_json::from_slice(answer.body)?;
        match job["data"]["state"].as_str() {
            Some("running") => {}
            Some("done") if job["data"]["done"] == TOUCHED => return Ok(()),
            _ => return Err(format!("the job ended otherwise: {job}").into()),
        }
    }
}
