//! The ticket of somebody at the session limit: it says, for five minutes, that
//! their password was right, so that the password is kept nowhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::new_handle;
use crate::model::hidden::Hidden;
use crate::model::text::Text;
use crate::server::clock::{MINUTE, Millis, is_ahead};
use crate::server::cookie::{open, seal};
use crate::server::error::{Error, Result, internal};
use crate::server::state::Panel;

/// How long a choice may take.
const LIFETIME: Millis = 5 * MINUTE;

/// The context it is sealed in, beside its own key.
const NAME: &str = "login-ticket";

/// A proof of a password that waits for a choice. Never the password.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ticket {
    pub user_id: String,
    /// Of the password's hash that was verified: a new password ends the ticket.
    proof: String,
    pub remember_me: bool,
    /// The handle of the session it will start. Handles are unique, so a ticket
    /// starts one session and never a second.
    pub handle: String,
    until: Millis,
}

impl Ticket {
    /// A ticket for somebody who has just proven this password's hash.
    pub fn new(user_id: &str, password_hash: &str, remember_me: bool, now: Millis) -> Ticket {
        Ticket {
            user_id: user_id.to_owned(),
            proof: digest(password_hash),
            remember_me,
            handle: new_handle(),
            until: now + LIFETIME,
        }
    }

    /// As it is handed out.
    ///
    /// # Errors
    /// `internal`, which can't happen: it is JSON.
    pub fn seal(&self, panel: &Panel) -> Result<Hidden> {
        Ok(seal(NAME, &panel.keys.newest().login_ticket, self).map_err(internal)?.into())
    }

    /// Opens a ticket; `None` for what is old, of a time to come or none of ours.
    pub fn open(panel: &Panel, sealed: &str, now: Millis) -> Option<Ticket> {
        let keys = panel.keys.all().iter().map(|keys| &keys.login_ticket);
        open::<Ticket>(NAME, keys, sealed)
            .map(|(ticket, _)| ticket)
            .filter(|ticket| now < ticket.until && !is_ahead(ticket.until - LIFETIME, now))
    }

    /// Whether it was given for this password's hash.
    pub fn is_of(&self, password_hash: &str) -> bool {
        self.proof == digest(password_hash)
    }
}

fn digest(password_hash: &str) -> String {
    STANDARD.encode(Sha256::digest(password_hash.as_bytes()))
}

/// The refusal of a ticket that starts nothing any more.
pub fn dead_ticket() -> Error {
    Error::field("ticket", Text::FieldTicketInvalid)
}
