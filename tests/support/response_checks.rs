//! Checks that hold for every response of the panel. The test browser runs them on each
//! response, so every test of the suite covers them.

use super::answer::{Answer, SetCookie};

/// Headers that would reveal the server's software or allow other sites to read responses.
const FORBIDDEN_HEADERS: [&str; 5] = [
    "server",
    "x-powered-by",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-headers",
];

/// Words that occur in a body only when the server leaks internals.
const INTERNAL_WORDS: [&str; 7] =
    ["sqlx::", "SELECT ", "panicked", "/src/", "no such table", "$argon2", "PoolTimedOut"];

/// Runs all checks. `origin` is the public origin, like `http://127.0.0.1:3000`.
pub fn check(answer: &Answer, origin: &str) {
    let https = origin.starts_with("https:");
    assert_security_headers(answer, https);
    assert_content_type(answer);
    assert_no_leak(answer);
    assert_error_envelope(answer);
    assert_redirect_stays_on_site(answer, origin);
    answer.cookies().iter().for_each(|cookie| assert_cookie_is_strict(answer, cookie, https));
}

fn assert_security_headers(answer: &Answer, https: bool) {
    let header = |name: &str| answer.header(name).unwrap_or_else(|| panic!("no {name} on {answer}"));
    assert_eq!(header("x-content-type-options"), "nosniff", "{answer}");
    assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{answer}");
    assert!(["no-referrer", "same-origin"].contains(&header("referrer-policy")), "{answer}");
    let policy = header("content-security-policy");
    assert!(policy.contains("frame-ancestors 'none'"), "{answer}");
    assert!(!policy.contains("'unsafe-inline'") && !policy.contains("'unsafe-eval'"), "{answer}");
    if is_html(answer) {
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{answer}");
        for rule in ["object-src 'none'", "base-uri 'none'"] {
            assert!(policy.contains(rule), "no {rule} on {answer}");
        }
    }
    let lasting = answer
        .header("strict-transport-security")
        .is_some_and(|v| v.contains("max-age=31536000") && v.contains("includeSubDomains"));
    assert_eq!(lasting, https, "HSTS belongs to HTTPS and only there: {answer}");
    for name in FORBIDDEN_HEADERS {
        assert!(answer.header(name).is_none(), "{name} on {answer}");
    }
    let personal = answer.asked.contains(" /api/") || is_html(answer) || !answer.cookies().is_empty();
    if personal {
        assert_eq!(header("cache-control"), "no-store", "{answer}");
    }
    if [429, 503].contains(&answer.status) {
        let seconds: u64 = header("retry-after").parse().expect("Retry-After is a number of seconds");
        assert!(seconds > 0, "{answer}");
    }
    if answer.status == 405 {
        header("allow");
    }
}

fn is_html(answer: &Answer) -> bool {
    answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
}

fn assert_content_type(answer: &Answer) {
    if answer.body.is_empty() {
        return;
    }
    let kind = answer.header("content-type").unwrap_or_else(|| panic!("no Content-Type on {answer}"));
    assert!(!kind.starts_with("text/") || kind.contains("charset=utf-8"), "no charset on {answer}");
}

fn assert_no_leak(answer: &Answer) {
    // Scripts and styles contain no data, so only other responses can leak.
    if !answer.asked.contains(" /pkg/") {
        let body = String::from_utf8_lossy(&answer.body);
        for leak in INTERNAL_WORDS {
            assert!(!body.contains(leak), "{leak:?} in the body of {answer}");
        }
        let ids = body
            .split("session_")
            .skip(1)
            .filter(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).count() >= 40);
        assert_eq!(ids.count(), 0, "a session id in the body of {answer}");
    }
    for cookie in answer.cookies().iter().filter(|c| c.name.ends_with("auth-session") && !c.value.is_empty()) {
        assert!(
            !String::from_utf8_lossy(&answer.body).contains(&cookie.value),
            "the session is in the body of {answer}"
        );
    }
}

fn assert_error_envelope(answer: &Answer) {
    let json = answer.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if answer.status < 400 || !json || answer.body.is_empty() {
        return;
    }
    let body = answer.json();
    assert_eq!(body["success"], false, "{answer}");
    assert!(body["error"].as_str().is_some_and(|text| !text.is_empty()), "{answer}");
    assert!(body["code"].as_str().is_some_and(|code| !code.is_empty()), "{answer}");
    assert!(answer.text().starts_with(r#"{"success":false,"error":""#), "{answer}");
    if answer.status == 500 {
        assert!(body["requestId"].as_str().is_some_and(|id| !id.is_empty()), "{answer}");
    }
    if answer.status == 422 {
        let fields = body["fields"].as_object().unwrap_or_else(|| panic!("no fields in {answer}"));
        assert!(
            !fields.is_empty() && fields.values().all(|text| text.as_str().is_some_and(|t| !t.is_empty())),
            "{answer}"
        );
    }
    if answer.status == 429 {
        let seconds = body["remainingSeconds"].as_u64().unwrap_or_else(|| panic!("no remainingSeconds in {answer}"));
        assert_eq!(answer.header("retry-after"), Some(seconds.to_string().as_str()), "{answer}");
    }
}

fn assert_redirect_stays_on_site(answer: &Answer, origin: &str) {
    if let Some(location) = answer.header("location") {
        let location = location.strip_prefix(origin).unwrap_or(location);
        assert!(location.starts_with('/') && !location.starts_with("//") && !location.contains('\\'), "{answer}");
    }
}

fn assert_cookie_is_strict(answer: &Answer, cookie: &SetCookie, https: bool) {
    assert!(cookie.has("SameSite=Strict") && cookie.has("Path=/"), "{cookie:?} of {answer}");
    assert!(!cookie.attributes.iter().any(|a| a.starts_with("Domain")), "{cookie:?} of {answer}");
    assert_eq!(cookie.has("Secure"), https, "{cookie:?} of {answer}");
    assert_eq!(cookie.name.starts_with("__Host-"), https, "{cookie:?} of {answer}");
    assert_eq!(cookie.has("HttpOnly"), !cookie.name.ends_with("csrf-token"), "{cookie:?} of {answer}");
    assert!(cookie.name.len() + cookie.value.len() <= 4096, "{cookie:?} of {answer}");
}
