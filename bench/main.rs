//! `make bench`: speed and size, as ratios within one run.
//!
//! Speed is only compared with what the same machine does in the same minute. The contenders
//! alternate, and each ratio is the median of the rounds, shown with the lowest and the
//! highest. The client runs on the server's cores and costs every contender the same, which
//! moves ratios towards 1.

mod floor;
mod http;
mod load;
mod process;
mod report;
mod streams;

use std::collections::HashMap;
use std::path::Path;

use report::{Report, Target};

/// Any error of the benchmark, as one line.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The number of users that sign in at once. Each has an account of its own, because together
/// they would lock a shared one.
const USERS: usize = 8;
const PASSWORD: &str = "seventeen lanterns over the harbour";

fn email(number: usize) -> String {
    format!("person{number}@example.org")
}

fn main() -> Outcome<()> {
    // The server's default log level. Lines are formatted as in production and then discarded.
    tracing_subscriber::fmt().with_env_filter("info").with_ansi(false).with_writer(std::io::sink).init();

    // On the disk where data/ would be, because in memory commits would be free.
    std::fs::create_dir_all("target")?;
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in("target")?;
    let server = process::Program::new(folder.path())?;
    server.run(&["migrate"], "")?;
    for number in 0..USERS {
        server.run(
            &["user", "add", "--email", &email(number), "--name", "Somebody", "--role", "staff", "--password-stdin"],
            PASSWORD,
        )?;
    }

    let mut report = Report::default();
    comparisons(folder.path(), &mut report)?;
    released_program(&server, &mut report)?;
    open_streams(folder.path(), &server, &mut report)?;
    report.print();
    Ok(())
}

/// The comparisons of the application with its lower bounds.
fn comparisons(folder: &Path, report: &mut Report) -> Outcome<()> {
    eprintln!("Session checks …");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(cores().max(4)).enable_all().build()?;
    let arena = runtime.block_on(floor::Arena::open(folder))?;

    let [check, bare, query] = load::session_checks(&arena)?;
    report.rate("GET /api/auth/session", &check, "requests/s");
    report.rate("  a bare handler answering the same JSON", &bare, "requests/s");
    report.rate("  a handler that opens the cookie and runs the query", &query, "requests/s");
    report.ratio("session check / bare handler", &check, &bare, Target::None);
    report.ratio("session check / same cookie, same query", &check, &query, Target::AtLeast(0.9));

    eprintln!("Sign-ins …");
    let [logins, hashes] = load::logins(&arena)?;
    report.rate("POST /api/auth/login", &logins, "sign-ins/s");
    report.rate("  the hash alone, on every core", &hashes, "hashes/s");
    report.ratio("sign-ins / the hash alone", &logins, &hashes, Target::AtLeast(0.9));
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
    report.measured("first visit of /login, everything", "kB", &[kinds.values().sum()], Target::Below(260.0));
    for kind in process::KINDS {
        if let Some(&bytes) = kinds.get(kind) {
            report.measured(&format!("  {kind}"), "kB", &[bytes], Target::None);
        }
    }
    Ok(())
}

/// The memory of open event streams in the released server, without the system's socket
/// buffers.
fn open_streams(folder: &Path, server: &process::Program, report: &mut Report) -> Outcome<()> {
    eprintln!("Event streams …");
    match streams::kilobytes_each(folder, server)? {
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
