//! `doctor`: checks the installation and reports problems in plain words.

use super::message;
use crate::server::config::Config;
use crate::server::db::{Db, addresses, open, policy};
use crate::server::links;

/// The result of a check.
enum Finding {
    Good(String),
    /// Works, but the administrator should know.
    Note(String),
    Bad(String),
}

/// Runs all checks and prints a line for each.
///
/// # Errors
/// A check found a problem that must be fixed.
pub async fn run(config: Config) -> Result<(), String> {
    let mut findings = database(&config).await;
    findings.extend([secret(&config), public_url(&config), hosts(&config), cookies(&config), proxies(&config)]);
    let bad = findings.iter().filter(|finding| matches!(finding, Finding::Bad(_))).count();
    for finding in findings {
        match finding {
            Finding::Good(text) => println!("ok    {text}"),
            Finding::Note(text) => println!("note  {text}"),
            Finding::Bad(text) => println!("BAD   {text}"),
        }
    }
    if bad == 0 { Ok(()) } else { Err(format!("{bad} of the checks found something to mend.")) }
}

async fn database(config: &Config) -> Vec<Finding> {
    let file = config.database_file();
    let kind = if file.is_some() { "SQLite" } else { "PostgreSQL" };
    if file.as_ref().is_some_and(|file| !file.exists()) {
        return vec![Finding::Note("Database: there is none yet; `serve` or `migrate` makes it.".to_owned())];
    }
    let db = match Db::open(&config.database_url).await {
        Ok(db) => db,
        Err(error) => {
            return vec![Finding::Bad(match file {
                Some(file) => format!("Database: {}.", open::explain(&file, &error)),
                None => {
                    format!("Database: {kind} can't be opened: {error}. Check DATABASE_URL and that it is running.")
                }
            })];
        }
    };
    let mut findings = vec![match db.ping().await {
        Ok(()) => Finding::Good(format!("Database: {kind} answers.")),
        Err(error) => Finding::Bad(format!("Database: {}", message(error))),
    }];
    findings.push(match db.pending_migrations().await {
        Ok(0) => Finding::Good("Migrations: the schema is up to date.".to_owned()),
        Ok(n) => Finding::Bad(format!("Migrations: {n} are not applied; run `kafkasder-panel migrate`.")),
        Err(error) => Finding::Bad(format!("Migrations: {}", message(error))),
    });
    findings.extend(stored_policy(&db).await);
    findings.push(match links::administrator_exists(&db).await {
        Ok(true) => Finding::Good("Administrator: there is one.".to_owned()),
        Ok(false) => Finding::Note("Administrator: there is none yet; `serve` prints the set-up link.".to_owned()),
        Err(_) => Finding::Note("Administrator: can't be told before the migrations are applied.".to_owned()),
    });
    // Fails before the migration, when there is nothing to report.
    let unconverted = addresses::unconverted(&db).await.unwrap_or_default();
    findings.extend(unconverted.iter().map(|address| Finding::Note(format!("Addresses: {address}"))));
    db.close().await;
    findings
}

/// Whether the stored policy is valid. `None` if there is none yet.
async fn stored_policy(db: &Db) -> Option<Finding> {
    let stored = policy::read_unchecked(db).await.ok()?.policy;
    Some(match stored.out_of_bounds() {
        None => Finding::Good("Policy: every key is within its bounds.".to_owned()),
        Some((key, value, min, max)) => Finding::Bad(format!(
            "Policy: {key} is {value}, not from {min} to {max}, so nobody can sign in; run `kafkasder-panel policy set {key} VALUE`."
        )),
    })
}

fn secret(config: &Config) -> Finding {
    let count = config.secrets.len();
    match (std::env::var("SESSION_SECRET").is_ok_and(|text| !text.is_empty()), count) {
        (false, _) => Finding::Good(
            "Secret: kept beside the database, or in Leptos.toml. Back it up with the database.".to_owned(),
        ),
        (true, 1) => Finding::Good("Secret: from SESSION_SECRET.".to_owned()),
        (true, _) => Finding::Good(format!(
            "Secret: {count} from SESSION_SECRET; the first seals, the others still open. Drop them after 30 days."
        )),
    }
}

fn public_url(config: &Config) -> Finding {
    let url = &config.public_url;
    match (config.https, config.origins.len() > 1) {
        (true, _) => Finding::Good(format!("Public URL: {url}.")),
        (false, true) => Finding::Note(format!(
            "Public URL: {url}, for this machine alone. Set PUBLIC_URL to the https address people use."
        )),
        (false, false) => {
            Finding::Note(format!("Public URL: {url} is plain http: anybody on the way can take sessions."))
        }
    }
}

/// Reminds of a setting that can't be checked from here: whether the proxy passes the host on.
fn hosts(config: &Config) -> Finding {
    let hosts = config.origins.iter().filter_map(|origin| origin.split("//").nth(1)).collect::<Vec<_>>().join(", ");
    let answered =
        format!("Host: requests are answered for {hosts} alone, and the probes /healthz and /readyz under any name.");
    match config.trusted_proxies.is_empty() {
        true => Finding::Good(answered),
        false => Finding::Note(format!(
            "{answered} The proxy has to pass the browser's Host on: nginx sends its own unless told `proxy_set_header Host $host;`."
        )),
    }
}

fn cookies(config: &Config) -> Finding {
    match config.https {
        true => Finding::Good("Cookies: Secure, with the __Host- prefix; HSTS is sent.".to_owned()),
        false => Finding::Note("Cookies: plain names without Secure, since PUBLIC_URL is not https.".to_owned()),
    }
}

fn proxies(config: &Config) -> Finding {
    let loopback = config.leptos.site_addr.ip().is_loopback();
    let networks = config.trusted_proxies.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (config.trusted_proxies.is_empty(), config.https) {
        (false, _) => Finding::Good(format!("Proxies: X-Forwarded-For and X-Forwarded-Proto count from {networks}.")),
        (true, true) => Finding::Bad(
            "Proxies: PUBLIC_URL is https, but no TRUSTED_PROXIES is set, so no request is known to have come by https and all are refused. Set it to your proxy's address.".to_owned(),
        ),
        (true, false) if loopback => Finding::Good("Proxies: none; addresses are those of the connections.".to_owned()),
        (true, false) => Finding::Note("Proxies: none trusted. If there is one in front, everybody shares its address for the attempt limit.".to_owned()),
    }
}
