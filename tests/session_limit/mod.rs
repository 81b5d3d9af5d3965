//! The session limit is never exceeded. A client that asks chooses which session ends;
//! otherwise the least recently active one does.
//!
//! | file | what |
//! |---|---|
//! | `limit` | the limit, and which session ends for a new one |
//! | `choice` | choosing the session with a ticket |
//! | `without_scripts` | the page with the choice, without scripts |

mod choice;
mod limit;
mod without_scripts;

use serde_json::{Value, json};

use crate::support::{Answer, Browser, LOGIN, MINUTE, Person, TestApp};

const CHOOSE: &str = "/api/auth/login/choose";

/// Signs in with `askAtLimit`, as the panel's page does.
async fn asking(browser: &mut Browser, person: &Person) -> Answer {
    let body = json!({ "email": person.email, "password": person.password, "askAtLimit": true });
    browser.post(LOGIN, body).await
}

async fn choose(browser: &mut Browser, ticket: &str, handle: &str) -> Answer {
    browser.post(CHOOSE, json!({ "ticket": ticket, "handle": handle })).await
}

/// Reaches the limit; returns the ticket and the handles, least recently active first.
async fn ticket(browser: &mut Browser, person: &Person) -> (String, Vec<String>) {
    let body = asking(browser, person).await.refused(409, "session_limit");
    let handles = body["sessions"].as_array().unwrap().iter();
    (text(&body["ticket"]), handles.map(|session| text(&session["handle"])).collect())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn ended(app: &TestApp) -> Vec<Vec<String>> {
    app.database
        .texts("SELECT end_reason, ended_by FROM sessions WHERE ended_at IS NOT NULL ORDER BY started_at, handle")
        .await
}

/// Returns browsers of a user, signed in a minute apart, the first one first.
async fn browsers(app: &TestApp, person: &Person, count: usize) -> Vec<Browser> {
    let mut browsers = Vec::new();
    for number in 0..count {
        app.pass(MINUTE);
        let mut browser = app.browser().at_address(&format!("192.0.2.{}", number + 1));
        browser.sign_in(person).await;
        browsers.push(browser);
    }
    app.pass(MINUTE);
    browsers
}
