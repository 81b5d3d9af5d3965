//! `lockout list|lift`.

use serde_json::{Value, json};

use super::{LockoutCommand, message, print_done};
use crate::server::administration::lockouts::{Lockout, Name, lift, list};
use crate::server::clock::rfc3339;
use crate::server::db::policy;
use crate::server::state::AppState;

pub async fn run(panel: &AppState, command: LockoutCommand) -> Result<(), String> {
    match command {
        LockoutCommand::List { json } => show(panel, json).await,
        LockoutCommand::Lift { name, json } => {
            let name = Name::parse(&name).ok_or_else(|| format!("{name} is neither an email nor an address."))?;
            let lifted = lift(&panel.db, &name, panel.clock.now()).await.map_err(message)?;
            let state = if lifted { "may sign in again" } else { "was not locked" };
            print_done(lifted, json, &format!("{} {state}.", name.text()));
            Ok(())
        }
    }
}

async fn show(panel: &AppState, as_json: bool) -> Result<(), String> {
    let policy = policy::read(&panel.db).await.map_err(message)?.policy;
    let lockouts = list(&panel.db, &policy, panel.clock.now()).await.map_err(message)?;
    if as_json {
        println!("{}", Value::from_iter(lockouts.iter().map(as_json_line)));
    } else {
        lockouts.iter().for_each(|lockout| println!("{}", line(lockout)));
    }
    Ok(())
}

fn as_json_line(lockout: &Lockout) -> Value {
    json!({
        "kind": lockout.kind.name(), "name": lockout.name, "known": lockout.user.is_some(),
        "ownBrowser": lockout.own_browser, "failures": lockout.failures, "until": rfc3339(lockout.until),
    })
}

fn line(lockout: &Lockout) -> String {
    let Lockout { kind, name, user, own_browser, failures, until, .. } = lockout;
    let who = match (user.is_some(), own_browser) {
        (_, true) => "one browser of its owner",
        (true, false) => "has an account",
        (false, false) => "no account",
    };
    let who = if kind.name() == "address" { "" } else { who };
    format!("{}\t{name}\t{failures} failed\tuntil {}\t{who}", kind.name(), rfc3339(*until)).trim_end().to_owned()
}
