//! `role list|save|delete`.

use super::{RoleCommand, message, print_done};
use crate::model::code::Code;
use crate::model::lang::Lang;
use crate::model::outcome::Refusal;
use crate::model::roles::{RoleChange, RoleItem};
use crate::server::administration::people::Caller;
use crate::server::administration::roles::{delete_in, save_in};
use crate::server::db::roles;
use crate::server::state::AppState;
use crate::server::users::lock_administrators;
use crate::server::users::roles::counted;

pub async fn run(panel: &AppState, command: RoleCommand) -> Result<(), String> {
    match command {
        RoleCommand::List { json } => {
            let roles = counted(&panel.db, Lang::En).await.map_err(message)?;
            if json {
                println!("{}", serde_json::to_string(&roles).map_err(|error| error.to_string())?);
            } else {
                roles.iter().for_each(print);
            }
            Ok(())
        }
        RoleCommand::Save { name, label, permissions, no_permissions, json } => {
            let given = (no_permissions || !permissions.is_empty()).then_some(permissions);
            let role = save(panel, name, label, given).await?;
            if json {
                println!("{}", serde_json::to_string(&role).map_err(|error| error.to_string())?);
            } else {
                print(&role);
            }
            Ok(())
        }
        RoleCommand::Delete { name, json } => delete(panel, &name, json).await,
    }
}

fn print(role: &RoleItem) {
    let permissions: Vec<&str> = role.permissions.iter().map(|permission| permission.name()).collect();
    println!("{}\t{}\t{} people\t{}", role.name, role.label, role.people, permissions.join(" "));
}

/// Saves the given fields; the others stay, and are empty for a new role.
async fn save(
    panel: &AppState,
    name: String,
    label: Option<String>,
    permissions: Option<Vec<String>>,
) -> Result<RoleItem, String> {
    let caller = Caller::command_line(panel, false);
    let mut tx = panel.db.begin().await.map_err(message)?;
    lock_administrators(&mut tx).await.map_err(message)?;
    let before = roles::by_name(tx.on(), &name).await.map_err(|error| message(error.into()))?;
    let stored = || -> Result<Vec<String>, String> {
        let set = before.as_ref().map(|role| role.set().map_err(message)).transpose()?.unwrap_or_default();
        Ok(set.iter().map(|permission| permission.name().to_owned()).collect())
    };
    let change = RoleChange {
        label: label.unwrap_or_else(|| before.as_ref().map(|role| role.label(Lang::En)).unwrap_or_default()),
        permissions: permissions.map_or_else(stored, Ok)?,
        version: before.as_ref().map_or(0, |role| role.version),
        name,
    };
    let role = save_in(&mut tx, &caller, &change, Lang::En).await.map_err(|error| match error.code {
        Code::Conflict => "The role admin has every permission, and can't be changed.".to_owned(),
        _ => message(error),
    })?;
    tx.commit().await.map_err(message)?;
    Ok(role)
}

async fn delete(panel: &AppState, name: &str, json: bool) -> Result<(), String> {
    let caller = Caller::command_line(panel, false);
    let mut tx = panel.db.begin().await.map_err(message)?;
    lock_administrators(&mut tx).await.map_err(message)?;
    match delete_in(&mut tx, &caller, name).await.map_err(message)? {
        Ok(()) => {
            tx.commit().await.map_err(message)?;
            print_done(true, json, &format!("{name} is deleted."));
            Ok(())
        }
        Err(Refusal::Shipped) => Err(format!("{name} is a shipped role, and can't be deleted.")),
        Err(Refusal::InUse) => Err(format!("Somebody has the role {name}: give them another first.")),
        Err(_) => Err(format!("There is no role {name}.")),
    }
}
