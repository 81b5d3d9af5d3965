//! The `device` cookie: a stranger's guesses never lock out the owner, and the cookie
//! alone is no session.

use kafkasder_panel::server::cookie;
use kafkasder_panel::server::device_cookie::{self, DeviceClaim};

use crate::support::{Answer, Browser, HOUR, LOGIN, MINUTE, Person, SECOND, TestApp};

both![
    a_sign_in_leaves_a_device_cookie_that_outlives_the_session,
    over_https_only_the_host_prefixed_name_counts,
    a_thousand_wrong_passwords_do_not_lock_out_the_owner,
    the_owners_browser_is_exempt_from_the_address_limit,
    the_owners_browser_is_locked_out_separately,
    a_sign_in_clears_only_its_own_bucket,
    a_copied_cookie_is_no_session_and_shares_the_lockout,
    a_forged_foreign_or_outdated_cookie_does_not_count,
    a_browser_keeps_its_device_id_for_the_same_user,
    a_cookie_of_an_older_secret_counts_and_is_resealed,
    a_new_epoch_invalidates_the_cookies_of_other_browsers,
    an_administrator_lifts_the_owners_lockout_too,
    a_failure_reveals_nothing_about_devices,
    an_inactive_owner_is_not_charged_an_attempt,
];

const WRONG: &str = "not the password at all";

/// Tries a wrong password from a browser without cookies.
async fn fail_without_cookies(app: &TestApp, email: &str) -> Answer {
    app.browser().try_password(email, WRONG).await
}

async fn lock(app: &TestApp, email: &str) {
    for _ in 0..5 {
        fail_without_cookies(app, email).await.refused(401, "invalid_credentials");
    }
    fail_without_cookies(app, email).await.refused(429, "account_locked");
}

/// Returns a browser in which the user has signed in and out.
async fn used_before(app: &TestApp, person: &Person) -> Browser {
    let mut browser = app.signed_in(person).await;
    browser.sign_out().await.expect(200);
    browser
}

fn device_claim(app: &TestApp, browser: &Browser) -> DeviceClaim {
    let keys = app.state.keys.all().iter().map(|keys| &keys.device);
    cookie::open(app.state.cookies.device, keys, &browser.jar[&browser.name("device")]).expect("it opens").0
}

fn seal_claim(app: &TestApp, device_claim: &DeviceClaim) -> String {
    cookie::seal(app.state.cookies.device, &app.state.keys.newest().device, device_claim).expect("it is JSON")
}

async fn a_sign_in_leaves_a_device_cookie_that_outlives_the_session(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = app.browser();
    let set = browser.sign_in(&ayse).await.cookie("device").unwrap();
    assert_eq!(set.attributes, ["HttpOnly", "Max-Age=34560000", "Path=/", "SameSite=Strict"]);
    assert!(!set.value.contains(&ayse.id), "the cookie is sealed");
    assert_eq!(device_claim(&app, &browser).user_id, ayse.id);
    let answer = browser.sign_out().await.expect(200);
    assert!(answer.cookie("device").is_none());
    assert!(browser.jar.contains_key("device"));
}

async fn over_https_only_the_host_prefixed_name_counts(app: TestApp) {
    let app = app.restarted_at("https://panel.example.org").await;
    let ayse = app.person("ayse").await;
    let mut browser = app.browser();
    let set = browser.sign_in(&ayse).await.cookie("__Host-device").unwrap();
    assert_eq!(set.attributes, ["HttpOnly", "Max-Age=34560000", "Path=/", "SameSite=Strict", "Secure"]);
    browser.sign_out().await.expect(200);
    lock(&app, &ayse.email).await;
    let mut bare = app.browser();
    bare.jar.insert("device".to_owned(), set.value);
    bare.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    browser.sign_in(&ayse).await;
}

async fn a_thousand_wrong_passwords_do_not_lock_out_the_owner(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = used_before(&app, &ayse).await;
    lock(&app, &ayse.email).await;
    let mut stranger = app.browser();
    for _ in 0..1000 {
        stranger.try_password(&ayse.email, WRONG).await.refused(429, "account_locked");
    }
    // In a browser that is new to the panel, the owner has to wait, too.
    app.browser().try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    browser.sign_in(&ayse).await;
    // Every spelling is the same identifier, also in a form.
    browser.sign_out().await.expect(200);
    let fields = [("email", " AYSE@example.org"), ("password", ayse.password.as_str())];
    assert_eq!(browser.submit("/login", LOGIN, &fields).await.see_other(), "/");
    // The stranger is still locked out.
    stranger.try_password(&ayse.email, WRONG).await.refused(429, "account_locked");
}

