//! The route inventory: every path with its methods, required rights and body.
//!
//! Access is denied by default: a path that is not in the list requires a session and then
//! answers 404. A test walks the server functions, pages and axum routes and fails for one that
//! is missing here.

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
    /// Proving the password again, without scripts.
    Confirm,
    Settings,
    People,
    NewPerson,
    /// One person, by the id in the path.
    Person,
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
    form(forms::RESET_LINK, Kind::Mutation, PEOPLE),
    form(forms::REMOVE_PICTURES, Kind::Mutation, PEOPLE),
    form(forms::DELETE_PEOPLE, Kind::Mutation, PEOPLE),
    form(forms::ASSIGN, Kind::Mutation, PEOPLE),
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

/// The folder of the build's hashed files.
pub const PKG: &str = "/pkg/";

/// The folder of users' pictures, which are stored in the database.
pub const PICTURES: &str = "/pictures/";

/// The script paths of old applications' service workers. They are not routes: only a request
/// with `Service-Worker: script` gets the script of
/// [`old_worker`](crate::server::http::old_worker), the same for everyone.
pub const OLD_WORKERS: [&str; 3] = ["/sw.js", "/service-worker.js", "/serviceworker.js"];

/// The folders. Every path below a folder belongs to its route.
pub const FOLDERS: &[Route] = &[
    route(PKG, Kind::Asset, Needs::Nothing),
    route(PICTURES, Kind::Read, Needs::Session),
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

/// The result of a lookup.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    Route(Route),
    /// The path exists, but not with this method. Holds the methods for `Allow`.
    WrongMethod(&'static str),
    /// An unknown path: protected first, then `not_found`.
    Unknown {
        api: bool,
    },
}

/// Looks a request up.
pub fn lookup(method: &Method, path: &str) -> Found {
    let folders = || FOLDERS.iter().filter(|folder| path.starts_with(folder.path));
    let rows = || ROUTES.iter().filter(|row| row.path == path).chain(folders());
    if let Some(row) = rows().find(|row| row.answers(method)) {
        return Found::Route(*row);
    }
    match rows().map(|row| row.allow()).reduce(|one, other| if one == other { one } else { "GET, HEAD, POST" }) {
        Some(allow) => Found::WrongMethod(allow),
        None if [Method::GET, Method::HEAD, Method::POST].contains(method) => {
            Found::Unknown { api: path.starts_with("/api/") }
        }
        None => Found::WrongMethod("GET, HEAD"),
    }
}

/// The page whose path has one trailing slash too many. `//` is excluded, because it may start
/// another host.
pub fn page_of_slashed(path: &str) -> Option<&'static str> {
    let page = path.strip_suffix('/').filter(|page| *page != "/")?;
    ROUTES.iter().find(|row| row.kind.is_page() && row.path == page).map(|row| row.path)
}

impl Found {
    /// The right that the request requires. An unknown path requires a session.
    pub fn needs(&self) -> Needs {
        match self {
            Found::Route(route) => route.needs,
            _ => Needs::Session,
        }
    }

    /// The kind. For an unknown path it follows from the method.
    pub fn kind(&self, method: &Method) -> Kind {
        match self {
            Found::Route(route) => route.kind,
            _ if method == Method::POST => Kind::BareMutation,
            Found::Unknown { api: true } => Kind::Read,
            _ => Kind::Page(Page::Missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_paths_require_a_session() {
        for path in ["/people", "/account/", "/login/", "/login-help", "//login", "/LOGIN", "/api/auth/nothing"] {
            assert_eq!(lookup(&Method::GET, path).needs(), Needs::Session, "{path}");
        }
        assert_eq!(lookup(&Method::GET, "/pkg/a.js").needs(), Needs::Nothing);
        assert_eq!(lookup(&Method::GET, "/pictures/a.jpg").needs(), Needs::Session);
        assert!(matches!(lookup(&Method::POST, "/pictures/a.jpg"), Found::WrongMethod("GET, HEAD")));
    }

    #[test]
    fn only_pages_redirect_from_a_trailing_slash() {
        assert_eq!(page_of_slashed("/login/"), Some("/login"));
        for other in
            ["/", "//", "/login", "/login//", "//login/", "/LOGIN/", "/login%2F", "/api/csrf/", "/healthz/", "/x/"]
        {
            assert_eq!(page_of_slashed(other), None, "{other}");
        }
    }

    #[test]
    fn methods_are_distinguished() {
        assert!(matches!(lookup(&Method::GET, "/api/auth/login"), Found::WrongMethod("POST")));
        assert!(matches!(lookup(&Method::POST, "/login"), Found::WrongMethod("GET, HEAD")));
        assert!(matches!(lookup(&Method::TRACE, "/nothing"), Found::WrongMethod(_)));
        assert!(matches!(lookup(&Method::HEAD, "/api/csrf"), Found::Route(_)));
    }
}
