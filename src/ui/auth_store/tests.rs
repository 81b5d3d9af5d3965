//! Browser tests: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

mod other_tabs;

use leptos::prelude::*;
use leptos::task::tick;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;
use crate::model::session::EndReason;
use crate::ui::storage::Mirror;
use crate::ui::testing::{
    Changed, Channels, Server, block_storage, departures, fresh, local_storage, mounted, person, record_departure,
    signed_in, status, until,
};

wasm_bindgen_test_configure!(run_in_browser);

/// Creates a page with a store, as after the program's start, until it is dropped.
async fn page(who: &Who) -> (Changed, AuthStore) {
    departures();
    let who = who.clone();
    let page = mounted(move || {
        let store = AuthStore::new(&who, record_departure);
        store.attach();
        store
    })
    .await;
    settled().await;
    page
}

async fn settled() {
    for _ in 0..5 {
        tick().await;
    }
}

fn fields(store: AuthStore) -> AuthState {
    store.state().get_untracked()
}

fn mirrored() -> Option<String> {
    storage::read().map(|mirror| mirror.user_id)
}

fn remember(id: &str) {
    assert!(storage::write(&Mirror::of(&person(id))));
}

fn why(store: AuthStore) -> Option<CoverReason> {
    store.ended().get_untracked().map(|ended| ended.why)
}

#[wasm_bindgen_test]
async fn the_servers_seed_fills_the_store_and_the_mirror() {
    fresh();
    remember("somebody-else");
    let seeded = AuthState::seeded(&signed_in("u1"));
    assert!(seeded.is_authenticated && seeded.is_initialized && seeded.remember_me);
    let session = seeded.session.unwrap();
    assert_eq!((session.user_id.as_str(), session.access_token), ("u1", "stored-in-httponly-cookie"));

    let (_owner, store) = page(&signed_in("u1")).await;
    assert_eq!(fields(store).user, Some(person("u1")));
    assert_eq!(mirrored().as_deref(), Some("u1"));
}

#[wasm_bindgen_test]
async fn a_signed_out_seed_removes_the_mirror() {
    fresh();
    remember("u1");
    let (_owner, store) = page(&Who::Nobody).await;
    assert_eq!(fields(store), AuthState { is_initialized: true, ..AuthState::default() });
    assert_eq!(mirrored(), None);
}

#[wasm_bindgen_test]
async fn without_a_seed_the_mirror_shows_a_name_but_grants_nothing() {
    fresh();
    remember("u1");
    let (_owner, store) = page(&Who::Unknown).await;
    let restored = fields(store);
    assert_eq!(restored.user.map(|u| (u.id, u.name)), Some(("u1".to_owned(), "Ayşe Işık".to_owned())));
    assert!(restored.is_initialized && !restored.is_authenticated && restored.session.is_none());
    assert!(!store.has_permission("messages:access") && !store.has_role("staff"));
    assert_eq!(mirrored().as_deref(), Some("u1"));
}

