//! Concurrent requests never leave no administrator and never create two first ones.

use kafkasder_panel::model::email::Email;
use kafkasder_panel::server::{administration, users};
use serde_json::json;

use super::{ROUNDS, at_once};
use crate::support::{PASSWORD, Person, TestApp};

both![one_administrator_always_remains, a_set_up_link_creates_one_administrator, only_one_set_up_link_is_valid,];

const LEFT: &str = "SELECT count(*) FROM users WHERE role = 'admin' AND is_active";

async fn one_administrator_always_remains(app: TestApp) {
    let people = [
        app.person_with("ayse", "admin", PASSWORD).await,
        app.person_with("mehmet", "admin", PASSWORD).await,
        app.person_with("zeynep", "admin", PASSWORD).await,
    ];
    for round in 0..ROUNDS {
        let disabled = at_once(people.iter().map(|person| disable(app.clone(), person.clone()))).await;
        assert_eq!(disabled.iter().filter(|done| **done).count(), 2, "round {round}");
        assert_eq!(app.database.number(LEFT).await, 1, "round {round}");
        app.database.execute("UPDATE users SET is_active = TRUE").await;
    }
}

async fn disable(app: TestApp, person: Person) -> bool {
    let user = users::by_email(&app.state.db, &Email::parse(&person.email).expect("an email")).await.expect("a user");
    administration::users::set_active(&app.state.db, &user, false, app.now()).await.is_ok()
}

async fn a_set_up_link_creates_one_administrator(app: TestApp) {
    for round in 0..8 {
        let token = app.set_up_token().await.expect("there is no administrator yet");
        let link = |number: usize| {
            let (app, token) = (app.clone(), token.clone());
            async move {
                let body = json!({
                    "token": token, "name": "First", "email": format!("first{number}@example.org"), "password": PASSWORD,
                });
                app.browser().post("/api/setup", body).await.status
            }
        };
        let statuses = at_once((0..4).map(link)).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "round {round}: {statuses:?}");
        assert_eq!(app.database.number(LEFT).await, 1, "round {round}");
        app.database.execute("DELETE FROM users").await;
    }
}

/// When several servers start at the same moment, only the last link is valid.
async fn only_one_set_up_link_is_valid(app: TestApp) {
    for round in 0..20 {
        let start = |_| {
            let app = app.clone();
            async move { app.set_up_token().await.is_some() }
        };
        assert!(at_once((0..4).map(start)).await.into_iter().all(|made| made));
        let good = "SELECT count(*) FROM links WHERE used_at IS NULL";
        assert_eq!(app.database.number(good).await, 1, "round {round}");
    }
}
