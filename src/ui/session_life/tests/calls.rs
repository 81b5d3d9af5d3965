//! Refused and late calls, and the server's events.

use super::*;

#[wasm_bindgen_test]
async fn a_call_refused_without_a_session_is_repeated_once_after_the_sign_in() {
    fresh();
    let user = serde_json::to_string(&person("u1")).unwrap();
    let signed_in = format!(
        r#"{{"success":true,"data":{{"user":{user},"session":{{"userId":"u1","expire":"2026-12-01T00:00:00.000Z"}}}}}}"#
    );
    let server = Server::in_turn(&[(401, AWAY), (200, "{}"), (200, &signed_in), (200, LIVES), (200, LIVES)]);
    let (_owner, life) = page().await;
    let answer = Rc::new(Cell::new(None));
    spawn_local({
        let answer = answer.clone();
        async move { answer.set(Some(client::call(&client::json(forms::EXTEND.action, &())).await.is_ok())) }
    });
    until(|| life.store.ended().with_untracked(Option::is_some)).await;
    assert_eq!(life.store.ended().get_untracked().map(|e| e.why), Some(CoverReason::Ended(Some(EndReason::Idle))));
    assert_eq!((answer.get(), departures()), (None, vec![]));

    life.store.sign_in_again(Credentials::default()).await.unwrap();
    until(|| answer.get().is_some()).await;
    assert_eq!(answer.get(), Some(true));
    let mut asked = server.requests();
    assert_eq!(asked.remove(0), "/api/auth/extend");
    assert_eq!(asked.remove(0), "/api/csrf");
    assert_eq!(asked.remove(0), "/api/auth/login");
    asked.sort();
    assert_eq!(asked, ["/api/auth/extend", "/api/auth/session"]);
}

#[wasm_bindgen_test]
async fn a_late_answer_for_an_old_session_id_does_not_end_the_session() {
    fresh();
    let server = Server::in_turn(&[(401, NO_REASON), (200, LIVES), (200, LIVES)]);
    let (_owner, life) = page().await;
    assert!(client::call(&client::json(forms::EXTEND.action, &())).await.is_ok());
    assert_eq!((life.store.alive(), departures()), (true, vec![]));
    assert_eq!(server.requests(), ["/api/auth/extend", "/api/auth/session", "/api/auth/extend"]);
}

#[wasm_bindgen_test]
async fn an_unavailable_server_does_not_end_the_session() {
    fresh();
    let _server = Server::in_turn(&[(401, NO_REASON), (503, "")]);
    let (_owner, life) = page().await;
    assert!(client::call(&client::json(forms::EXTEND.action, &())).await.is_err());
    life.check().await;
    assert!(life.store.alive());
}

#[wasm_bindgen_test]
async fn a_call_that_needs_a_recent_sign_in_waits_for_the_password() {
    fresh();
    let server = Server::in_turn(&[(403, PROVE), (200, LIVES), (403, PROVE)]);
    let (_owner, life) = page().await;
    let answers = Rc::new(RefCell::new(Vec::new()));
    let ask = || {
        let answers = answers.clone();
        spawn_local(async move {
            let ok = client::call(&client::json(forms::EXTEND.action, &())).await.is_ok();
            answers.borrow_mut().push(ok);
        });
    };
    ask();
    until(|| life.proving.get_untracked()).await;
    life.resume_calls(true);
    until(|| *answers.borrow() == [true]).await;
    assert_eq!(server.requests().len(), 2);
    ask();
    until(|| life.proving.get_untracked()).await;
    life.resume_calls(false);
    until(|| *answers.borrow() == [true, false]).await;
    assert!(life.store.alive());
}

#[wasm_bindgen_test]
async fn events_warn_extend_and_end_the_session() {
    fresh();
    let (_owner, life) = page().await;
    let extended = |idle: &str| {
        format!(
            r#"{{"expiresAt":"2026-11-25T10:00:00.000Z","idleExpiresAt":"2026-11-24T{idle}.000Z","serverTime":"2026-11-24T10:00:00.000Z"}}"#
        )
    };
    life.hear("session-extended", &extended("10:31:00"));
    assert_eq!(life.warning.get_untracked(), None);
    life.hear("session-extended", &extended("10:00:30"));
    assert_eq!(life.warning.get_untracked().map(|w| w.left), Some(30));
    life.hear("session-extended", &extended("10:31:00"));
    assert_eq!(life.warning.get_untracked(), None);

    life.hear("signed-in", r#"{"handle":"sid_1","device":"Firefox","address":"192.0.2.1"}"#);
    assert_eq!(life.news.get_untracked().map(|n| n.handle).as_deref(), Some("sid_1"));
    for odd in ["", "null", "{", "[]"] {
        life.hear("session-extended", odd);
        life.hear("nothing-known", odd);
    }
    assert!(life.store.alive());

    let who = r#"{"byYou":true,"at":"2026-11-24T10:00:00.000Z","device":"Firefox 145 · Linux"}"#;
    life.hear("session-revoked", who);
    assert_eq!(
        life.revoked.get_untracked().map(|by| (by.by_you, by.device)),
        Some((true, "Firefox 145 · Linux".to_owned()))
    );

    life.hear("session-ended", r#"{"reason":"password_changed"}"#);
    until(|| !life.store.alive()).await;
    let why = life.store.ended().get_untracked().map(|ended| ended.why);
    assert_eq!((why, departures()), (Some(CoverReason::Ended(Some(EndReason::PasswordChanged))), vec![]));
}

#[wasm_bindgen_test]
async fn a_sign_out_in_another_tab_leaves_the_page() {
    fresh();
    let (_owner, life) = page().await;
    life.hear("session-ended", r#"{"reason":"logout"}"#);
    until(|| !life.store.vouches()).await;
    assert_eq!((life.store.ended().get_untracked(), departures()), (None, vec![Departure::Login]));
}
use crate::model::forms;
