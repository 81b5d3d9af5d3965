//! `make bench`: speed and size, as ratios within one run.
//!
//! Speed is only compared with what the same machine does in the same minute: server on one core,
//! client on another, the contenders in turn. Each ratio is the median of the rounds, shown with
//! the lowest and the highest.

mod arena;
mod crowd;
mod desk;
mod http;
mod load;
mod postgres;
mod process;
mod report;
mod road;
mod scale;
mod seed;
mod streams;

use std::collections::HashMap;

use report::{Report, Target};

/// Any error of the benchmark, as one line.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The number of users that sign in at once. Each has an account of its own, because together
/// they would lock a shared one. One more has the sessions that are checked: a sign-in ends the
/// oldest sessions of its user.
const USERS: usize = 8;
const PASSWORD: &str = "seventeen lanterns over the harbour";

fn email(number: usize) -> String {
    format!("person{number}@example.org")
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve", database] => return arena::serve(database),
        ["seed", database] => return desk::fill(database),
        ["desk", database] => {
            let mut report = Report::default();
            desk::measure("this database", database, &mut report)?;
            report.print();
            return Ok(());
        }
        ["hash"] => {
            println!("{}", load::hashes_on_every_core()?);
            return Ok(());
        }
        _ => {}
    }
    road::pin_client()?;

    // On the disk where data/ would be, because in memory commits would be free.
    std::fs::create_dir_all("target")?;
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in("target")?;
    let url = format!("sqlite:{}/panel.db", folder.path().display());
    let server = process::Program::new(&url)?;
    add_users(&server)?;

    let mut report = Report::default();
    if args == ["desk"] {
        desk::desk(folder.path(), &mut report)?;
        report.print();
        return Ok(());
    }
    if args == ["sessions"] {
        scale::many_sessions(folder.path(), &mut report)?;
        report.print();
        return Ok(());
    }
    if args != ["scale"] {
        road::sqlite(&url, &mut report)?;
        road::postgres(&mut report)?;
    }
    scale::side_by_side(&url, &mut report)?;
    scale::two_cores(&url, &mut report)?;
    scale::many_sessions(folder.path(), &mut report)?;
    scale::active_people(folder.path(), &mut report)?;
    scale::beside_streams(&url, &mut report)?;
    if args != ["road"] {
        desk::desk(folder.path(), &mut report)?;
        released_program(&server, &mut report)?;
        open_streams(&url, &server, &mut report)?;
    }
    report.print();
    Ok(())
}

/// Creates the schema and the users.
fn add_users(server: &process::Program) -> Outcome<()> {
    server.run(&["migrate"], "")?;
    for number in 0..=USERS {
        server.run(
            &["user", "add", "--email", &email(number), "--name", "Somebody", "--role", "staff", "--password-stdin"],
            PASSWORD,
        )?;
    }
    Ok(())
}

/// The released program, in a process of its own.
fn released_program(server: &process::Program, report: &mut Report) -> Outcome<()> {
    eprintln!("Cold starts …");
    let starts = server.cold_starts(15)?;
    report.measured("cold start to the first answer", "ms", &starts, Target::Below(150.0));

    eprintln!("Memory …");
    let running = server.start()?;
    running.get("/login")?;
    std::thread::sleep(std::time::Duration::from_secs(2));
    report.measured("memory, idle after one page", "MB", &[running.memory()?], Target::Below(40.0));
    load::sign_in_all_users(running.address)?;
    report.measured(
        "memory after sign-ins (a hashing buffer of 20 MB a core stays)",
        "MB",
        &[running.memory()?],
        Target::None,
    );

    let mut kinds: HashMap<&str, f64> = HashMap::new();
    for part in running.first_visit("/login")? {
        *kinds.entry(part.kind).or_default() += part.bytes as f64 / 1000.0;
    }
    let sum = |names: &[&str]| names.iter().filter_map(|name| kinds.get(name)).sum::<f64>();
    report.measured(
        "first visit of /login until it can be used (HTML, CSS)",
        "kB",
        &[sum(&["HTML", "CSS"])],
        Target::Below(20.0),
    );
    report.measured("first visit of /login, everything", "kB", &[kinds.values().sum()], Target::Below(250.0));
    for kind in process::KINDS {
        if let Some(&bytes) = kinds.get(kind) {
            report.measured(&format!("  {kind}"), "kB", &[bytes], Target::None);
        }
    }
    Ok(())
}

/// The memory of open event streams in the released server, without the system's socket
/// buffers.
fn open_streams(database: &str, server: &process::Program, report: &mut Report) -> Outcome<()> {
    eprintln!("Event streams …");
    match streams::kilobytes_each(database, server)? {
        Some(each) => {
            report.measured("memory of an open event stream, 5,000 open", "kB", &[each], Target::Below(20.0));
        }
        None => eprintln!("Not measured: this needs {} open files; see `ulimit -Hn`.", streams::FILES),
    }
    Ok(())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
