//! What stays the same when there is much: a million sessions, thousands of streams, two cores, a
//! hundred thousand active people, and sign-ins beside checks.

use std::path::Path;
use std::time::{Duration, Instant};

use kafkasder_panel::server::sessions::check::Session;
use kafkasder_panel::server::sessions::{hash, rotate};
use kafkasder_panel::server::state::AppState;

use super::arena::{Arena, CHECK};
use super::load::{self, Round, Target as Load, alternate, drive, quantile};
use super::postgres::Database;
use super::process::Program;
use super::report::{Report, Target};
use super::road::{CONNECTIONS, ROUND, SERVER_CORE};
use super::{Outcome, add_users, arena, http, seed, streams};

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;

/// The sessions that are checked in turn.
const CHECKED: usize = 20_000;

const ROUNDS: usize = 11;

/// Long enough to check each of [`CHECKED`] sessions.
const WARM_UP: Duration = Duration::from_secs(5);

/// The connections that keep two cores busy.
const BUSY: usize = 64;

/// The people who are active at the same time. Each one's activity is written once a minute, and
/// the id of each session is rotated every 15 minutes.
const ACTIVE: u32 = 100_000;

/// The part of an hour that is simulated: at its real rate, and faster.
const SLICE: Duration = Duration::from_secs(15);
const FASTER: u32 = 4;

/// Checks of random sessions with a thousand and with a million of them.
pub fn many_sessions(folder: &Path, report: &mut Report) -> Outcome<()> {
    let sqlite = |name: &str| format!("sqlite:{}/{name}.db", folder.display());
    compare("SQLite", [&sqlite("few"), &sqlite("many")], report)?;
    // One after the other, because both have the name of this process.
    let Some(few) = Database::create("few")? else { return Ok(()) };
    let Some(many) = Database::create("many")? else { return Ok(()) };
    compare("PostgreSQL", [&few.url, &many.url], report)
}

fn compare(name: &str, databases: [&str; 2], report: &mut Report) -> Outcome<()> {
    eprintln!("A million sessions on {name} …");
    let mut arenas = Vec::new();
    for (database, count) in databases.into_iter().zip([FEW, MANY]) {
        add_users(&Program::new(database)?)?;
        seed::sessions(database, count, chrono::Utc::now().timestamp_millis())?;
        // A fixed stride through all sessions, so that neighbours are checked far apart.
        let numbers = (0..CHECKED).map(|number| number * 7919 % count);
        let cookies = seed::cookies(database, numbers)?;
        // Otherwise the system would write the seeds to the disk during the measurement.
        std::process::Command::new("sync").status()?;
        let arena = Arena::start(database, SERVER_CORE)?;
        arena.wait_until_idle()?;
        let address = arena.contenders.panel;
        let requests = cookies.iter().map(|cookie| http::get(address, CHECK, cookie).into()).collect();
        arenas.push((Load::any(address, requests), arena));
    }
    // The first check of a session in a minute writes its activity. Of the sessions in turn there are twenty times
    // as many in the one database as in the other, so all are checked once before.
    for (load, _) in &arenas {
        drive(load, CONNECTIONS, WARM_UP)?;
    }
    let [few, many] = [&arenas[0].0, &arenas[1].0].map(|load| move || drive(load, CONNECTIONS, ROUND));
    let [few, many] = alternate(ROUNDS, [&few as &dyn Fn() -> Outcome<Round>, &many])?;
    let rates = |rounds: Vec<Round>| rounds.iter().map(|round| round.rate).collect::<Vec<_>>();
    let (few, many) = (rates(few), rates(many));
    report.rate(&format!("checks of {FEW} sessions, {name}"), &few, "requests/s");
    report.rate(&format!("  of {MANY} sessions"), &many, "requests/s");
    report.ratio(
        &format!("cost of a check with {MANY} sessions / with {FEW}, {name}"),
        &few,
        &many,
        Target::Below(1.15),
    );
    Ok(())
}

/// The CPU time of a check with all workers on two cores, compared with one.
pub fn two_cores(database: &str, report: &mut Report) -> Outcome<()> {
    eprintln!("Two cores …");
    let arenas = [Arena::start(database, SERVER_CORE)?, Arena::start(database, "0-1")?];
    let loads = arenas.each_ref().map(|arena| Load::get(arena.contenders.panel, CHECK, &arena.contenders.cookie));
    let cost = |index: usize| {
        let (arena, load) = (&arenas[index], &loads[index]);
        move || {
            let before = arena.cpu_seconds()?;
            // Longer, because the system counts CPU time in steps of 10 ms.
            let round = drive(load, BUSY, 4 * ROUND)?;
            Ok((arena.cpu_seconds()? - before) * 1e6 / round.times.len() as f64)
        }
    };
    let (one, two) = (cost(0), cost(1));
    let [one, two] = alternate(7, [&one as &dyn Fn() -> Outcome<f64>, &two])?;
    report.measured("CPU time of a check on one core", "µs", &one, Target::None);
    report.ratio("CPU time of a check on two cores / on one", &two, &one, Target::Below(1.2));
    Ok(())
}