async fn the_owners_browser_is_exempt_from_the_address_limit(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = used_before(&app, &ayse).await;
    app.set_policy("addressLimit", "10").await;
    for _ in 0..4 {
        browser.try_password(&ayse.email, WRONG).await.refused(401, "invalid_credentials");
    }
    for number in 0..10 {
        fail_without_cookies(&app, &format!("guess{number}@example.org")).await.refused(401, "invalid_credentials");
    }
    fail_without_cookies(&app, "last@example.org").await.refused(429, "too_many_requests");
    browser.try_password("last@example.org", WRONG).await.refused(429, "too_many_requests");
    browser.sign_in(&ayse).await;
    fail_without_cookies(&app, "last@example.org").await.refused(429, "too_many_requests");
}

async fn the_owners_browser_is_locked_out_separately(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = used_before(&app, &ayse).await;
    for left in [4, 3, 2, 1, 0] {
        let answer = browser.try_password(&ayse.email, WRONG).await;
        assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], left);
    }
    let answer = browser.try_password(&ayse.email, &ayse.password).await;
    assert_eq!(answer.refused(429, "account_locked")["remainingSeconds"], 1800);
    assert_eq!(app.audited("locked").await, 1);
    // The identifier's own counter is untouched.
    assert_eq!(
        fail_without_cookies(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"],
        4
    );
    app.browser().sign_in(&ayse).await;
    app.pass(29 * MINUTE);
    browser.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    app.pass(MINUTE + SECOND);
    browser.sign_in(&ayse).await;
    app.pass(HOUR);
    app.sweep().await;
    assert_eq!(app.database.number("SELECT count(*) FROM attempts WHERE bucket NOT LIKE 'address:%'").await, 0);
}

async fn a_sign_in_clears_only_its_own_bucket(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = used_before(&app, &ayse).await;
    for _ in 0..2 {
        for left in [4, 3] {
            let answer = browser.try_password(&ayse.email, WRONG).await;
            assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], left);
        }
        browser.sign_in(&ayse).await;
        browser.sign_out().await.expect(200);
    }
    // A sign-in with the device cookie keeps the identifier's failures, and one without it keeps the device's.
    fail_without_cookies(&app, &ayse.email).await;
    browser.sign_in(&ayse).await;
    browser.sign_out().await.expect(200);
    assert_eq!(
        fail_without_cookies(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"],
        3
    );
    browser.try_password(&ayse.email, WRONG).await;
    app.browser().sign_in(&ayse).await;
    let answer = browser.try_password(&ayse.email, WRONG).await;
    assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], 3);
    assert_eq!(
        fail_without_cookies(&app, &ayse.email).await.refused(401, "invalid_credentials")["remainingAttempts"],
        4
    );
}

async fn a_copied_cookie_is_no_session_and_shares_the_lockout(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = used_before(&app, &ayse).await;
    let mut thief = app.browser().at_address("192.0.2.66");
    thief.set_cookie("device", &browser.jar["device"]);
    assert!(!thief.is_signed_in().await);
    thief.navigate("/").await.see_other();
    for left in [4, 3, 2, 1, 0] {
        let by = if left % 2 == 0 { &mut thief } else { &mut browser };
        let answer = by.try_password(&ayse.email, WRONG).await;
        assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], left);
    }
    for locked in [&mut thief, &mut browser] {
        locked.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    }
    assert_eq!(app.database.number("SELECT count(*) FROM sessions WHERE ended_at IS NULL").await, 0);
}

async fn a_forged_foreign_or_outdated_cookie_does_not_count(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let browser = used_before(&app, &ayse).await;
    let theirs = used_before(&app, &mehmet).await.jar["device"].clone();
    let mine = browser.jar["device"].clone();
    let session = app.signed_in(&ayse).await.session().unwrap();
    lock(&app, &ayse.email).await;
    let newer = DeviceClaim { epoch: 1, ..device_claim(&app, &browser) };
    for none in [theirs.as_str(), "nonsense", "", &mine[1..], &session, &seal_claim(&app, &newer)] {
        let mut browser = app.browser();
        browser.set_cookie("device", none);
        browser.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    }
    // With two device cookies, neither counts: one of them may be planted.
    let mut two = browser.clone();
    let token = two.ensure_token().await;
    let body = serde_json::json!({ "email": ayse.email, "password": ayse.password });
    let ask = two.fetch("POST", LOGIN).header("x-csrf-token", &token).json(&body);
    ask.another("cookie", &format!("device={mine}")).send().await.refused(429, "account_locked");
    browser.clone().sign_in(&ayse).await;

    app.database.execute(&format!("UPDATE users SET device_epoch = 1 WHERE id = '{}'", ayse.id)).await;
    browser.clone().try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
}

