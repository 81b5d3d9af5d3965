//! The limit of wrong passwords per address, and which address counts.

use super::{WRONG, fail, lock};
use crate::support::{LOGIN, MINUTE, SECOND, TestApp};

both![
    an_address_is_limited_to_a_hundred_failures,
    successes_do_not_count_for_an_address,
    an_attempt_that_was_not_evaluated_is_not_counted,
    a_lockout_takes_precedence_over_the_address_limit,
    the_address_limit_ends_with_its_window,
    an_untrusted_peer_cannot_forge_its_address,
    behind_trusted_proxies_the_last_untrusted_address_counts,
    ipv6_addresses_share_the_limit_of_their_network,
];

/// Fails `times` times from an address, each time with another email.
async fn spray(app: &TestApp, address: &str, times: usize) {
    for number in 0..times {
        app.browser()
            .at_address(address)
            .try_password(&format!("guess{number}@example.org"), WRONG)
            .await
            .refused(401, "invalid_credentials");
    }
}

async fn an_address_is_limited_to_a_hundred_failures(app: TestApp) {
    let ayse = app.person("ayse").await;
    spray(&app, "192.0.2.1", 100).await;
    let answer = app.browser().at_address("192.0.2.1").try_password("somebody@example.org", WRONG).await;
    let seconds = answer.refused(429, "too_many_requests")["remainingSeconds"].clone();
    assert_eq!(seconds, 900);
    assert_eq!(answer.json()["error"], "Too many failed attempts from your address. Please wait a while.");
    app.browser()
        .at_address("192.0.2.1")
        .try_password(&ayse.email, &ayse.password)
        .await
        .refused(429, "too_many_requests");
    app.browser().at_address("192.0.2.2").sign_in(&ayse).await;
}

async fn successes_do_not_count_for_an_address(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.set_policy("addressLimit", "10").await;
    for _ in 0..12 {
        app.browser().at_address("192.0.2.1").sign_in(&ayse).await;
    }
    // Successes don't reset the limit, so an attacker's own account does not help.
    spray(&app, "192.0.2.1", 9).await;
    app.browser().at_address("192.0.2.1").sign_in(&ayse).await;
    app.browser()
        .at_address("192.0.2.1")
        .try_password("x@example.org", WRONG)
        .await
        .refused(401, "invalid_credentials");
    app.browser().at_address("192.0.2.1").try_password("y@example.org", WRONG).await.refused(429, "too_many_requests");
}

async fn an_attempt_that_was_not_evaluated_is_not_counted(app: TestApp) {
    let zeynep = app.person("zeynep").await;
    app.disable(&zeynep).await;
    app.set_policy("addressLimit", "10").await;
    for _ in 0..12 {
        app.browser().try_password(&zeynep.email, &zeynep.password).await.refused(403, "account_inactive");
    }
    lock(&app, "ayse@example.org").await;
    for _ in 0..12 {
        fail(&app, "ayse@example.org").await.refused(429, "account_locked");
    }
    for number in 0..5 {
        fail(&app, &format!("guess{number}@example.org")).await.refused(401, "invalid_credentials");
    }
    fail(&app, "last@example.org").await.refused(429, "too_many_requests");
    app.pass(16 * MINUTE);
    // The refused attempt was not counted for the identifier.
    assert_eq!(fail(&app, "last@example.org").await.refused(401, "invalid_credentials")["remainingAttempts"], 4);
}

async fn a_lockout_takes_precedence_over_the_address_limit(app: TestApp) {
    app.set_policy("addressLimit", "10").await;
    lock(&app, "ayse@example.org").await;
    for number in 0..5 {
        fail(&app, &format!("guess{number}@example.org")).await;
    }
    fail(&app, "somebody@example.org").await.refused(429, "too_many_requests");
    fail(&app, "ayse@example.org").await.refused(429, "account_locked");
}

async fn the_address_limit_ends_with_its_window(app: TestApp) {
    app.set_policy("addressLimit", "10").await;
    spray(&app, "192.0.2.1", 10).await;
    app.pass(10 * MINUTE);
    let body = app
        .browser()
        .at_address("192.0.2.1")
        .try_password("x@example.org", WRONG)
        .await
        .refused(429, "too_many_requests");
    assert_eq!(body["remainingSeconds"], 300);
    app.pass(5 * MINUTE + SECOND);
    spray(&app, "192.0.2.1", 10).await;
    app.browser().at_address("192.0.2.1").try_password("x@example.org", WRONG).await.refused(429, "too_many_requests");
}

