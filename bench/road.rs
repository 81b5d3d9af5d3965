//! The road of a request: what the panel's layers cost, beside handlers without them.

use std::process::Command;
use std::time::Duration;

use super::arena::{Arena, CHECK, Contenders};
use super::load::{self, Target as Load, alternate, latencies, quantile, rate};
use super::postgres::Database;
use super::process::Program;
use super::report::{Report, Target};
use super::{Outcome, add_users};

/// The core of the server. The client has the others.
const SERVER_CORE: &str = "0";

/// The number of rounds. Many short rounds: a background program disturbs few of them, and the
/// median ignores those.
const ROUNDS: usize = 21;
const ROUND: Duration = Duration::from_millis(250);
const LOGIN_ROUNDS: usize = 9;
const CONNECTIONS: usize = 16;

/// Moves this process off the server's core.
pub fn pin_client() -> Outcome<()> {
    let last = std::thread::available_parallelism()?.get() - 1;
    let own = std::process::id().to_string();
    Command::new("taskset").args(["-acp", &format!("1-{}", last.max(1)), &own]).output()?;
    Ok(())
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
    compare("check without a cookie", "same answer, bare", &panel, &refuser, Target::AtLeast(0.8), report)?;
    let [ours] = tails([&panel])?;
    report.measured("check without a cookie, p99 at 16 connections", "ms", &ours, Target::Below(1.0));

    eprintln!("Pages …");
    let accept = format!("{}Accept: text/html\r\n", contenders.cookie);
    let page = Load::get(contenders.panel, "/", &accept);
    let [rates] = alternate(ROUNDS, [&|| rate(&page, CONNECTIONS, ROUND)])?;
    report.measured("page `/`, signed in, a second on one core", "", &rates, Target::AtLeast(4000.0));
    let middle = |_| Ok(quantile(&latencies(&page, 1, ROUND)?, 0.5));
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
    let Some(database) = Database::create()? else {
        eprintln!("Not measured: PostgreSQL, because TEST_DATABASE_URL is not set.");
        return Ok(());
    };
    eprintln!("Session checks on PostgreSQL …");
    add_users(&Program::new(&database.url)?)?;
    let arena = Arena::start(&database.url, SERVER_CORE)?;
    checks(&arena.contenders, "PostgreSQL", Target::None, Target::AtLeast(0.85), report)
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
    let [panel, bare, reader] = targets.each_ref().map(|target| || rate(target, CONNECTIONS, ROUND));
    let [panel, bare, reader] = alternate(ROUNDS, [&panel, &bare, &reader])?;
    report.rate(&format!("GET /api/auth/session on {database}"), &panel, "requests/s");
    report.rate("  a bare handler answering the same JSON", &bare, "requests/s");
    report.rate("  a handler that opens the cookie and reads the row", &reader, "requests/s");
    report.ratio(&format!("session check / bare handler, {database}"), &panel, &bare, of_bare);
    report.ratio(&format!("session check / same cookie, same row, {database}"), &panel, &reader, of_reader);
    let [panel, bare, _] = &targets;
    let [ours, theirs] = tails([panel, bare])?;
    report.rate("  its p99 at 16 connections, in µs", &ours.iter().map(|ms| ms * 1000.0).collect::<Vec<_>>(), "µs");
    let target = if database == "SQLite" { Target::Below(2.5) } else { Target::None };
    report.ratio(&format!("p99 of the check / of the bare handler, {database}"), &ours, &theirs, target);
    Ok(())
}

fn compare(ours: &str, theirs: &str, panel: &Load, other: &Load, target: Target, report: &mut Report) -> Outcome<()> {
    let [panel, other] = [panel, other].map(|load| || rate(load, CONNECTIONS, ROUND));
    let [panel, other] = alternate(ROUNDS, [&panel, &other])?;
    report.rate(ours, &panel, "requests/s");
    report.rate(&format!("  {theirs}"), &other, "requests/s");
    report.ratio(&format!("{ours} / {theirs}"), &panel, &other, target);
    Ok(())
}

/// The 99th percentile of the response times in milliseconds, by round.
fn tails<const N: usize>(targets: [&Load; N]) -> Outcome<[Vec<f64>; N]> {
    let tails = targets.map(|target| move || Ok(quantile(&latencies(target, CONNECTIONS, ROUND)?, 0.99)));
    alternate(ROUNDS, tails.each_ref().map(|tail| tail as &dyn Fn() -> Outcome<f64>))
}

/// Hashes per second on the server's core.
fn hashes() -> Outcome<f64> {
    let output =
        Command::new("taskset").args(["-c", SERVER_CORE]).arg(std::env::current_exe()?).arg("hash").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
