//! `user add|list|disable|enable|unlock`.

use std::io::BufRead;

use serde_json::json;

use super::super::audit::{Action, Event};
use super::super::clock::rfc3339;
use super::super::passwords::NewPassword;
use super::super::state::AppState;
use super::super::users::{self, NewUser};
use super::super::{links, lockout, policy};
use super::{UserCommand, in_words};
use crate::model::email::Email;
use crate::model::failure::Code;
use crate::model::lang::Lang;
use crate::model::user::User;

pub async fn run(panel: &AppState, command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Add { email, name, role, password_stdin } => {
            let password = if password_stdin { Some(password_line()?) } else { None };
            add(panel, &parse(&email)?, name.trim(), &role, password.as_deref()).await
        }
        UserCommand::List { json } => list(panel, json).await,
        UserCommand::Disable { email } => set_active(panel, &email, false).await,
        UserCommand::Enable { email } => set_active(panel, &email, true).await,
        UserCommand::Unlock { email } => unlock(panel, &parse(&email)?).await,
    }
}

pub fn parse(email: &str) -> Result<Email, String> {
    Email::parse(email).ok_or_else(|| format!("{email} is not an email address."))
}

/// The password is one line, without its line end.
fn password_line() -> Result<String, String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|e| format!("The password can't be read: {e}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn add(panel: &AppState, email: &Email, name: &str, role: &str, password: Option<&str>) -> Result<(), String> {
    if !links::is_name(name) {
        return Err("--name must be a name of at most 100 characters.".to_owned());
    }
    let hash = match password {
        Some(password) => {
            let min_length = policy::read(&panel.db).await.map_err(in_words)?.policy.password_min_length;
            let local_part = email.local_part();
            let new = NewPassword { password, min_length, name, local_part, field: "password", lang: Lang::En };
            let place = panel.hasher.reserve().map_err(in_words)?;
            Some(new.hash(place).await.map_err(in_words)?)
        }
        None => None,
    };
    let now = panel.clock.now();
    let mut tx = panel.db.begin().await.map_err(in_words)?;
    let new = NewUser { email, name, role, password_hash: hash.as_deref() };
    let id =
        users::add_in(&mut tx, &new, Event::of_system(Action::UserCreated, now)).await.map_err(
            |failure| match failure.code {
                Code::Conflict => format!("{} already has an account.", email.as_str()),
                _ => in_words(failure),
            },
        )?;
    let link = match hash {
        Some(_) => None,
        None => Some(
            links::make_in(&mut tx, links::Kind::Activation, Some(&id), &panel.config.public_url, now)
                .await
                .map_err(in_words)?,
        ),
    };
    tx.commit().await.map_err(in_words)?;
    println!("{id}");
    if let Some(link) = link {
        eprintln!("Give this one-time activation link to {name}; it is good for three days:\n{link}");
    }
    Ok(())
}

async fn find(panel: &AppState, email: &str) -> Result<User, String> {
    users::find(&panel.db, &parse(email)?).await.map_err(|failure| match failure.code {
        Code::NotFound => format!("No user has the email {email}."),
        _ => in_words(failure),
    })
}

async fn set_active(panel: &AppState, email: &str, active: bool) -> Result<(), String> {
    let user = find(panel, email).await?;
    let changed =
        users::set_active(&panel.db, &user, active, panel.clock.now()).await.map_err(|failure| match failure.code {
            Code::Conflict => format!("{email} is the last administrator who can sign in, and can't be disabled."),
            _ => in_words(failure),
        })?;
    let state = if active { "active" } else { "disabled" };
    println!("{} {} {state}.", user.email, if changed { "is now" } else { "was already" });
    Ok(())
}

async fn unlock(panel: &AppState, email: &Email) -> Result<(), String> {
    let name = lockout::list::Name::Identifier(email.clone());
    let lifted = lockout::list::lift(&panel.db, &name, panel.clock.now()).await.map_err(in_words)?;
    println!("{} {}.", email.as_str(), if lifted { "may sign in again" } else { "was not locked" });
    Ok(())
}

async fn list(panel: &AppState, as_json: bool) -> Result<(), String> {
    let now = panel.clock.now();
    let users = users::list(&panel.db).await.map_err(in_words)?;
    if as_json {
        let rows = users.iter().map(|user| {
            json!({
                "id": user.id, "email": user.email, "name": user.name, "role": user.role,
                "state": user.state(now), "lastLogin": user.last_login.map(rfc3339),
            })
        });
        println!("{}", serde_json::Value::from_iter(rows));
        return Ok(());
    }
    for user in &users {
        let seen = user.last_login.map_or_else(|| "never signed in".to_owned(), rfc3339);
        println!("{}\t{}\t{}\t{}\t{seen}", user.email, user.name, user.role, user.state(now));
    }
    Ok(())
}