/// Fails once from `peer` with these headers, and returns the recorded address.
async fn recorded_address(app: &TestApp, peer: &str, headers: &[(&str, &str)]) -> String {
    app.pass(SECOND);
    let mut browser = app.browser().at_address(peer);
    browser.ensure_token().await;
    let body = serde_json::json!({ "email": "nobody@example.org", "password": WRONG });
    let mut ask = browser.fetch("POST", LOGIN).with_token().json(&body);
    for (name, value) in headers {
        ask = ask.another(name, value);
    }
    let answer = ask.send().await;
    assert!([401, 429].contains(&answer.status), "{answer}");
    let rows = app
        .database
        .texts("SELECT address FROM audit WHERE action = 'sign_in_failed' ORDER BY at DESC, id DESC LIMIT 1")
        .await;
    rows[0][0].clone()
}

async fn an_untrusted_peer_cannot_forge_its_address(app: TestApp) {
    app.set_policy("maxAttempts", "10").await;
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-real-ip", "203.0.113.9"),
        ("forwarded", "for=203.0.113.9"),
        ("client-ip", "203.0.113.9"),
        ("true-client-ip", "203.0.113.9"),
        ("cf-connecting-ip", "203.0.113.9"),
    ] {
        assert_eq!(recorded_address(&app, "192.0.2.1", &[(name, value)]).await, "192.0.2.1", "{name}");
    }
    assert_eq!(
        recorded_address(&app, "::ffff:192.0.2.1", &[]).await,
        "192.0.2.1",
        "an IPv4-mapped address is the IPv4 address"
    );
}

async fn behind_trusted_proxies_the_last_untrusted_address_counts(app: TestApp) {
    let app = app.restarted_with(&[("TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8:1::/48")]).await;
    app.set_policy("maxAttempts", "10").await;
    for (peer, forwarded, wanted) in [
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.2.3.4", "203.0.113.9"),
        ("2001:db8:1::5", " 203.0.113.9 ,10.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "10.2.3.4", "10.2.3.4"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "2001:db8:2::1", "2001:db8:2::1"),
        ("10.0.0.1", "[2001:db8:2::1]", "2001:db8:2::1"),
        ("10.0.0.1", "[2001:db8:2::1]:4711", "2001:db8:2::1"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "fe80::1%eth0", "fe80::1"),
        ("10.0.0.1", "[::ffff:203.0.113.9]", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9,", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, , ,", "203.0.113.9"),
        ("10.0.0.1", ",,203.0.113.9 ,, [2001:db8:1::7]:80,", "203.0.113.9"),
        ("10.0.0.1", "\t203.0.113.9\t", "203.0.113.9"),
        ("10.0.0.1", "ş, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, ş", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ("10.0.0.1", "[203.0.113.9, 2001:db8::1]", "10.0.0.1"),
        ("10.0.0.1", ",", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ] {
        assert_eq!(recorded_address(&app, peer, &[("x-forwarded-for", forwarded)]).await, wanted, "{peer} {forwarded}");
        app.database.execute("DELETE FROM attempts WHERE bucket LIKE 'email:%'").await;
    }
    let two = [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.9, 10.2.3.4")];
    assert_eq!(recorded_address(&app, "10.0.0.1", &two).await, "203.0.113.9", "two headers are one list");
    let three =
        [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", ""), ("x-forwarded-for", "[2001:db8:2::1]:80,")];
    assert_eq!(recorded_address(&app, "10.0.0.1", &three).await, "2001:db8:2::1", "an empty header is ignored");
    assert_eq!(
        recorded_address(&app, "10.0.0.1", &[("x-real-ip", "203.0.113.9")]).await,
        "10.0.0.1",
        "no other header counts"
    );
}

async fn ipv6_addresses_share_the_limit_of_their_network(app: TestApp) {
    app.set_policy("addressLimit", "10").await;
    for host in 0..10 {
        app.browser()
            .at_address(&format!("2001:db8::{host:x}"))
            .try_password(&format!("guess{host}@example.org"), WRONG)
            .await
            .refused(401, "invalid_credentials");
    }
    app.browser()
        .at_address("2001:db8::ffff:ffff:ffff:ffff")
        .try_password("x@example.org", WRONG)
        .await
        .refused(429, "too_many_requests");
    app.browser()
        .at_address("2001:db8:0:1::1")
        .try_password("x@example.org", WRONG)
        .await
        .refused(401, "invalid_credentials");
}
