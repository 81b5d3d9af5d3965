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
    Changed, Channels, Server, block_storage, fresh, local_storage, mounted, note, noted, person, signed_in, status,
    until,
};

wasm_bindgen_test_configure!(run_in_browser);

/// Creates a page with a store, as after the program's start, until it is dropped.
async fn page(who: &Who) -> (Changed, AuthStore) {
    noted();
    let who = who.clone();
    let page = mounted(move || {
        let store = AuthStore::new(&who, note);
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

fn why(store: AuthStore) -> Option<Why> {
    store.ended().get_untracked().map(|ended| ended.why)
}

#[wasm_bindgen_test]
async fn the_server_s_word_seeds_at_once_and_is_mirrored() {
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
async fn nobody_removes_the_mirror() {
    fresh();
    remember("u1");
    let (_owner, store) = page(&Who::Nobody).await;
    assert_eq!(fields(store), AuthState { is_initialized: true, ..AuthState::default() });
    assert_eq!(mirrored(), None);
}

#[wasm_bindgen_test]
async fn without_a_word_the_mirror_shows_a_name_and_opens_nothing() {
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
async fn without_a_word_a_corrupt_mirror_is_nobody() {
    fresh();
    local_storage().set_item(storage::KEY, r#"{"userId":"u1"}"#).unwrap();
    let (_owner, store) = page(&Who::Unknown).await;
    assert_eq!(fields(store).user, None);
    assert_eq!(local_storage().get_item(storage::KEY).unwrap(), None);
}

#[wasm_bindgen_test]
async fn permissions_and_role_are_the_server_s() {
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
async fn signing_in_fills_the_store_and_leads_on() {
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
    assert_eq!((mirrored().as_deref(), noted()), (Some("u1"), vec![Departure::To(onward)]));
}

#[wasm_bindgen_test]
async fn a_refused_sign_in_says_why_and_stays() {
    fresh();
    let _server =
        Server::answering(401, r#"{"success":false,"error":"x","code":"invalid_credentials","remainingAttempts":3}"#);
    let (_owner, store) = page(&Who::Nobody).await;
    let refused = store.login(Credentials::default(), SafePath::home()).await.unwrap_err();
    assert_eq!((refused.code, refused.remaining_attempts), (Code::InvalidCredentials, Some(3)));
    assert_eq!((fields(store).error, fields(store).is_loading), (Some(refused), false));
    store.clear_error();
    assert_eq!((fields(store).error, mirrored(), noted()), (None, None, vec![]));
}

#[wasm_bindgen_test]
async fn signing_out_forgets_and_goes_to_the_login_page() {
    fresh();
    let _server = Server::answering(200, r#"{"success":true,"data":null}"#);
    let (_owner, store) = page(&signed_in("u1")).await;
    store.logout(None).await;
    assert_eq!((fields(store).user, mirrored(), noted()), (None, None, vec![Departure::Login]));
}

#[wasm_bindgen_test]
async fn signing_out_calls_back_instead_when_asked() {
    fresh();
    let _server = Server::answering(200, r#"{"success":true,"data":null}"#);
    let (_owner, store) = page(&signed_in("u1")).await;
    store.logout(Some(Box::new(|| note(Departure::Reload)))).await;
    assert_eq!((mirrored(), noted()), (None, vec![Departure::Reload]));
}

#[wasm_bindgen_test]
async fn signing_out_works_while_the_server_is_away_and_is_not_forgotten() {
    fresh();
    let _server = Server::away();
    let (_owner, store) = page(&signed_in("u1")).await;
    store.logout(None).await;
    settled().await;
    assert_eq!((fields(store).is_authenticated, mirrored(), noted()), (false, None, vec![]));
    assert_eq!((why(store), leaving::pending()), (Some(Why::SignedOut), true));
    // The cover keeps no data of the user either.
    assert_eq!(store.ended().get_untracked().map(|e| e.user_id + &e.email).as_deref(), Some(""));

    // A failed retry keeps the page covered; a successful one loads the login page.
    store.finish_sign_out().await;
    assert_eq!((noted(), leaving::pending()), (vec![], true));
    let _back = Server::answering(200, r#"{"success":true,"data":null}"#);
    store.finish_sign_out().await;
    assert_eq!((noted(), leaving::pending()), (vec![Departure::Login], false));
}

#[wasm_bindgen_test]
async fn after_an_untold_sign_out_the_next_page_shows_nobody_and_tells() {
    fresh();
    let server = Server::answering(200, r#"{"success":true,"data":null}"#);
    remember("u1");
    leaving::begin();
    let (_owner, store) = page(&signed_in("u1")).await;
    assert_eq!((fields(store).user, mirrored()), (None, None));
    until(|| !noted().is_empty()).await;
    assert_eq!((server.asked(), leaving::pending()), (vec!["/api/auth/logout".to_owned()], false));

    // Without a session on the server, no sign-out is pending.
    leaving::begin();
    let (_owner, store) = page(&Who::Nobody).await;
    assert_eq!((why(store), leaving::pending(), noted()), (None, false, vec![]));
}

#[wasm_bindgen_test]
async fn only_a_401_empties_the_store_and_covers_the_page() {
    fresh();
    let (_owner, store) = page(&signed_in("u1")).await;
    for harmless in [Code::Offline, Code::Unavailable, Code::Forbidden, Code::InvalidCredentials] {
        store.refused(&Failure::new(harmless));
    }
    assert_eq!((mirrored().as_deref(), why(store), noted()), (Some("u1"), None, vec![]));
    let refusal = Failure { reason: Some(EndReason::Idle), ..Failure::new(Code::Unauthenticated) };
    store.refused(&refusal);
    // The page stays open, so typed text is kept.
    assert_eq!((fields(store).user, mirrored(), noted()), (None, None, vec![]));
    assert_eq!(why(store), Some(Why::Ended(Some(EndReason::Idle))));
    assert_eq!(local_storage().length().unwrap(), 0);
}

#[wasm_bindgen_test]
async fn a_covered_page_goes_on_for_its_own_user_and_is_gone_for_another() {
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
        assert_eq!((why(store), mirrored()), (Some(Why::Ended(Some(EndReason::Revoked))), None));
    }
    let _server = Server::answering(200, &login("u1"));
    store.sign_in_again(Credentials::default()).await.unwrap();
    settled().await;
    assert_eq!((why(store), mirrored().as_deref(), noted()), (None, Some("u1"), vec![]));

    store.end(None);
    let _server = Server::answering(200, &login("u2"));
    store.sign_in_again(Credentials::default()).await.unwrap();
    assert!(why(store).is_some());
    assert_eq!(noted(), vec![Departure::To(SafePath::home())]);
}
