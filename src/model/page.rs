//! What a page is rendered from: its own data, and a few small contexts of the
//! request. Nothing of this is sent to the browser but what becomes markup.

use super::account::{AccountPage, Overview};
use super::code::Code;
use super::form::query_field;
use super::session::SessionChoice;

/// The CSRF token for the hidden field of forms that are posted without the program.
#[derive(Clone, Debug, Default)]
pub struct CsrfToken(pub String);

/// Where the page was asked for.
#[derive(Clone, Debug, Default)]
pub struct Here {
    pub path: String,
    /// Undecoded, without the question mark.
    pub query: String,
    /// Path and query that a form on every page leads back to.
    pub back: String,
}

impl Here {
    /// A field of the page's query, decoded once; `None` if it is absent or given twice.
    pub fn query_field(&self, name: &str) -> Option<String> {
        query_field(&self.query, name)
    }
}

/// An error that takes the place of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PageError {
    pub code: Code,
    /// To quote when asking for help.
    pub request_id: String,
}

/// The data of one page. Each page's loader makes its variant, and its view takes it.
#[derive(Clone, Debug, Default, PartialEq)]
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoginPage {
    /// The sessions to choose from, where the session limit is reached.
    pub choice: Option<SessionChoice>,
}

/// What a page shows that a one-time link leads to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkPage {
    /// The link that the page was opened with, unless it can't be used (any more).
    pub link: Option<OpenedLink>,
    /// The policy's `passwordMinLength`.
    pub password_min_length: u32,
}

/// A one-time link that can be used.
#[derive(Clone, Debug, PartialEq)]
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
