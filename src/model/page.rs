//! What a page shows: fetched before it is rendered, by the page's own loader.

use serde::{Deserialize, Serialize};

use super::account::{AccountPage, Overview};
use super::session::SessionChoice;

/// The data of one page. Each page's loader makes its variant, and its view takes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum PageData {
    /// An error in the place of a page, or a path without a page.
    #[default]
    Nothing,
    Dashboard(Box<Overview>),
    Account(Box<AccountPage>),
    Login(LoginPage),
    Setup(LinkPage),
    Activate(LinkPage),
}

/// What `/login` shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoginPage {
    /// The sessions to choose from, where the session limit is reached.
    pub choice: Option<SessionChoice>,
}

/// What a page shows that a one-time link leads to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinkPage {
    /// The link that the page was opened with, unless it can't be used (any more).
    pub link: Option<OpenedLink>,
    /// The policy's `passwordMinLength`.
    pub password_min_length: u32,
}

/// A one-time link that can be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenedLink {
    /// Whose it is; a set-up link is nobody's.
    pub email: Option<String>,
}

impl PageData {
    /// The policy's `passwordMinLength`, on pages where a password is chosen.
    pub fn password_min_length(&self) -> Option<u32> {
        match self {
            PageData::Account(page) => Some(page.password_min_length),
            PageData::Setup(page) | PageData::Activate(page) => Some(page.password_min_length),
            PageData::Nothing | PageData::Dashboard(_) | PageData::Login(_) => None,
        }
    }
}
