//! The data that pages are rendered from: a page's own data, and a few small contexts of the
//! request. The browser receives only the markup made from it.

use super::account::{AccountPage, Overview};
use super::code::Code;
use super::desk::{AuditPage, Figures, LockoutsPage, SessionsPage};
use super::form::query_field;
use super::people::{PeoplePage, PersonPage};
use super::permission::Permission;
use super::roles::{RoleChoice, RolesPage};
use super::session::SessionChoice;
use super::settings::SettingsPage;

/// The CSRF token for the hidden field of forms that are posted without the program.
#[derive(Clone, Debug, Default)]
pub struct CsrfToken(pub String);

/// The requested path and query.
#[derive(Clone, Debug, Default)]
pub struct Here {
    pub path: String,
    /// Undecoded, without the question mark.
    pub query: String,
    /// The path and query that forms on every page redirect back to.
    pub back: String,
}

impl Here {
    /// A field of the page's query, decoded once; `None` if it is absent or given twice.
    pub fn query_field(&self, name: &str) -> Option<String> {
        query_field(&self.query, name)
    }
}

/// An error that is shown instead of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PageError {
    pub code: Code,
    /// The request id to quote to support.
    pub request_id: String,
}

/// The data of one page. Each page's loader makes its variant, and its view takes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum PageData {
    /// An error, or a path without a page.
    #[default]
    Nothing,
    Dashboard(Box<Overview>, Option<Figures>),
    Account(Box<AccountPage>),
    Login(LoginPage),
    Setup(LinkPage),
    Activate(LinkPage),
    /// The path that the form posts to which waits for the password.
    Confirm {
        waiting: Option<String>,
    },
    NewPassword {
        password_min_length: u32,
        /// Whether the sign-in is recent enough.
        recent: bool,
    },
    Settings(Box<SettingsPage>),
    People(Box<PeoplePage>),
    /// The roles to choose from, and the permissions that the reader may grant to somebody new.
    NewPerson(Vec<RoleChoice>, Vec<Permission>),
    Person(Box<PersonPage>),
    Roles(Box<RolesPage>),
    Sessions(Box<SessionsPage>),
    Lockouts(Box<LockoutsPage>),
    Audit(Box<AuditPage>),
}

/// What `/login` shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoginPage {
    /// The sessions to choose from at the session limit.
    pub choice: Option<SessionChoice>,
}

/// The data of a page that a one-time link opens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkPage {
    /// The one-time link; `None` if it is invalid, expired or used.
    pub link: Option<OpenedLink>,
    /// The policy's `passwordMinLength`.
    pub password_min_length: u32,
}

/// A valid one-time link.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenedLink {
    /// The user's email; `None` for a set-up link.
    pub email: Option<String>,
}

impl PageData {
    /// The policy's `passwordMinLength`, on pages where a password is chosen.
    pub fn password_min_length(&self) -> Option<u32> {
        match self {
            PageData::Account(page) => Some(page.password_min_length),
            PageData::NewPassword { password_min_length, .. } => Some(*password_min_length),
            PageData::Setup(page) | PageData::Activate(page) => Some(page.password_min_length),
            _ => None,
        }
    }
}
