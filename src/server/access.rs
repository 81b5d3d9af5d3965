//! The route inventory: every path with its methods, required rights and body.
//!
//! Access is denied by default: a path that is not in the list requires a session and then
//! answers 404. A test walks the server functions, pages and axum routes and fails for one that
//! is missing here.
//!
//! | file | what is in it |
//! |---|---|
//! | here | the inventory |
//! | [`lookup`] | finding a request's row |

pub mod lookup;

use http::Method;

use crate::model::forms::{self, Form};
use crate::model::permission::Permission;

/// The right that a route requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Session,
    /// A session whose user has the permission.
    Permission(Permission),
}

/// The pages, by the loader of their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Dashboard,
    Account,
    Login,
    Setup,
    Activate,
    /// Choosing the new password that an administrator requires.
    NewPassword,
    /// Proving the password again, without scripts.
    Confirm,
    Settings,
    People,
    NewPerson,
    /// One person, by the id in the path.
    Person,
    Roles,
    Sessions,
    Lockouts,
    Audit,
    /// A path without a page, which shows `not_found`.
    Missing,
}

/// The kind of a route, which decides how it is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An HTML page. Opening it is activity.
    Page(Page),
    /// An endpoint for programs. Reading is not activity.
    Read,
    /// A change. It requires the CSRF token and is activity. The body is JSON or a form.
    Mutation,
    /// A mutation without input. Its body is ignored.
    BareMutation,
    /// A mutation with a picture as its body: multipart, and larger than others.
    Upload,
    /// A file of the build, the same for everyone.
    Asset,
    /// For load balancers: answers on any host and scheme.
    Probe,
}

/// One row of the inventory.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub path: &'static str,
    pub kind: Kind,
    pub needs: Needs,
}

const fn route(path: &'static str, kind: Kind, needs: Needs) -> Route {
    Route { path, kind, needs }
}

const fn form(form: Form, kind: Kind, needs: Needs) -> Route {
    route(form.action, kind, needs)
}

const PEOPLE: Needs = Needs::Permission(Permission::UsersManage);
const SESSIONS: Needs = Needs::Permission(Permission::SessionsManage);
const AUDIT: Needs = Needs::Permission(Permission::AuditView);
const SETTINGS: Needs = Needs::Permission(Permission::SettingsManage);