/// Checks while thousands of streams are open.
pub fn beside_streams(database: &str, report: &mut Report) -> Outcome<()> {
    eprintln!("Checks beside streams …");
    seed::sessions(database, streams::STREAMS, chrono::Utc::now().timestamp_millis())?;
    let cookies = seed::cookies(database, 0..streams::STREAMS)?;
    let arena = Arena::start(database, SERVER_CORE)?;
    let load = Load::get(arena.contenders.panel, CHECK, &arena.contenders.cookie);
    let rates = || (0..ROUNDS).map(|_| Ok(drive(&load, CONNECTIONS, ROUND)?.rate)).collect::<Outcome<Vec<f64>>>();
    rates()?;
    let without = rates()?;
    let open = streams::open_all(arena.contenders.panel, &cookies)?;
    std::thread::sleep(Duration::from_secs(1));
    let with = rates()?;
    drop(open);
    report.ratio("checks beside 5,000 open streams / without", &with, &without, Target::AtLeast(0.95));
    Ok(())
}

/// Sign-ins and checks at the same time.
pub fn side_by_side(database: &str, report: &mut Report) -> Outcome<()> {
    eprintln!("Sign-ins beside checks …");
    let arena = Arena::start(database, SERVER_CORE)?;
    let address = arena.contenders.panel;
    let check = Load::get(address, CHECK, &arena.contenders.cookie);
    let time = Duration::from_secs(2);
    let alone = || load::logins(address, time);
    let beside = || {
        std::thread::scope(|scope| {
            let checks = scope.spawn(|| drive(&check, CONNECTIONS, time + Duration::from_millis(500)));
            let rate = load::logins(address, time);
            checks.join().map_err(|_| "the checks panicked")??;
            rate
        })
    };
    let [alone, beside] = alternate(5, [&alone as &dyn Fn() -> Outcome<f64>, &beside])?;
    report.ratio("sign-ins beside a saturating check / alone", &beside, &alone, Target::AtLeast(0.5));

    let tail = |_| {
        std::thread::scope(|scope| {
            let logins = scope.spawn(|| load::logins(address, time + Duration::from_millis(500)));
            let round = drive(&check, 1, time);
            logins.join().map_err(|_| "the sign-ins panicked")??;
            Ok(quantile(&round?.times, 0.99))
        })
    };
    let tails = (0..5).map(tail).collect::<Outcome<Vec<f64>>>()?;
    report.measured("p99 of a check beside eight sign-ins", "ms", &tails, Target::Below(5.0));
    Ok(())
}

/// The writes of an hour of many active people, for a slice of it at the real rate and at a higher one.
pub fn active_people(folder: &Path, report: &mut Report) -> Outcome<()> {
    for times in [1, FASTER] {
        active(folder, times, report)?;
    }
    Ok(())
}

fn active(folder: &Path, times: u32, report: &mut Report) -> Outcome<()> {
    let people = ACTIVE * times;
    eprintln!("Activity of {people} people …");
    let database = format!("sqlite:{}/active-{times}.db", folder.display());
    add_users(&Program::new(&database)?)?;
    let touches = (f64::from(people) / 60.0 * SLICE.as_secs_f64()) as usize;
    let rotations = (f64::from(people) / 900.0 * SLICE.as_secs_f64()) as usize;
    let hour_ago = chrono::Utc::now().timestamp_millis() - 3_600_000;
    seed::sessions(&database, touches + rotations, hour_ago)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (touched, rotated) = runtime.block_on(async {
        let panel = arena::open_panel(&database, ([127, 0, 0, 1], 0).into()).await?;
        let touch = {
            let panel = panel.clone();
            move |number| touch(panel.clone(), number)
        };
        let rotate = move |number| rotate(panel.clone(), number + touches);
        tokio::try_join!(paced(touches, touch), paced(rotations, rotate))
    })?;
    report.measured(
        &format!("activity of {people} people: wait for its write, p99"),
        "ms",
        &[quantile(&touched, 0.99)],
        Target::Below(250.0),
    );
    report.measured("  wait for a rotation, p99", "ms", &[quantile(&rotated, 0.99)], Target::Below(250.0));
    Ok(())
}

/// Starts work evenly over the slice, and returns the time of each in milliseconds, sorted.
async fn paced<F>(count: usize, work: impl Fn(usize) -> F) -> Outcome<Vec<f64>>
where
    F: Future<Output = Outcome<()>> + Send + 'static,
{
    let start = Instant::now();
    let mut running = Vec::with_capacity(count);
    for number in 0..count {
        let due = start + SLICE.mul_f64(number as f64 / count as f64);
        tokio::time::sleep_until(due.into()).await;
        let work = work(number);
        running.push(tokio::spawn(async move {
            work.await?;
            Outcome::Ok(due.elapsed().as_secs_f64() * 1000.0)
        }));
    }
    let mut times = Vec::with_capacity(count);
    for task in running {
        times.push(task.await??);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

async fn session(panel: &AppState, number: usize) -> Outcome<Session> {
    let session = Session::by_current_id(&panel.db, &hash(&seed::id(number))).await?;
    Ok(session.ok_or("a seeded session is missing")?)
}

async fn touch(panel: AppState, number: usize) -> Outcome<()> {
    let now = panel.clock.now();
    Ok(session(&panel, number).await?.touch(&panel, now).await?)
}

async fn rotate(panel: AppState, number: usize) -> Outcome<()> {
    let session = session(&panel, number).await?;
    let claim = seed::claim(number);
    rotate::rotate(&panel, &session.handle, &claim, panel.clock.now()).await?;
    Ok(())
}
