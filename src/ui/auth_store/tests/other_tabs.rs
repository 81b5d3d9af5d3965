//! Events of the browser's other tabs.

use super::*;

#[wasm_bindgen_test]
async fn a_covered_page_continues_after_its_user_signs_in_in_another_tab() {
    fresh();
    let (_owner, store) = page(&signed_in("u1")).await;
    store.end(None);
    store.follow_user(None);
    assert_eq!((departures(), why(store).is_some()), (vec![], true));
    store.follow_user(Some("u2".to_owned()));
    assert_eq!(departures(), vec![Departure::To(SafePath::home())]);

    let (user, session) =
        (serde_json::to_string(&person("u1")).unwrap(), serde_json::to_string(&status("u1")).unwrap());
    let _server = Server::in_turn(&[
        (200, &format!(r#"{{"success":true,"data":{user}}}"#)),
        (200, &format!(r#"{{"success":true,"data":{session}}}"#)),
    ]);
    store.follow_user(Some("u1".to_owned()));
    until(|| why(store).is_none()).await;
    assert_eq!((fields(store).user, departures()), (Some(person("u1")), vec![]));
}

#[wasm_bindgen_test]
async fn an_end_in_another_tab_covers_the_page_and_a_sign_out_leaves_it() {
    fresh();
    let wrote = |key: &str, value: &str| {
        let script = "dispatchEvent(new StorageEvent('storage', { key, newValue: value === '-' ? null : value }))";
        js_sys::Function::new_with_args("key, value", script)
            .call2(&JsValue::NULL, &key.into(), &value.into())
            .unwrap();
    };
    // In the order in which another tab writes them.
    let (_owner, store) = page(&signed_in("u1")).await;
    wrote("session-ended", "revoked");
    wrote("session-ended", "-");
    wrote(storage::KEY, "-");
    assert_eq!((why(store), departures()), (Some(CoverReason::Ended(Some(EndReason::Revoked))), vec![]));

    let (_owner, store) = page(&signed_in("u1")).await;
    wrote(storage::KEY, "-");
    assert_eq!((why(store), departures()), (None, vec![Departure::Login]));
}

#[wasm_bindgen_test]
async fn another_user_or_a_sign_out_in_another_tab_leaves_the_page_once() {
    fresh();
    let (_owner, store) = page(&signed_in("u1")).await;
    store.follow_user(Some("u1".to_owned()));
    assert_eq!(departures(), vec![]);

    // Another user signed in there: this page is outdated, and the mirror belongs to them.
    remember("u2");
    store.follow_user(Some("u2".to_owned()));
    settled().await;
    assert_eq!((mirrored().as_deref(), departures()), (Some("u2"), vec![Departure::Reload]));
    // The same event through another channel: the navigation is already in progress.
    store.follow_user(Some("u2".to_owned()));
    assert_eq!(departures(), vec![]);

    store.follow_user(None);
    assert_eq!((fields(store).user, mirrored(), departures()), (None, None, vec![Departure::Login]));
    store.follow_user(None);
    assert_eq!(departures(), vec![]);
    store.follow_user(Some("u1".to_owned()));
    assert_eq!(departures(), vec![Departure::Reload]);
}

#[wasm_bindgen_test]
async fn a_changed_user_reaches_other_tabs_through_the_mirror() {
    fresh();
    let (_here, here) = page(&signed_in("u1")).await;
    let (_there, there) = page(&signed_in("u1")).await;
    let changed = User {
        name: "Ayşe Demir".to_owned(),
        email: "ayse.demir@example.org".to_owned(),
        avatar: Some("/pictures/x.jpg".to_owned()),
        role: "manager".to_owned(),
        permissions: vec!["finance:access".to_owned()],
        phone: Some("+90 312 555 00 11".to_owned()),
        ..person("u1")
    };
    here.changed(changed.clone());
    settled().await;
    assert_eq!(storage::read(), Some(Mirror::of(&changed)));

    // The browser fires this event in every tab except the writer's.
    let written = local_storage().get_item(storage::KEY).unwrap().unwrap();
    let script = "dispatchEvent(new StorageEvent('storage', { key: 'auth-session', newValue: json }))";
    js_sys::Function::new_with_args("json", script).call1(&JsValue::NULL, &written.into()).unwrap();
    settled().await;
    // Fields that the mirror does not hold keep their values.
    assert_eq!(fields(there).user, Some(User { phone: None, ..changed.clone() }));
    assert!(there.has_permission("finance:access") && !there.has_permission("reports:access"));
    assert_eq!(fields(here).user, Some(changed));
    assert_eq!(departures(), vec![]);
}

#[wasm_bindgen_test]
async fn a_changed_user_reaches_other_tabs_with_blocked_storage() {
    fresh();
    let _blocked = block_storage("throw new DOMException('no', 'SecurityError')");
    let channels = Channels::watched();
    let (_here, here) = page(&signed_in("u1")).await;
    let (_there, there) = page(&signed_in("u1")).await;
    channels.quiet().await;
    assert_eq!(channels.message_count(), 2);
    here.changed(User { name: "Ayşe Demir".to_owned(), ..person("u1") });
    until(|| channels.message_count() > 2).await;
    channels.quiet().await;
    assert_eq!(fields(there).user.map(|user| user.name).as_deref(), Some("Ayşe Demir"));
    // One message from the changing tab and one from the receiving tab, then none.
    assert_eq!((channels.message_count(), departures()), (4, vec![]));
}

#[wasm_bindgen_test]
async fn storage_events_are_handled_until_the_page_is_dropped() {
    fresh();
    let removed = |key: &str| {
        let script = "dispatchEvent(new StorageEvent('storage', { key }))";
        js_sys::Function::new_with_args("key", script).call1(&JsValue::NULL, &key.into()).unwrap();
    };
    let (first, _) = page(&signed_in("u1")).await;
    removed("another-key");
    assert_eq!(departures(), vec![]);
    removed(storage::KEY);
    assert_eq!(departures(), vec![Departure::Login]);
    drop(first);

    let (second, _) = page(&signed_in("u1")).await;
    drop(second);
    removed(storage::KEY);
    assert_eq!(departures(), vec![]);
}

#[wasm_bindgen_test]
async fn with_blocked_storage_tabs_use_the_channel() {
    fresh();
    let _blocked = block_storage("throw new DOMException('no', 'SecurityError')");
    let _server = Server::answering(200, r#"{"success":true,"data":null}"#);
    let channels = Channels::watched();
    let (_here, here) = page(&signed_in("u1")).await;
    let (_there, there) = page(&signed_in("u1")).await;
    // Both tabs announced their user. Waits for those messages before one signs out.
    channels.quiet().await;
    assert!(here.has_role("staff"));
    assert_eq!((channels.message_count(), departures()), (2, vec![]));
    here.logout(None).await;
    channels.quiet().await;
    assert_eq!((fields(here).user, fields(there).user), (None, None));
    assert_eq!(departures(), vec![Departure::Login, Departure::Login]);
}