/// Every route there is.
pub const ROUTES: &[Route] = &[
    route("/healthz", Kind::Probe, Needs::Nothing),
    route("/readyz", Kind::Probe, Needs::Nothing),
    route("/api/csrf", Kind::Read, Needs::Nothing),
    form(forms::LOGIN, Kind::Mutation, Needs::Nothing),
    form(forms::CHOOSE, Kind::Mutation, Needs::Nothing),
    route("/api/auth/session", Kind::Read, Needs::Session),
    route("/api/auth/user", Kind::Read, Needs::Session),
    route("/api/auth/events", Kind::Read, Needs::Session),
    form(forms::LOGOUT, Kind::BareMutation, Needs::Nothing),
    route("/api/account/sessions", Kind::Read, Needs::Session),
    form(forms::END_SESSION, Kind::Mutation, Needs::Session),
    form(forms::END_OTHER_SESSIONS, Kind::BareMutation, Needs::Session),
    form(forms::END_ALL_SESSIONS, Kind::BareMutation, Needs::Session),
    form(forms::PASSWORD, Kind::Mutation, Needs::Session),
    form(forms::NEW_PASSWORD, Kind::Mutation, Needs::Session),
    form(forms::EXTEND, Kind::BareMutation, Needs::Session),
    form(forms::CONFIRM, Kind::Mutation, Needs::Session),
    form(forms::SETUP, Kind::Mutation, Needs::Nothing),
    form(forms::ACTIVATE, Kind::Mutation, Needs::Nothing),
    form(forms::PREFERENCES, Kind::Mutation, Needs::Nothing),
    form(forms::PROFILE, Kind::Mutation, Needs::Session),
    form(forms::PICTURE, Kind::Upload, Needs::Session),
    form(forms::REMOVE_PICTURE, Kind::Mutation, Needs::Session),
    route("/login", Kind::Page(Page::Login), Needs::Nothing),
    route("/setup", Kind::Page(Page::Setup), Needs::Nothing),
    route("/activate", Kind::Page(Page::Activate), Needs::Nothing),
    route("/", Kind::Page(Page::Dashboard), Needs::Session),
    route("/account", Kind::Page(Page::Account), Needs::Session),
    route("/new-password", Kind::Page(Page::NewPassword), Needs::Session),
    route("/confirm", Kind::Page(Page::Confirm), Needs::Session),
    route("/settings", Kind::Page(Page::Settings), SETTINGS),
    route("/api/settings/policy", Kind::Read, SETTINGS),
    form(forms::POLICY, Kind::Mutation, SETTINGS),
    form(forms::POLICY_PREVIEW, Kind::Mutation, SETTINGS),
    route("/users", Kind::Page(Page::People), PEOPLE),
    route("/users/new", Kind::Page(Page::NewPerson), PEOPLE),
    route("/api/users", Kind::Read, PEOPLE),
    form(forms::ADD_PERSON, Kind::Mutation, PEOPLE),
    form(forms::CHANGE_PERSON, Kind::Mutation, PEOPLE),
    form(forms::DISABLE, Kind::Mutation, PEOPLE),
    form(forms::ENABLE, Kind::Mutation, PEOPLE),
    form(forms::UNLOCK, Kind::Mutation, PEOPLE),
    form(forms::REQUIRE_PASSWORD, Kind::Mutation, PEOPLE),
    form(forms::RESET_LINK, Kind::Mutation, PEOPLE),
    form(forms::REMOVE_PICTURES, Kind::Mutation, PEOPLE),
    form(forms::DELETE_PEOPLE, Kind::Mutation, PEOPLE),
    form(forms::ASSIGN, Kind::Mutation, PEOPLE),
    route("/roles", Kind::Page(Page::Roles), PEOPLE),
    route("/api/roles", Kind::Read, PEOPLE),
    form(forms::SAVE_ROLE, Kind::Mutation, PEOPLE),
    form(forms::DELETE_ROLES, Kind::Mutation, PEOPLE),
    route("/sessions", Kind::Page(Page::Sessions), SESSIONS),
    route("/api/sessions", Kind::Read, SESSIONS),
    form(forms::END_SESSIONS, Kind::Mutation, SESSIONS),
    route("/lockouts", Kind::Page(Page::Lockouts), PEOPLE),
    route("/api/lockouts", Kind::Read, PEOPLE),
    form(forms::LIFT_LOCKOUTS, Kind::Mutation, PEOPLE),
    route("/audit", Kind::Page(Page::Audit), AUDIT),
    route("/api/audit", Kind::Read, AUDIT),
    route("/api/audit/export", Kind::Read, AUDIT),
    route("/favicon.svg", Kind::Asset, Needs::Nothing),
    route("/robots.txt", Kind::Asset, Needs::Nothing),
];

/// What somebody who must choose a new password can still use, besides what needs no session.
pub const BEFORE_NEW_PASSWORD: [&str; 6] =
    ["/new-password", forms::NEW_PASSWORD.action, "/api/auth/session", "/api/auth/user", "/api/auth/events", PICTURES];

/// The folder of the build's hashed files.
pub const PKG: &str = "/pkg/";

/// The folder of users' pictures, which are stored in the database.
pub const PICTURES: &str = "/pictures/";

/// The folder of jobs: each is shown to the session that began it.
pub const JOBS: &str = "/api/jobs/";

/// The script paths of old applications' service workers. They are not routes: only a request
/// with `Service-Worker: script` gets the script of
/// [`old_worker`](crate::server::http::old_worker), the same for everyone.
pub const OLD_WORKERS: [&str; 3] = ["/sw.js", "/service-worker.js", "/serviceworker.js"];

/// The folders. Every path below a folder belongs to its route.
pub const FOLDERS: &[Route] = &[
    route(PKG, Kind::Asset, Needs::Nothing),
    route(PICTURES, Kind::Read, Needs::Session),
    route(JOBS, Kind::Read, Needs::Session),
    route("/users/", Kind::Page(Page::Person), PEOPLE),
];

impl Kind {
    pub fn is_page(self) -> bool {
        matches!(self, Kind::Page(_))
    }

    /// Whether it changes something and therefore requires the CSRF token.
    pub fn changes(self) -> bool {
        matches!(self, Kind::Mutation | Kind::BareMutation | Kind::Upload)
    }
}

impl Route {
    /// The methods of a route, for `Allow`.
    pub fn allow(&self) -> &'static str {
        match self.kind {
            kind if kind.changes() => "POST",
            _ => "GET, HEAD",
        }
    }

    fn answers(&self, method: &Method) -> bool {
        self.allow().split(", ").any(|allowed| allowed == method.as_str())
    }
}
