//! What the browser tests share: people, a storage that can be blocked, a
//! server that answers as told.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::cell::RefCell;

use leptos::prelude::set_timeout;
use wasm_bindgen::JsValue;

use super::browser::Departure;
use crate::model::session::SessionStatus;
use crate::model::snapshot::Who;
use crate::model::user::User;

/// Somebody with a role, two permissions and nothing optional.
pub fn person(id: &str) -> User {
    User {
        id: id.to_owned(),
        email: format!("{id}@example.org"),
        name: "Ayşe Işık".to_owned(),
        role: "staff".to_owned(),
        permissions: vec!["messages:access".to_owned(), "reports:access".to_owned()],
        is_active: true,
        phone: None,
        labels: Vec::new(),
        avatar: None,
        created_at: "2026-01-01T00:00:00.000Z".to_owned(),
        updated_at: "2026-01-01T00:00:00.000Z".to_owned(),
        last_login: None,
    }
}

/// A week until the session ends, and no idle limit.
pub fn status(id: &str) -> SessionStatus {
    SessionStatus {
        user_id: id.to_owned(),
        expires_at: "2026-12-01T00:00:00.000Z".to_owned(),
        idle_expires_at: None,
        server_time: "2026-11-24T00:00:00.000Z".to_owned(),
    }
}

/// The server's word that this person is signed in.
pub fn signed_in(id: &str) -> Who {
    Who::SignedIn { user: Box::new(person(id)), session: status(id), remembered: true }
}

/// The page's storage, as the tests themselves use it.
pub fn local_storage() -> web_sys::Storage {
    web_sys::window().unwrap().local_storage().unwrap().unwrap()
}

/// Overrides a property of the window until dropped.
struct Overridden(&'static str);

impl Overridden {
    fn with(name: &'static str, descriptor: &str) -> Overridden {
        let script = format!("Object.defineProperty(window, '{name}', {{ configurable: true, {descriptor} }})");
        js_sys::Function::new_no_args(&script).call0(&JsValue::NULL).unwrap();
        Overridden(name)
    }
}

impl Drop for Overridden {
    fn drop(&mut self) {
        let script = format!("Object.defineProperty(window, '{0}', window.__saved_{0})", self.0);
        js_sys::Function::new_no_args(&script).call0(&JsValue::NULL).unwrap();
    }
}

fn save(name: &str) {
    let script = format!("window.__saved_{name} ??= Object.getOwnPropertyDescriptor(window, '{name}')");
    js_sys::Function::new_no_args(&script).call0(&JsValue::NULL).unwrap();
}

/// A browser that blocks storage, until dropped.
pub struct Blocked(#[expect(dead_code, reason = "held for its drop")] Overridden);

impl Blocked {
    /// `body` is what the getter of `window.localStorage` does instead.
    pub fn by(body: &str) -> Blocked {
        save("localStorage");
        Blocked(Overridden::with("localStorage", &format!("get() {{ {body} }}")))
    }
}

/// A server that answers every call alike, until dropped.
pub struct Server(#[expect(dead_code, reason = "held for its drop")] Overridden);

impl Server {
    /// Answers with this status and this JSON.
    pub fn answering(status: u16, json: &str) -> Server {
        let body = format!(
            "new Response('{json}', {{ status: {status}, headers: {{ 'Content-Type': 'application/json' }} }})"
        );
        Server::doing(&format!("Promise.resolve({body})"))
    }

    /// Cannot be reached.
    pub fn away() -> Server {
        Server::doing("Promise.reject(new TypeError('away'))")
    }

    /// Answers one call after the other; past the last, it is broken.
    pub fn in_turn(answers: &[(u16, &str)]) -> Server {
        let answers = answers.iter().map(|(status, json)| format!("[{status}, '{json}']"));
        let script = format!("window.__answers = [{}]", answers.collect::<Vec<_>>().join(","));
        js_sys::Function::new_no_args(&script).call0(&JsValue::NULL).unwrap();
        Server::doing(
            "((status, body) => Promise.resolve(new Response(body, \
             { status, headers: { 'Content-Type': 'application/json' } })))(...(window.__answers.shift() ?? [500, '']))",
        )
    }

    /// The paths that were asked for so far.
    pub fn asked(&self) -> Vec<String> {
        let urls = js_sys::Function::new_no_args("return window.__asked").call0(&JsValue::NULL).unwrap();
        js_sys::Array::from(&urls).iter().map(|path| path.as_string().unwrap()).collect()
    }

    fn doing(promise: &str) -> Server {
        save("fetch");
        js_sys::Function::new_no_args("window.__asked = []").call0(&JsValue::NULL).unwrap();
        let note = "window.__asked.push(new URL(request.url ?? request, location.href).pathname)";
        Server(Overridden::with(
            "fetch",
            &format!("writable: true, value: (request) => {{ {note}; return {promise} }}"),
        ))
    }
}

/// A browser whose clock is wrong by so many milliseconds, until dropped.
pub struct Skewed;

impl Skewed {
    pub fn by(ms: i32) -> Skewed {
        let script = format!("window.__now ??= Date.now; Date.now = () => window.__now.call(Date) + {ms}");
        js_sys::Function::new_no_args(&script).call0(&JsValue::NULL).unwrap();
        Skewed
    }
}

impl Drop for Skewed {
    fn drop(&mut self) {
        js_sys::Function::new_no_args("Date.now = window.__now").call0(&JsValue::NULL).unwrap();
    }
}

/// A browser without Web Locks, until dropped.
pub struct Lockless;

impl Lockless {
    pub fn new() -> Lockless {
        let script = "Object.defineProperty(navigator, 'locks', { configurable: true, value: undefined })";
        js_sys::Function::new_no_args(script).call0(&JsValue::NULL).unwrap();
        Lockless
    }
}

impl Drop for Lockless {
    fn drop(&mut self) {
        js_sys::Function::new_no_args("delete navigator.locks").call0(&JsValue::NULL).unwrap();
    }
}

thread_local! {
    static DEPARTURES: RefCell<Vec<Departure>> = const { RefCell::new(Vec::new()) };
}

/// Takes note instead of leaving, for a test page cannot leave.
pub fn note(departure: Departure) {
    DEPARTURES.with_borrow_mut(|noted| noted.push(departure));
}

/// What was noted since the last time.
pub fn noted() -> Vec<Departure> {
    DEPARTURES.take()
}

/// Lets the browser get to its other tasks.
pub async fn turn() {
    let (done, waiting) = futures::channel::oneshot::channel();
    set_timeout(move || done.send(()).unwrap(), std::time::Duration::ZERO);
    waiting.await.unwrap();
}

/// Waits for what other tasks bring about; what never comes is the runner's to notice.
pub async fn until(met: impl Fn() -> bool) {
    while !met() {
        turn().await;
    }
}