#[wasm_bindgen_test]
async fn without_a_seed_a_corrupt_mirror_is_removed() {
    fresh();
    local_storage().set_item(storage::KEY, r#"{"userId":"u1"}"#).unwrap();
    let (_owner, store) = page(&Who::Unknown).await;
    assert_eq!(fields(store).user, None);
    assert_eq!(local_storage().get_item(storage::KEY).unwrap(), None);
}

#[wasm_bindgen_test]
async fn permissions_and_role_come_from_the_server() {
    fresh();
    let (_owner, store) = page(&signed_in("u1")).await;
    assert!(store.has_permission("messages:access") && !store.has_permission("users:manage"));
    assert!(
        store.has_any_permission(&["users:manage", "reports:access"]) && !store.has_any_permission(&["users:manage"])
    );
    assert!(store.has_all_permissions(&["messages:access", "reports:access"]));
    assert!(!store.has_all_permissions(&["messages:access", "users:manage"]) && !store.has_any_permission(&[]));
    assert!(store.has_role("staff") && !store.has_role("admin"));
}

#[wasm_bindgen_test]
async fn signing_in_fills_the_store_and_loads_the_next_page() {
    fresh();
    let user = serde_json::to_string(&person("u1")).unwrap();
    let answer = format!(
        r#"{{"success":true,"data":{{"user":{user},"session":{{"userId":"u1","expire":"2026-12-01T00:00:00.000Z"}}}}}}"#
    );
    let _server = Server::answering(200, &answer);
    let (_owner, store) = page(&Who::Nobody).await;
    let credentials = Credentials { remember_me: true, ..Credentials::default() };
    let onward = SafePath::parse("/account?tab=1").unwrap();
    assert_eq!(store.login(credentials, onward.clone()).await, Ok(()));
    settled().await;

    let now = fields(store);
    assert!(now.is_authenticated && now.remember_me && !now.is_loading && now.error.is_none());
    assert_eq!(now.session.map(|s| s.expire).as_deref(), Some("2026-12-01T00:00:00.000Z"));
    assert_eq!((mirrored().as_deref(), departures()), (Some("u1"), vec![Departure::To(onward)]));
}

#[wasm_bindgen_test]
async fn a_refused_sign_in_shows_the_error_and_stays_on_the_page() {
    fresh();
    let _server =
        Server::answering(401, r#"{"success":false,"error":"x","code":"invalid_credentials","remainingAttempts":3}"#);
    let (_owner, store) = page(&Who::Nobody).await;
    let refused = store.login(Credentials::default(), SafePath::home()).await.unwrap_err();
    assert_eq!((refused.code, refused.remaining_attempts), (Code::InvalidCredentials, Some(3)));
    assert_eq!((fields(store).error, fields(store).is_loading), (Some(refused), false));
    store.clear_error();
    assert_eq!((fields(store).error, mirrored(), departures()), (None, None, vec![]));
}

#[wasm_bindgen_test]
async fn signing_out_forgets_the_user_and_loads_the_login_page() {
    fresh();
    let _server = Server::answering(200, r#"{"success":true,"data":null}"#);
    let (_owner, store) = page(&signed_in("u1")).await;
    store.logout(None).await;
    assert_eq!((fields(store).user, mirrored(), departures()), (None, None, vec![Departure::Login]));
}

#[wasm_bindgen_test]
async fn signing_out_runs_a_callback_instead_if_given() {
    fresh();
    let _server = Server::answering(200, r#"{"success":true,"data":null}"#);
    let (_owner, store) = page(&signed_in("u1")).await;
    store.logout(Some(Box::new(|| record_departure(Departure::Reload)))).await;
    assert_eq!((mirrored(), departures()), (None, vec![Departure::Reload]));
}

#[wasm_bindgen_test]
async fn signing_out_while_the_server_is_away_is_retried() {
    fresh();
    let _server = Server::away();
    let (_owner, store) = page(&signed_in("u1")).await;
    store.logout(None).await;
    settled().await;
    assert_eq!((fields(store).is_authenticated, mirrored(), departures()), (false, None, vec![]));
    assert_eq!((why(store), leaving::pending()), (Some(CoverReason::SignedOut), true));
    // The cover keeps no data of the user either.
    assert_eq!(store.ended().get_untracked().map(|e| e.user_id + &e.email).as_deref(), Some(""));

    // A failed retry keeps the page covered; a successful one loads the login page.
    store.finish_sign_out().await;
    assert_eq!((departures(), leaving::pending()), (vec![], true));
    let _back = Server::answering(200, r#"{"success":true,"data":null}"#);
    store.finish_sign_out().await;
    assert_eq!((departures(), leaving::pending()), (vec![Departure::Login], false));
}

#[wasm_bindgen_test]
async fn with_a_pending_sign_out_the_next_page_shows_no_user_and_retries() {
    fresh();
    let server = Server::answering(200, r#"{"success":true,"data":null}"#);
    remember("u1");
    leaving::begin();
    let (_owner, store) = page(&signed_in("u1")).await;
    assert_eq!((fields(store).user, mirrored()), (None, None));
    until(|| !departures().is_empty()).await;
    assert_eq!((server.requests(), leaving::pending()), (vec!["/api/auth/logout".to_owned()], false));

    // Without a session on the server, no sign-out is pending.
    leaving::begin();
    let (_owner, store) = page(&Who::Nobody).await;
    assert_eq!((why(store), leaving::pending(), departures()), (None, false, vec![]));
}

#[wasm_bindgen_test]
async fn only_a_401_empties_the_store_and_covers_the_page() {
    fresh();
    let (_owner, store) = page(&signed_in("u1")).await;
    for harmless in [Code::Offline, Code::Unavailable, Code::Forbidden, Code::InvalidCredentials] {
        store.refused(&Failure::new(harmless));
    }
    assert_eq!((mirrored().as_deref(), why(store), departures()), (Some("u1"), None, vec![]));
    let refusal = Failure { reason: Some(EndReason::Idle), ..Failure::new(Code::Unauthenticated) };
    store.refused(&refusal);
    // The page stays open, so typed text is kept.
    assert_eq!((fields(store).user, mirrored(), departures()), (None, None, vec![]));
    assert_eq!(why(store), Some(CoverReason::Ended(Some(EndReason::Idle))));
    assert_eq!(local_storage().length().unwrap(), 0);
}

#[wasm_bindgen_test]
async fn a_covered_page_continues_for_its_user_and_reloads_for_another() {
    fresh();
    let login = |id: &str| {
        let user = serde_json::to_string(&person(id)).unwrap();
        format!(
            r#"{{"success":true,"data":{{"user":{user},"session":{{"userId":"{id}","expire":"2026-12-01T00:00:00.000Z"}}}}}}"#
        )
    };
    let (_owner, store) = page(&signed_in("u1")).await;
    store.end(Some(EndReason::Revoked));
    {
        let _wrong = Server::answering(401, r#"{"success":false,"error":"x","code":"invalid_credentials"}"#);
        assert!(store.sign_in_again(Credentials::default()).await.is_err());
        assert_eq!((why(store), mirrored()), (Some(CoverReason::Ended(Some(EndReason::Revoked))), None));
    }
    let _server = Server::answering(200, &login("u1"));
    store.sign_in_again(Credentials::default()).await.unwrap();
    settled().await;
    assert_eq!((why(store), mirrored().as_deref(), departures()), (None, Some("u1"), vec![]));

    store.end(None);
    let _server = Server::answering(200, &login("u2"));
    store.sign_in_again(Credentials::default()).await.unwrap();
    assert!(why(store).is_some());
    assert_eq!(departures(), vec![Departure::To(SafePath::home())]);
}
