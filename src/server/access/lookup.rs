//! Finds a request's row in the inventory.

use http::Method;

use super::{BEFORE_NEW_PASSWORD, FOLDERS, Kind, Needs, Page, ROUTES, Route};

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

    /// Whether it waits until the user has chosen the new password that an administrator requires.
    pub fn waits_for_new_password(&self) -> bool {
        match self {
            Found::Route(route) => route.needs != Needs::Nothing && !BEFORE_NEW_PASSWORD.contains(&route.path),
            _ => true,
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