async fn a_browser_keeps_its_device_id_for_the_same_user(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let mut browser = app.signed_in(&ayse).await;
    let (first, cookie) = (device_claim(&app, &browser), browser.jar["device"].clone());
    browser.sign_in(&ayse).await;
    assert_eq!(device_claim(&app, &browser), first);
    assert_ne!(browser.jar["device"], cookie, "the cookie is renewed for another 400 days");
    assert_ne!(
        device_claim(&app, &app.signed_in(&ayse).await).device_id,
        first.device_id,
        "each browser has its own device id"
    );
    browser.sign_in(&mehmet).await;
    let theirs = device_claim(&app, &browser);
    assert_eq!(theirs.user_id, mehmet.id);
    assert_ne!(theirs.device_id, first.device_id);
}

async fn a_cookie_of_an_older_secret_counts_and_is_resealed(app: TestApp) {
    let ayse = app.person("ayse").await;
    let browser = used_before(&app, &ayse).await;
    let before = device_claim(&app, &browser);
    lock(&app, &ayse.email).await;
    let newer = "another secret that is as long as it must be";
    let rotated = app.restarted_with_secrets(&[newer, crate::support::SECRET]).await;
    let mut browser = browser.connected_to(&rotated);
    browser.jar.remove("csrf-token");
    browser.sign_in(&ayse).await;
    let alone = app.restarted_with_secrets(&[newer]).await;
    assert_eq!(device_claim(&alone, &browser), before);
}

async fn a_new_epoch_invalidates_the_cookies_of_other_browsers(app: TestApp) {
    let ayse = app.person("ayse").await;
    let (mut here, mut elsewhere) = (used_before(&app, &ayse).await, used_before(&app, &ayse).await);
    // A password change raises the epoch and gives this browser a new cookie.
    app.database.execute("UPDATE users SET device_epoch = device_epoch + 1").await;
    let line = device_cookie::new_device_cookie(&app.state, &ayse.id, 1, app.now());
    let value = line.to_str().unwrap().split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
    here.set_cookie("device", &value);
    lock(&app, &ayse.email).await;
    elsewhere.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    here.sign_in(&ayse).await;
    assert_eq!(device_claim(&app, &here).epoch, 1);
}

async fn an_administrator_lifts_the_owners_lockout_too(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let (mut hers, mut his) = (used_before(&app, &ayse).await, used_before(&app, &mehmet).await);
    for _ in 0..5 {
        hers.try_password(&ayse.email, WRONG).await.expect(401);
        his.try_password(&mehmet.email, WRONG).await.expect(401);
    }
    hers.try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    let ran = crate::support::run_cli(&app, &["user", "unlock", &ayse.email], &[], "").await.expect(0);
    assert!(ran.stdout.contains("may sign in again"), "{}", ran.stdout);
    hers.sign_in(&ayse).await;
    his.try_password(&mehmet.email, &mehmet.password).await.refused(429, "account_locked");
}

async fn a_failure_reveals_nothing_about_devices(app: TestApp) {
    let (ayse, mehmet) = (app.person("ayse").await, app.person("mehmet").await);
    let mut answers = Vec::new();
    for email in [ayse.email.as_str(), "nobody@example.org"] {
        // With another user's device cookie, known and unknown emails get the same responses.
        let mut browser = used_before(&app, &mehmet).await;
        let mut seen = Vec::new();
        for _ in 0..6 {
            seen.push(browser.try_password(email, WRONG).await.fingerprint());
        }
        answers.push(seen);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(!answers[0].concat().contains("device"), "{answers:?}");
}

async fn an_inactive_owner_is_not_charged_an_attempt(app: TestApp) {
    let ayse = app.person("ayse").await;
    let mut browser = used_before(&app, &ayse).await;
    app.disable(&ayse).await;
    for _ in 0..7 {
        browser.try_password(&ayse.email, &ayse.password).await.refused(403, "account_inactive");
    }
    let answer = browser.try_password(&ayse.email, WRONG).await;
    assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], 4);
}
