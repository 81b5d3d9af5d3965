//! The data that a page gives to the browser's program.

use serde::{Deserialize, Serialize};

use super::lang::Lang;
use super::preference::Theme;
use super::session::SessionStatus;
use super::user::User;

/// The id of the script element with the seed.
pub const SEED_ID: &str = "seed";

/// The program's start data, sent as JSON inside the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seed {
    pub lang: Lang,
    /// The chosen theme; `None` follows the system.
    pub theme: Option<Theme>,
    pub who: Who,
}

/// Whether the client is signed in, as the server knows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Who {
    SignedIn {
        user: Box<User>,
        session: SessionStatus,
        remembered: bool,
    },
    Nobody,
    /// The database was away, so the server does not know.
    #[default]
    Unknown,
}
