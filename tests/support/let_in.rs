//! Signing in without what a password's hash costs, for tests of many rounds.

use std::sync::Arc;

use axum::http::{HeaderMap, Request, header::SET_COOKIE};
use kafkasder_panel::server::request::{Asked, Visit};
use kafkasder_panel::server::sessions::{self, AtLimit, check::Session};
use kafkasder_panel::server::users::{self, Proven};

use super::answer::Answer;
use super::app::{Person, TestApp};
use super::browser::{Browser, LOGIN};

impl TestApp {
    /// A sign-in as the layers hand it on, by a browser without cookies.
    pub fn asked(&self) -> Asked {
        let (parts, ()) = Request::post(LOGIN).body(()).expect("a request").into_parts();
        let visit = Visit::of(&parts, &self.state.config, self.now(), "let in".to_owned());
        Asked { panel: self.state.clone(), visit: Arc::new(visit), identity: None, answer: None }
    }

    /// A proof of a person's password, taken on trust.
    pub async fn proven(&self, person: &Person) -> Proven {
        let proven = users::still_proven(&self.state, &person.id, |_| true).await;
        proven.expect("somebody who may sign in").expect("a password")
    }

    /// A browser with a new session.
    pub async fn let_in(&self, person: &Person) -> Browser {
        let proven = self.proven(person).await;
        let started = sessions::start(&self.asked(), proven, false, AtLimit::EndLeastActive).await.expect("a session");
        let headers: HeaderMap = started.cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)).collect();
        let mut browser = self.browser();
        browser.keep_cookies(&Answer { asked: "let in".to_owned(), status: 200, headers, body: Vec::new().into() });
        browser
    }

    /// The public name of a browser's session.
    pub async fn handle_of(&self, browser: &Browser) -> String {
        let id = self.open_session(&browser.session().expect("a session")).session_id;
        let session = Session::find(&self.state.db, &sessions::hash(&id)).await.expect("the database is there");
        session.expect("the id in force").handle
    }

    /// How many sessions have not ended.
    pub async fn live_sessions(&self) -> i64 {
        self.database.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await
    }
}
