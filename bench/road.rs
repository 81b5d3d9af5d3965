//! The road of a request: what the panel's layers cost, beside handlers without them.

use std::process::Command;
use std::time::Duration;

use super::arena::{Arena, CHECK, Contenders};
use super::load::{self, Round, Target as Load, alternate, drive, quantile};
use super::postgres::Database;
use super::process::Program;
use super::report::{Report, Target};
use super::{Outcome, add_users};

/// The core of the server. The client has the others.
pub const SERVER_CORE: &str = "0";

/// The number of rounds. Many short rounds: a background program disturbs few of them, and the
/// median ignores those.
const ROUNDS: usize = 21;
pub const ROUND: Duration = Duration::from_millis(250);
const LOGIN_ROUNDS: usize = 9;
pub const CONNECTIONS: usize = 16;

/// Moves this process off the server's core.
pub fn pin_client() -> Outcome<()> {
    let own = std::process::id().to_string();
    Command::new("taskset").args(["-acp", &format!("1-{}", last_core()?), &own]).output()?;
    Ok(())
}

/// The number of the last core, at least 1. This process may have been moved off the first.
fn last_core() -> Outcome<usize> {
    let online = std::fs::read_to_string("/sys/devices/system/cpu/online")?;
    Ok(online.trim().rsplit(['-', ',']).next().unwrap_or_default().parse::<usize>()?.max(1))
}

/// Everything on SQLite.
pub fn sqlite(url: &str, report: &mut Report) -> Outcome<()> {
    let arena = Arena::start(url, SERVER_CORE)?;
    let contenders = &arena.contenders;
    eprintln!("Session checks …");
    checks(contenders, "SQLite", Target::AtLeast(0.4), Target::AtLeast(0.8), report)?;

    eprintln!("Refusals …");
    let panel = Load::get(contenders.panel, CHECK, "").answered_with(401);
    let refuser = Load::get(contenders.refuser, CHECK, "").answered_with(401);
    let [panel, refuser] = in_turn([&panel, &refuser])?;
    report.rate("GET /api/auth/session without a cookie", &panel.rates, "requests/s");
    report.rate("  a bare handler refusing with the same headers", &refuser.rates, "requests/s");
    report.ratio("without a cookie / bare refusal", &panel.rates, &refuser.rates, Target::AtLeast(0.8));
    report.measured("without a cookie, p99 at 16 connections", "ms", &panel.tails, Target::Below(1.0));

    eprintln!("Pages …");
    let accept = format!("{}Accept: text/html\r\n", contenders.cookie);
    let page = Load::get(contenders.panel, "/", &accept);
    let [busy] = in_turn([&page])?;
    report.measured("page `/`, signed in, a second on one core", "", &busy.rates, Target::AtLeast(4000.0));
    let middle = |_| Ok(quantile(&drive(&page, 1, ROUND)?.times, 0.5));
    let middles = (0..ROUNDS).map(middle).collect::<Outcome<Vec<f64>>>()?;
    report.measured("page `/`, p50 at one connection", "ms", &middles, Target::Below(1.0));

    eprintln!("Sign-ins …");
    let ours = || load::login_round(contenders.panel);
    let [ours, theirs] = alternate(LOGIN_ROUNDS, [&ours, &hashes])?;
    report.rate("POST /api/auth/login", &ours, "sign-ins/s");
    report.rate("  the hash alone", &theirs, "hashes/s");
    report.ratio("sign-ins / the hash alone", &ours, &theirs, Target::AtLeast(0.95));
    Ok(())
}

/// The check on PostgreSQL.
pub fn postgres(report: &mut Report) -> Outcome<()> {
    let Some(database) = Database::create("road")? else {
        eprintln!("Not measured: PostgreSQL, because TEST_DATABASE_URL is not set.");
        return Ok(());
    };
    eprintln!("Session checks on PostgreSQL …");
    add_users(&Program::new(&database.url)?)?;
    // What the database does is work for the request, as it is with SQLite. With the client's core in use all the
    // time, it would run beside the one contender more often than beside the other.
    database.pin(SERVER_CORE)?;
    let arena = Arena::start(&database.url, SERVER_CORE)?;
    checks(&arena.contenders, "PostgreSQL", Target::None, Target::AtLeast(0.85), report)?;
    database.pin(&format!("0-{}", last_core()?))
}

fn checks(
    contenders: &Contenders,
    database: &str,
    of_bare: Target,
    of_reader: Target,
    report: &mut Report,
) -> Outcome<()> {
    let contender = |address| Load::get(address, CHECK, &contenders.cookie);
    let targets = [contenders.panel, contenders.bare, contenders.reader].map(contender);
    let [panel, bare, reader] = in_turn(targets.each_ref())?;
    report.rate(&format!("GET /api/auth/session on {database}"), &panel.rates, "requests/s");
    report.rate("  a bare handler answering the same JSON", &bare.rates, "requests/s");
    report.rate("  a handler that opens the cookie and reads the row", &reader.rates, "requests/s");
    report.ratio(&format!("session check / bare handler, {database}"), &panel.rates, &bare.rates, of_bare);
    let what = format!("session check / same cookie, same row, {database}");
    report.ratio(&what, &panel.rates, &reader.rates, of_reader);
    let target = if database == "SQLite" { Target::Below(2.5) } else { Target::None };
    report.ratio(&format!("p99 of the check / of the bare handler, {database}"), &panel.tails, &bare.tails, target);
    Ok(())
}

/// The results of a contender, by round.
struct Results {
    /// Responses per second.
    rates: Vec<f64>,
    /// The 99th percentile of the response times in milliseconds.
    tails: Vec<f64>,
}

fn in_turn<const N: usize>(targets: [&Load; N]) -> Outcome<[Results; N]> {
    let contenders = targets.map(|target| move || drive(target, CONNECTIONS, ROUND));
    let rounds = alternate(ROUNDS, contenders.each_ref().map(|contender| contender as &dyn Fn() -> Outcome<Round>))?;
    Ok(rounds.map(|rounds| Results {
        rates: rounds.iter().map(|round| round.rate).collect(),
        tails: rounds.iter().map(|round| quantile(&round.times, 0.99)).collect(),
    }))
}

/// Hashes per second on the server's core.
fn hashes() -> Outcome<f64> {
    let output =
        Command::new("taskset").args(["-c", SERVER_CORE]).arg(std::env::current_exe()?).arg("hash").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
