//! A mocked server.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use super::browser::Changed;
use super::run;

/// A server that gives every call the same answer, until it is dropped.
pub struct Server(#[expect(dead_code, reason = "held for its drop")] Changed);

impl Server {
    /// Answers with this status and this JSON.
    pub fn answering(status: u16, json: &str) -> Server {
        Server::with_body(status, "application/json", json)
    }

    /// Answers with this status and a body of this type.
    pub fn with_body(status: u16, kind: &str, body: &str) -> Server {
        let body = format!("new Response('{body}', {{ status: {status}, headers: {{ 'Content-Type': '{kind}' }} }})");
        Server::doing(&format!("Promise.resolve({body})"))
    }

    /// Can't be reached.
    pub fn away() -> Server {
        Server::doing("Promise.reject(new TypeError('away'))")
    }

    /// Gives these answers in order; after the last one, it fails.
    pub fn in_turn(answers: &[(u16, &str)]) -> Server {
        let answers = answers.iter().map(|(status, json)| format!("[{status}, '{json}']"));
        run(&format!("window.__answers = [{}]", answers.collect::<Vec<_>>().join(",")));
        Server::doing(
            "((status, body) => Promise.resolve(new Response(body, \
             { status, headers: { 'Content-Type': 'application/json' } })))(...(window.__answers.shift() ?? [500, '']))",
        )
    }

    /// Returns the paths requested so far.
    pub fn requests(&self) -> Vec<String> {
        js_sys::Array::from(&run("return window.__asked")).iter().map(|path| path.as_string().unwrap()).collect()
    }

    fn doing(promise: &str) -> Server {
        run("window.__asked = []");
        let note = "window.__asked.push(new URL(request.url ?? request, location.href).pathname)";
        Server(Changed::property(
            "window",
            "fetch",
            &format!("writable: true, value: (request) => {{ {note}; return {promise} }}"),
        ))
    }
}
