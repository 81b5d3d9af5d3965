//! What the browser's program is given with a page: all that it may know of it.

use serde::{Deserialize, Serialize};

use super::lang::Lang;
use super::preference::Theme;
use super::session::SessionStatus;
use super::user::User;

/// The id of the script element that a page carries its seed in.
pub const SEED_ID: &str = "seed";

/// What the browser's program starts with. It travels as JSON inside the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seed {
    pub lang: Lang,
    /// The theme in force, where one was chosen.
    pub theme: Option<Theme>,
    pub who: Who,
}

/// Who the server says is asking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Who {
    SignedIn {
        user: Box<User>,
        session: SessionStatus,
        remembered: bool,
    },
    Nobody,
    /// The database was away: no word either way.
    #[default]
    Unknown,
}
