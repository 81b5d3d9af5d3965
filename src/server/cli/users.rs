//! `user add|list|disable|enable|unlock`; what changes a person is in [`people`].

use std::io::BufRead;

use serde_json::json;

use super::{UserCommand, message, people, usage_error};
use crate::model::code::Code;
use crate::model::email::Email;
use crate::model::lang::Lang;
use crate::model::people::PersonChange;
use crate::model::profile::person_name;
use crate::model::user::User;
use crate::server::audit::{Action, Event};
use crate::server::clock::rfc3339;
use crate::server::db::policy;
use crate::server::passwords::NewPassword;
use crate::server::state::AppState;
use crate::server::users::roles::choices;
use crate::server::users::{self, NewUser};
use crate::server::{administration, links};

pub async fn run(panel: &AppState, command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Add { email, name, role, password_stdin } => {
            let password = if password_stdin { Some(password_line(std::io::stdin().lock())?) } else { None };
            let email = Email::parse(&email).ok_or_else(|| not_an_email(&email))?;
            let name =
                person_name(&name).ok_or("--name must be a name of at most 100 characters, none of them invisible.")?;
            known_role(panel, &role).await?;
            add(panel, &email, &name, &role, password.as_deref()).await
        }
        UserCommand::List { json } => list(panel, json).await,
        UserCommand::Show { email, json } => people::show(panel, &find(panel, &email).await?, json).await,
        UserCommand::Edit { email, name, new_email, role, phone, force, json } => {
            if let Some(role) = &role {
                known_role(panel, role).await?;
            }
            let user = find(panel, &email).await?;
            let phone = phone.map(|phone| Some(phone).filter(|phone| !phone.is_empty()));
            let change = PersonChange { name, email: new_email, role, phone, ..PersonChange::default() };
            people::edit(panel, &user, change, force, json).await
        }
        UserCommand::ResetLink { email, json } => people::reset_link(panel, &find(panel, &email).await?, json).await,
        UserCommand::RequirePassword { email } => people::require_password(panel, &find(panel, &email).await?).await,
        UserCommand::Delete { email, force, json } => {
            people::delete(panel, &find(panel, &email).await?, force, json).await
        }
        UserCommand::Disable { email, force: true } => people::disable(panel, &find(panel, &email).await?).await,
        UserCommand::Disable { email, force: false } => set_active(panel, &email, false).await,
        UserCommand::Enable { email } => set_active(panel, &email, true).await,
        UserCommand::Unlock { email } => unlock(panel, &parse_known_email(&email)?).await,
    }
}

/// Exits with a usage error for a role that does not exist.
async fn known_role(panel: &AppState, role: &str) -> Result<(), String> {
    let roles = choices(&panel.db, Lang::En).await.map_err(message)?;
    if roles.iter().any(|known| known.name == role) {
        return Ok(());
    }
    let names: Vec<String> = roles.into_iter().map(|role| role.name).collect();
    usage_error(&format!("There is no role {role}: --role takes one of {}.", names.join(", ")))
}

/// Parses the address of an account, which may be in a previous spelling.
pub fn parse_known_email(email: &str) -> Result<Email, String> {
    Email::parse(email).or_else(|| Email::parse_by_previous_rules(email)).ok_or_else(|| not_an_email(email))
}

/// Escapes invisible characters as numbers, because a copied address looks right without.
fn not_an_email(text: &str) -> String {
    format!("{} is not an email address.", text.escape_debug())
}

/// The maximum length of a password line in bytes. The rest is not read.
const LONGEST_LINE: u64 = 64 * 1024;

