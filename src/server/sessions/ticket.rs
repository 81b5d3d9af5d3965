//! The ticket of a sign-in at the session limit. It proves for five minutes that the password
//! was right, so that the password itself is not kept.

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

/// How long a ticket is valid.
const LIFETIME: Millis = 5 * MINUTE;

/// The name that the ticket is sealed under, in addition to its own key.
const NAME: &str = "login-ticket";

/// A proof that the password was right, held while the user chooses. It does not contain the
/// password.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ticket {
    pub user_id: String,
    /// A digest of the verified password hash: a new password invalidates the ticket.
    proof: String,
    pub remember_me: bool,
    /// The handle of the session that the ticket will start. Handles are unique, so a ticket
    /// starts one session at most.
    pub handle: String,
    until: Millis,
}

impl Ticket {
    /// A ticket for a user whose password was just verified against this hash.
    pub fn new(user_id: &str, password_hash: &str, remember_me: bool, now: Millis) -> Ticket {
        Ticket {
            user_id: user_id.to_owned(),
            proof: digest(password_hash),
            remember_me,
            handle: new_handle(),
            until: now + LIFETIME,
        }
    }

    /// Seals the ticket.
    ///
    /// # Errors
    /// `internal` if serialization fails, which can't happen.
    pub fn seal(&self, panel: &Panel) -> Result<Hidden> {
        Ok(seal(NAME, &panel.keys.newest().login_ticket, self).map_err(internal)?.into())
    }

    /// Opens a ticket; `None` if it is expired, dated in the future or forged.
    pub fn open(panel: &Panel, sealed: &str, now: Millis) -> Option<Ticket> {
        let keys = panel.keys.all().iter().map(|keys| &keys.login_ticket);
        open::<Ticket>(NAME, keys, sealed)
            .map(|(ticket, _)| ticket)
            .filter(|ticket| now < ticket.until && !is_ahead(ticket.until - LIFETIME, now))
    }

    /// Whether the ticket was issued for this password hash.
    pub fn is_of(&self, password_hash: &str) -> bool {
        self.proof == digest(password_hash)
    }
}

fn digest(password_hash: &str) -> String {
    STANDARD.encode(Sha256::digest(password_hash.as_bytes()))
}

/// The error of an invalid ticket.
pub fn invalid_ticket() -> Error {
    Error::field("ticket", Text::FieldTicketInvalid)
}
