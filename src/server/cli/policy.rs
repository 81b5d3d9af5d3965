//! `policy show|set`.

use super::{PolicyCommand, message};
use crate::model::policy::{Invalid, Policy};
use crate::server::administration::policy::save;
use crate::server::db::policy::read_unchecked;
use crate::server::state::AppState;

pub async fn run(panel: &AppState, command: PolicyCommand) -> Result<(), String> {
    let in_force = read_unchecked(&panel.db).await.map_err(message)?;
    match command {
        PolicyCommand::Show { json } => {
            warn(&in_force.policy);
            show(&in_force.policy, json)
        }
        PolicyCommand::Set { key, value } => {
            let changed = in_force.policy.with(&key, &value).map_err(|invalid| explain(&key, &invalid))?;
            save(&panel.db, &in_force, &changed, panel.clock.now()).await.map_err(message)?;
            println!("{key} = {value}");
            warn(&changed);
            Ok(())
        }
    }
}

fn show(policy: &Policy, as_json: bool) -> Result<(), String> {
    let json = serde_json::to_value(policy).map_err(|e| e.to_string())?;
    if as_json {
        println!("{json}");
        return Ok(());
    }
    for (key, value) in json.as_object().into_iter().flatten() {
        println!("{key} = {value}");
    }
    Ok(())
}

/// Warns if the stored policy is invalid.
fn warn(policy: &Policy) {
    if let Some((key, value, min, max)) = policy.out_of_bounds() {
        eprintln!(
            "{key} is {value}, not from {min} to {max}: nobody can sign in until `policy set {key} VALUE` mends it."
        );
    }
}

fn explain(key: &str, invalid: &Invalid) -> String {
    match invalid {
        Invalid::UnknownKey => format!("There is no policy key {key}; `policy show` lists them."),
        Invalid::OutOfBounds(min, max) => format!("{key} must be a whole number from {min} to {max}."),
        Invalid::NotBoolean => format!("{key} must be true or false."),
    }
}
