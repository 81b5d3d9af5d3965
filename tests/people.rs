//! Administrators find, add, change and remove people.

mod acts;
mod forms;
mod list;
mod many;
mod rights;

use serde_json::{Value, json};

use crate::support::{Answer, Browser, PASSWORD, Person, TestApp};

const USERS: &str = "/api/users";

async fn administrator(app: &TestApp) -> Browser {
    let admin = app.person_with("yonetici", "admin", PASSWORD).await;
    app.signed_in(&admin).await
}

/// Grants somebody permissions besides their role.
async fn grant(app: &TestApp, person: &Person, permissions: &str) {
    app.database.execute(&format!("UPDATE users SET permissions = '{permissions}' WHERE id = '{}'", person.id)).await;
}

async fn list(browser: &mut Browser, query: &str) -> Value {
    browser.get(&format!("{USERS}?{query}")).await.expect(200).data()
}

async fn names(browser: &mut Browser, query: &str) -> Vec<String> {
    let data = list(browser, query).await;
    data["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

async fn one(browser: &mut Browser, id: &str) -> Value {
    list(browser, &format!("q={id}")).await["items"][0].clone()
}

async fn act(browser: &mut Browser, what: &str, ids: &[&str]) -> Answer {
    browser.post(&format!("{USERS}/{what}"), json!({ "ids": ids })).await
}

fn refused(answer: Answer) -> Vec<(String, String)> {
    let data = answer.expect(200).data();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    data["refused"].as_array().unwrap().iter().map(|item| (text(&item["id"]), text(&item["code"]))).collect()
}

/// The first column of a query.
async fn texts(app: &TestApp, sql: &str) -> Vec<String> {
    app.database.texts(sql).await.into_iter().map(|row| row[0].clone()).collect()
}

fn new(name: &str) -> Value {
    json!({"email": format!("{name}@example.org"), "name": name, "role": "staff"})
}

fn token(url: &str) -> String {
    url.split_once("token=").expect("a token").1.to_owned()
}
