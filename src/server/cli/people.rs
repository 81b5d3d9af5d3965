//! `user show|edit|reset-link|delete`. The same acts as in the browser, recorded as done by the
//! command line.

use super::{message, print_done};
use crate::model::outcome::Refusal;
use crate::model::people::PersonChange;
use crate::model::user::User;
use crate::server::administration::people::Caller;
use crate::server::administration::people::acts::{Act, one};
use crate::server::administration::people::change::change_in;
use crate::server::db::people::target;
use crate::server::state::AppState;
use crate::server::users::lock_administrators;

const GONE: &str = "The user was deleted meanwhile.";

const LAST: &str = "This is the last administrator who can sign in; --force does it all the same.";

pub async fn show(panel: &AppState, user: &User, as_json: bool) -> Result<(), String> {
    if as_json {
        println!("{}", serde_json::to_value(user).map_err(|error| error.to_string())?);
        return Ok(());
    }
    let row = target(panel.db.reader(), &user.id).await.map_err(|error| message(error.into()))?.ok_or(GONE)?;
    let none = || "-".to_owned();
    println!("id\t{}", user.id);
    println!("email\t{}", user.shown_email());
    println!("name\t{}", user.name);
    println!("role\t{}", user.role);
    println!("permissions\t{}", user.permissions.join(" "));
    println!("active\t{}", user.is_active);
    println!("password\t{}", if row.has_password { "set" } else { "not yet" });
    println!("phone\t{}", user.phone.clone().unwrap_or_else(none));
    println!("labels\t{}", user.labels.join(", "));
    println!("created\t{}", user.created_at);
    println!("last sign-in\t{}", user.last_login.clone().unwrap_or_else(none));
    Ok(())
}

pub async fn edit(panel: &AppState, user: &User, change: PersonChange, force: bool, json: bool) -> Result<(), String> {
    let caller = Caller::command_line(panel, force);
    let mut tx = panel.db.begin().await.map_err(message)?;
    lock_administrators(&mut tx).await.map_err(message)?;
    let row = target(tx.on(), &user.id).await.map_err(|error| message(error.into()))?.ok_or(GONE)?;
    let change = PersonChange { id: user.id.clone(), version: row.version, ..change };
    let changed = change_in(&mut tx, &caller, &change).await.map_err(|error| match error.details() {
        Some(details) if details.text.is_some() => LAST.to_owned(),
        _ => message(error),
    })?;
    tx.commit().await.map_err(message)?;
    if json {
        let user = changed.shown().map_err(message)?;
        println!("{}", serde_json::to_string(&user).map_err(|error| error.to_string())?);
    } else {
        println!("{}\t{}\t{}", changed.email, changed.name, changed.role);
    }
    Ok(())
}

pub async fn reset_link(panel: &AppState, user: &User, json: bool) -> Result<(), String> {
    let link = act(panel, user, &Act::ResetLink, false).await?.unwrap_or_default();
    println!("{}", if json { serde_json::json!({ "url": link }).to_string() } else { link });
    eprintln!("Give this one-time link to {}; it is good for three days.", user.name);
    Ok(())
}

pub async fn require_password(panel: &AppState, user: &User) -> Result<(), String> {
    act(panel, user, &Act::RequirePassword, false).await?;
    println!("{} must choose a new password.", user.email);
    Ok(())
}

/// Disables a user, also the last administrator.
pub async fn disable(panel: &AppState, user: &User) -> Result<(), String> {
    act(panel, user, &Act::Disable { reason: None }, true).await?;
    println!("{} is now disabled.", user.email);
    Ok(())
}

pub async fn delete(panel: &AppState, user: &User, force: bool, json: bool) -> Result<(), String> {
    act(panel, user, &Act::Delete, force).await?;
    print_done(true, json, &format!("{} is deleted.", user.email));
    Ok(())
}

async fn act(panel: &AppState, user: &User, act: &Act, force: bool) -> Result<Option<String>, String> {
    let caller = Caller::command_line(panel, force);
    let mut tx = panel.db.begin().await.map_err(message)?;
    lock_administrators(&mut tx).await.map_err(message)?;
    let row = target(tx.on(), &user.id).await.map_err(|error| message(error.into()))?.ok_or(GONE)?;
    let link = one(&mut tx, &caller, act, &row).await.map_err(message)?.map_err(|refusal| match refusal {
        Refusal::LastAdministrator => LAST.to_owned(),
        _ => GONE.to_owned(),
    })?;
    tx.commit().await.map_err(message)?;
    Ok(link)
}