/// Reads the password from one line, without its line end and without a byte order mark, which
/// some editors and shells write.
fn password_line(input: impl BufRead) -> Result<String, String> {
    let unreadable = |why: &str| Err(format!("The password can't be read: {why}"));
    let mut line = Vec::new();
    if let Err(error) = input.take(LONGEST_LINE).read_until(b'\n', &mut line) {
        return unreadable(&error.to_string());
    }
    if line.starts_with(&[0xff, 0xfe]) || line.starts_with(&[0xfe, 0xff]) {
        return unreadable("the input is UTF-16. Give it in UTF-8.");
    }
    let Ok(line) = String::from_utf8(line) else { return unreadable("the input is not UTF-8.") };
    if line.contains('\0') {
        return unreadable("the input holds a NUL character. Give it in UTF-8.");
    }
    Ok(line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']).to_owned())
}

async fn add(panel: &AppState, email: &Email, name: &str, role: &str, password: Option<&str>) -> Result<(), String> {
    let hash = match password {
        Some(password) => {
            let min_length = policy::read(&panel.db).await.map_err(message)?.policy.password_min_length;
            let local_part = email.local_part();
            let new = NewPassword { password, min_length, name, local_part, field: "password" };
            let place = panel.hasher.reserve().map_err(message)?;
            Some(new.hash(place).await.map_err(message)?)
        }
        None => None,
    };
    let now = panel.clock.now();
    let mut tx = panel.db.begin().await.map_err(message)?;
    let new = NewUser { email, name, role, password_hash: hash.as_deref() };
    let id = users::add_in(&mut tx, &new, Event::of_system(Action::UserCreated, now)).await.map_err(
        |error| match error.code {
            Code::Conflict => format!("{} already has an account.", email.as_str()),
            _ => message(error),
        },
    )?;
    let link = match hash {
        Some(_) => None,
        None => Some(
            links::create_in(&mut tx, links::Kind::Activation, Some(&id), &panel.config.public_url, now)
                .await
                .map_err(message)?,
        ),
    };
    tx.commit().await.map_err(message)?;
    println!("{id}");
    if let Some(link) = link {
        eprintln!("Give this one-time activation link to {name}; it is good for three days:\n{link}");
    }
    Ok(())
}

async fn find(panel: &AppState, email: &str) -> Result<User, String> {
    users::by_email(&panel.db, &parse_known_email(email)?).await.map_err(|error| match error.code {
        Code::NotFound => format!("No user has the email {email}."),
        _ => message(error),
    })
}

async fn set_active(panel: &AppState, email: &str, active: bool) -> Result<(), String> {
    let user = find(panel, email).await?;
    let changed =
        administration::users::set_active(&panel.db, &user, active, panel.clock.now()).await.map_err(|error| {
            match error.code {
                Code::Conflict => {
                    format!("{email} is the last administrator who can sign in; --force disables them all the same.")
                }
                _ => message(error),
            }
        })?;
    let state = if active { "active" } else { "disabled" };
    println!("{} {} {state}.", user.email, if changed { "is now" } else { "was already" });
    Ok(())
}

async fn unlock(panel: &AppState, email: &Email) -> Result<(), String> {
    let name = administration::lockouts::Name::Identifier(email.clone());
    let lifted = administration::lockouts::lift(&panel.db, &name, panel.clock.now()).await.map_err(message)?;
    println!("{} {}.", email.as_str(), if lifted { "may sign in again" } else { "was not locked" });
    Ok(())
}

async fn list(panel: &AppState, as_json: bool) -> Result<(), String> {
    let now = panel.clock.now();
    let users = administration::users::list(&panel.db).await.map_err(message)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_one_line_of_utf_8() {
        for (input, line) in [
            ("geheim\n", "geheim"),
            ("geheim\r\nmore\r\n", "geheim"),
            ("geheim", "geheim"),
            ("\u{feff}geheim\r\n", "geheim"),
            ("\u{feff}\u{feff} şifre \n", " şifre "),
            ("ge\u{feff}heim\n", "ge\u{feff}heim"),
            ("\u{feff}\r\n", ""),
            ("\n", ""),
            ("", ""),
        ] {
            assert_eq!(password_line(input.as_bytes()).as_deref(), Ok(line), "{input:?}");
        }
        for (input, word) in [
            (b"\xff\xfeg\0e\0\n\0".as_slice(), "UTF-16"),
            (b"\xfe\xff\0g\0e\0\n", "UTF-16"),
            (b"g\0e\0\r\0\n\0", "NUL"),
            (b"a\0b\n", "NUL"),
            (b"\xe7ok gizli\n", "UTF-8"),
            (b"\xed\xa0\x80\n", "UTF-8"),
        ] {
            assert!(password_line(input).is_err_and(|error| error.contains(word)), "{input:?}");
        }
        assert_eq!(password_line(std::io::BufReader::new(std::io::repeat(b'x'))).map(|line| line.len()), Ok(65_536));
    }
}
