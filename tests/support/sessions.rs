//! Starts sessions without the cost of a password hash, for tests with many rounds.

use std::net::IpAddr;

use std::sync::Arc;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, Request};
use kafkasder_panel::server::context::RequestContext;
use kafkasder_panel::server::error::Error;
use kafkasder_panel::server::request::RequestInfo;
use kafkasder_panel::server::sessions::cookie_check::{CookieCheck, check_cookie};
use kafkasder_panel::server::sessions::{self, AtLimit, StartedSession, check::Session};
use kafkasder_panel::server::users::{self, AuthenticatedUser};

use super::answer::Answer;
use super::app::{Person, TestApp};
use super::browser::{Browser, LOGIN};

impl TestApp {
    /// Returns the `RequestInfo` of a sign-in by a browser without cookies.
    pub fn sign_in_request(&self) -> RequestInfo {
        let request = Request::post(LOGIN).body(()).expect("a request");
        RequestInfo::of(&request, IpAddr::from([0, 0, 0, 0]), &self.state.config, self.now(), uuid::Uuid::nil())
    }

    /// Starts a session without checking the user's password.
    ///
    /// # Errors
    /// As [`sessions::start`].
    pub async fn start_session(&self, person: &Person, at_limit: AtLimit) -> Result<StartedSession, Error> {
        let (info, user) = (self.sign_in_request(), self.authenticated(person).await);
        sessions::start(&self.state, &info, None, user, false, at_limit).await
    }

    /// Returns the user as authenticated without checking the password.
    pub async fn authenticated(&self, person: &Person) -> AuthenticatedUser {
        let user = users::still_authenticated(&self.state, &person.id, |_| true).await;
        user.expect("an active user").expect("a password")
    }

    /// Returns the context that a handler gets for a request of this browser.
    pub async fn context_of(&self, browser: &Browser) -> RequestContext {
        let info = Arc::new(self.sign_in_request());
        let cookies = browser.session().map(|session| format!("{}={session}", self.state.cookies.session));
        let headers: HeaderMap =
            cookies.iter().map(|cookie| (COOKIE, HeaderValue::from_str(cookie).expect("a header"))).collect();
        let identity = match check_cookie(&self.state, &info, &headers).await {
            CookieCheck::Live { identity, .. } => Some(identity),
            _ => None,
        };
        RequestContext { panel: self.state.clone(), info, identity, response_options: None }
    }

    /// Returns a browser with a new session.
    pub async fn signed_in_without_hashing(&self, person: &Person) -> Browser {
        let started = self.start_session(person, AtLimit::EndLeastActive).await.expect("a session");
        let headers: HeaderMap = started.cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)).collect();
        let mut browser = self.browser();
        browser.keep_cookies(&Answer {
            asked: "sign in without hashing".to_owned(),
            status: 200,
            headers,
            body: Vec::new().into(),
        });
        browser
    }

    /// Returns the public handle of a browser's session.
    pub async fn handle_of(&self, browser: &Browser) -> String {
        let id = self.open_session(&browser.session().expect("a session")).session_id;
        let session =
            Session::by_current_id(&self.state.db, &sessions::hash(&id)).await.expect("the database is there");
        session.expect("the id in force").handle
    }

    /// Counts the sessions that have not ended.
    pub async fn live_sessions(&self) -> i64 {
        self.database.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await
    }
}
