//! The route inventory: every path, its methods, who may, and with which body.
//!
//! Closed by default: what is not in this list needs a session, and then finds
//! nothing. A test walks the server functions, pages and axum routes and fails
//! for one that is not here.

use http::Method;

use crate::model::forms::{self, Form};
use crate::model::permission::Permission;

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    Session,
    /// A session whose user has the permission.
    Permission(Permission),
}

/// The pages, by whose loader they are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Dashboard,
    Account,
    Login,
    Setup,
    Activate,
    /// A path without a page: it shows `not_found`.
    Missing,
}

/// What a route is, which decides how it is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An HTML page; opening it is activity.
    Page(Page),
    /// Answers a program; reading is not activity.
    Read,
    /// Changes something: needs the CSRF token, and is activity. The body is
    /// JSON or a form.
    Mutation,
    /// A mutation that asks for nothing: its body, if any, is not looked at.
    BareMutation,
    /// A mutation whose body is a picture: multipart, and larger than others.
    Upload,
    /// A file of the build; the same for everybody.
    Asset,
    /// For load balancers: answers under any host and scheme.
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
    route("/favicon.svg", Kind::Asset, Needs::Nothing),
    route("/robots.txt", Kind::Asset, Needs::Nothing),
];

/// The folder of the build's hashed files.
pub const PKG: &str = "/pkg/";

/// The folder of people's pictures, which are in the database.
pub const PICTURES: &str = "/pictures/";

/// The scripts that an old application's service worker may have come from. These
/// are no routes: only with `Service-Worker: script` there is an answer, which is
/// [`old_worker`](crate::server::http::old_worker)'s and the same for everybody.
pub const OLD_WORKERS: [&str; 3] = ["/sw.js", "/service-worker.js", "/serviceworker.js"];

/// The folders: whatever is below them is one route.
const FOLDERS: &[Route] = &[route(PKG, Kind::Asset, Needs::Nothing), route(PICTURES, Kind::Read, Needs::Session)];

impl Kind {
    pub fn is_page(self) -> bool {
        matches!(self, Kind::Page(_))
    }

    /// Whether it changes something, and so asks for the CSRF token.
    pub fn changes(self) -> bool {
        matches!(self, Kind::Mutation | Kind::BareMutation | Kind::Upload)
    }
}

impl Route {
    /// The methods a route answers, for `Allow`.
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

/// What the inventory says about a request.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    Route(Route),
    /// The path exists, the method does not; with the methods for `Allow`.
    WrongMethod(&'static str),
    /// No such path: treated like a protected one, then not found.
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
    match rows().next() {
        Some(row) => Found::WrongMethod(row.allow()),
        None if [Method::GET, Method::HEAD, Method::POST].contains(method) => {
            Found::Unknown { api: path.starts_with("/api/") }
        }
        None => Found::WrongMethod("GET, HEAD"),
    }
}

/// The page that a path is with one slash too many at its end. `//` is none: it
/// may be the beginning of another host.
pub fn page_of_slashed(path: &str) -> Option<&'static str> {
    let page = path.strip_suffix('/').filter(|page| *page != "/")?;
    ROUTES.iter().find(|row| row.kind.is_page() && row.path == page).map(|row| row.path)
}

impl Found {
    /// Who may use what was found: an unknown path is closed.
    pub fn needs(&self) -> Needs {
        match self {
            Found::Route(route) => route.needs,
            _ => Needs::Session,
        }
    }

    /// The kind, with an unknown path's taken from its method.
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
    fn unknown_paths_are_closed() {
        for path in ["/users", "/account/", "/login/", "/login-help", "//login", "/LOGIN", "/api/auth/nothing"] {
            assert_eq!(lookup(&Method::GET, path).needs(), Needs::Session, "{path}");
        }
        assert_eq!(lookup(&Method::GET, "/pkg/a.js").needs(), Needs::Nothing);
        assert_eq!(lookup(&Method::GET, "/pictures/a.jpg").needs(), Needs::Session);
        assert!(matches!(lookup(&Method::POST, "/pictures/a.jpg"), Found::WrongMethod("GET, HEAD")));
    }

    #[test]
    fn only_a_page_has_a_twin_with_a_slash() {
        assert_eq!(page_of_slashed("/login/"), Some("/login"));
        for other in
            ["/", "//", "/login", "/login//", "//login/", "/LOGIN/", "/login%2F", "/api/csrf/", "/healthz/", "/x/"]
        {
            assert_eq!(page_of_slashed(other), None, "{other}");
        }
    }

    #[test]
    fn methods_are_told_apart() {
        assert!(matches!(lookup(&Method::GET, "/api/auth/login"), Found::WrongMethod("POST")));
        assert!(matches!(lookup(&Method::POST, "/login"), Found::WrongMethod("GET, HEAD")));
        assert!(matches!(lookup(&Method::TRACE, "/nothing"), Found::WrongMethod(_)));
        assert!(matches!(lookup(&Method::HEAD, "/api/csrf"), Found::Route(_)));
    }
}
