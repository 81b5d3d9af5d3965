//! Typed values: invisible characters in passwords, names and emails, and the spellings of
//! one email address.

use serde_json::{Value, json};

use crate::support::{Answer, Browser, LOGIN, PASSWORD, TestApp, USER, run_cli};

both![
    a_new_password_needs_visible_characters,
    an_existing_password_of_blanks_still_works,
    only_an_empty_password_or_a_blank_email_is_missing,
    a_name_with_invisible_characters_is_refused,
    joiners_that_a_script_or_an_emoji_needs_stay_in_a_name,
    set_up_and_the_command_line_normalise_names,
    an_email_with_invisible_characters_is_refused,
    the_unicode_and_ascii_forms_of_a_domain_are_one_account,
    pages_show_the_unicode_domain_and_the_api_returns_ascii,
    submitting_the_shown_email_is_no_change,
    a_byte_order_mark_before_a_password_on_stdin_is_removed,
    initials_are_grapheme_clusters,
];

const PROFILE: &str = "/api/account/profile";
const PASSWORD_CHANGE: &str = "/api/account/password";
const CONFIRM: &str = "/api/auth/confirm";

/// `örnek.org` in the ASCII form that DNS uses.
const ASCII: &str = "ayse@xn--rnek-4qa.org";
const UNICODE: &str = "ayse@örnek.org";

/// One character of every kind: spaces, zero-width characters, joiners, fillers, format
/// characters, variation selectors, tags and the braille blank.
const BLANKS: [&str; 16] = [
    " ",
    "\t",
    "\u{a0}",
    "\u{1680}",
    "\u{2003}",
    "\u{3000}",
    "\u{200b}",
    "\u{200d}",
    "\u{2060}",
    "\u{feff}",
    "\u{ad}",
    "\u{3164}",
    "\u{115f}",
    "\u{2800}",
    "\u{fe0f}",
    "\u{e0041}",
];

/// The blanks that are not white space.
fn hidden() -> impl Iterator<Item = &'static str> {
    BLANKS.into_iter().filter(|blank| !blank.trim().is_empty())
}

/// The arguments that add a user with a password on standard input.
fn add(email: &str) -> [&str; 9] {
    ["user", "add", "--email", email, "--name", "Deniz", "--role", "staff", "--password-stdin"]
}

fn field(answer: &Answer, name: &str) -> String {
    let fields = answer.refused(422, "validation_failed")["fields"].clone();
    assert_eq!(fields.as_object().unwrap().keys().collect::<Vec<_>>(), [name], "{answer}");
    fields[name].as_str().unwrap().to_owned()
}

async fn a_new_password_needs_visible_characters(app: TestApp) {
    let (set_up, invitation) = (app.set_up_token().await.unwrap(), app.invited("irmak").await);
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    for blank in BLANKS {
        let blanks = blank.repeat(20);
        let wanted = "Use characters that can be seen.";
        let change = json!({ "currentPassword": PASSWORD, "newPassword": blanks });
        assert_eq!(field(&browser.post(PASSWORD_CHANGE, change).await, "newPassword"), wanted, "{blank:?}");
        let body = json!({ "token": set_up, "name": "Ayşe", "email": "first@example.org", "password": blanks });
        assert_eq!(field(&app.browser().post("/api/setup", body).await, "password"), wanted, "{blank:?}");
        let body = json!({ "token": invitation, "password": blanks });
        assert_eq!(field(&app.browser().post("/api/activate", body).await, "password"), wanted, "{blank:?}");
    }
    // The same for a mix of all kinds and for the command line.
    let mixed = BLANKS.concat().replace('\t', "");
    browser.language = "tr";
    let change = json!({ "currentPassword": PASSWORD, "newPassword": mixed });
    assert_eq!(field(&browser.post(PASSWORD_CHANGE, change).await, "newPassword"), "Görünen karakterler kullanın.");
    run_cli(&app, &add("cli@example.org"), &[], format!("{mixed}\n"))
        .await
        .refused(1, "Use characters that can be seen.");
    assert_eq!(app.audited("password_changed").await, 0);
}

async fn an_existing_password_of_blanks_still_works(app: TestApp) {
    for (number, blank) in [" ", "\u{3000}", "\u{a0}", "\u{200b}", "\u{2800}", "\t"].into_iter().enumerate() {
        let ayse = app.person_with(&format!("ayse{number}"), "staff", &blank.repeat(15)).await;
        app.browser().try_password(&ayse.email, &blank.repeat(14)).await.refused(401, "invalid_credentials");
        let mut browser = app.signed_in(&ayse).await;
        let fields = [("email", ayse.email.as_str()), ("password", ayse.password.as_str())];
        app.browser().post_form(LOGIN, &fields).await.expect(200);
        assert_eq!(app.browser().submit("/login", LOGIN, &fields).await.see_other(), "/");
        browser.post(CONFIRM, json!({ "password": ayse.password })).await.expect(200);
        let change = json!({ "currentPassword": ayse.password, "newPassword": PASSWORD });
        browser.post(PASSWORD_CHANGE, change).await.expect(200);
        app.browser().try_password(&ayse.email, PASSWORD).await.expect(200);
    }
}

async fn only_an_empty_password_or_a_blank_email_is_missing(app: TestApp) {
    let ayse = app.person("ayse").await;
    app.browser().try_password(&ayse.email, "").await.refused(400, "missing_credentials");
    for blank in BLANKS {
        app.browser().try_password(blank, PASSWORD).await.refused(400, "missing_credentials");
    }
    app.browser().try_password("", PASSWORD).await.refused(400, "missing_credentials");
    assert_eq!(app.audited("sign_in_failed").await, 0);
    // A password of blanks is a guess and is counted.
    for left in (0..5).rev() {
        let answer = app.browser().try_password(&ayse.email, "   ").await;
        assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], left);
    }
    app.browser().try_password(&ayse.email, "   ").await.refused(429, "account_locked");
}

async fn a_name_with_invisible_characters_is_refused(app: TestApp) {
    let token = app.set_up_token().await.unwrap();
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    for blank in BLANKS {
        let names = [blank.repeat(3), format!(" {blank} ")];
        let names = names.into_iter().chain(hidden().filter(|h| *h == blank).map(|hidden| format!("{hidden}Ayşe")));
        for name in names {
            field(&browser.post(PROFILE, json!({ "name": name })).await, "name");
            let body = json!({ "token": token, "name": name, "email": "a@example.org", "password": PASSWORD });
            field(&app.browser().post("/api/setup", body).await, "name");
        }
    }
    for name in
        ["Ay\u{200b}şe", "Ayşe\u{feff}", "Ay\u{ad}şe", "Ay\u{2800}şe", "Ay\u{3164}şe", "Ayşe\u{e0041}", "Ay\u{202e}şe"]
    {
        let says = field(&browser.post(PROFILE, json!({ "name": name })).await, "name");
        assert_eq!(says, "Enter a name of at most 100 characters, none of them invisible.");
        let cli = ["user", "add", "--email", "cli@example.org", "--name", name, "--role", "staff"];
        run_cli(&app, &cli, &[], "").await.refused(1, "none of them invisible");
    }
    assert_eq!(app.database.number("SELECT count(*) FROM users").await, 1);
    // A stored name with invisible characters does not prevent changes of other fields.
    app.database.execute("UPDATE users SET name = 'Ay\u{200b}şe'").await;
    let fields =
        [("name", "Ay\u{200b}şe"), ("email", "ayse@example.org"), ("phone", "12345"), ("language", ""), ("theme", "")];
    assert_eq!(browser.submit("/account", PROFILE, &fields).await.see_other(), "/");
}

async fn joiners_that_a_script_or_an_emoji_needs_stay_in_a_name(app: TestApp) {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    for name in [
        "می\u{200c}نا",
        "മോഹന\u{d4d}\u{200d}",
        "👨\u{200d}👩\u{200d}👧 Ali",
        "❤\u{fe0f}\u{200d}🔥",
        "邊\u{e0100}",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Fiona",
    ] {
        assert_eq!(browser.post(PROFILE, json!({ "name": name })).await.data()["name"], name, "{name:?}");
    }
}

async fn set_up_and_the_command_line_normalise_names(app: TestApp) {
    let token = app.set_up_token().await.unwrap();
    let body = json!({ "token": token, "name": " S\u{327}ule ", "email": "sule@example.org", "password": PASSWORD });
    app.browser().post("/api/setup", body).await.expect(200);
    let cli = ["user", "add", "--email", "o@example.org", "--name", " S\u{327}ule ", "--role", "staff"];
    run_cli(&app, &cli, &[], "").await.expect(0);
    let names = app.database.texts("SELECT name FROM users").await.concat();
    assert_eq!(names, ["\u{15e}ule", "\u{15e}ule"]);
}

async fn an_email_with_invisible_characters_is_refused(app: TestApp) {
    let ayse = app.person("ayse").await;
    let token = app.set_up_token().await.unwrap();
    let mut browser = app.signed_in(&ayse).await;
    for hidden in hidden().chain(["\u{202e}", "\u{2066}", "\u{200f}", "\u{61c}", "\u{200c}", "\u{180e}", "\u{fff9}"]) {
        for email in [
            format!("{hidden}ayse@example.org"),
            format!("ay{hidden}se@example.org"),
            format!("ayse@exam{hidden}ple.org"),
            format!("ayse@example.org{hidden}"),
        ] {
            field(&app.browser().try_password(&email, &ayse.password).await, "email");
            field(&browser.post(PROFILE, json!({ "email": email })).await, "email");
            let body = json!({ "token": token, "name": "Ayşe", "email": email, "password": PASSWORD });
            field(&app.browser().post("/api/setup", body).await, "email");
        }
    }
    for bad in ["a@örnek.org.", "a@xn--a.org", "a@[1.2.3.4]", "a@b..c"] {
        field(&browser.post(PROFILE, json!({ "email": bad })).await, "email");
    }
    let cli = ["user", "add", "--email", "\u{feff}ayse@example.org", "--name", "Ayşe", "--role", "staff"];
    run_cli(&app, &cli, &[], "").await.refused(1, "\\u{feff}ayse@example.org is not an email address");
    // No attempt was counted.
    assert_eq!(app.database.number("SELECT count(*) FROM attempts").await, 0);
}

async fn the_unicode_and_ascii_forms_of_a_domain_are_one_account(app: TestApp) {
    // The command line uses the machine's clock.
    app.clock.set(chrono::Utc::now().timestamp_millis());
    run_cli(&app, &add("Ayse@ÖRNEK.org"), &[], format!("{PASSWORD}\n")).await.expect(0);
    assert_eq!(app.database.texts("SELECT email FROM users").await, [[ASCII]]);
    for spelling in [ASCII, UNICODE, "AYSE@O\u{308}rnek.org", "ayse@örnek。org", "ayse@XN--RNEK-4QA.ORG"] {
        let answer = app.browser().try_password(spelling, PASSWORD).await;
        assert_eq!(answer.data()["user"]["email"], ASCII, "{spelling}");
        run_cli(&app, &add(spelling), &[], format!("{PASSWORD}\n")).await.refused(1, "already has an account");
        let listed = run_cli(&app, &["session", "list", "--json", "--user", spelling], &[], "").await.expect(0);
        assert!(listed.stdout.contains(ASCII), "{listed:?}");
    }
    let mut browser = app.signed_in(&app.person("mehmet").await).await;
    for spelling in [ASCII, UNICODE] {
        let answer = browser.post(PROFILE, json!({ "email": spelling })).await;
        assert_eq!(field(&answer, "email"), "This email already has an account.");
    }
    // Both spellings share one attempt counter.
    for left in (0..5).rev() {
        let spelling = [ASCII, UNICODE][left % 2];
        let answer = app.browser().try_password(spelling, "not the password at all").await;
        assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], left);
    }
    app.browser().try_password(UNICODE, PASSWORD).await.refused(429, "account_locked");
    run_cli(&app, &["user", "unlock", UNICODE], &[], "").await.expect(0);
    app.browser().try_password(UNICODE, PASSWORD).await.expect(200);
    for left in (0..5).rev() {
        let nobody = ["nobody@örnek.org", "nobody@xn--rnek-4qa.org"][left % 2];
        let answer = app.browser().try_password(nobody, "not the password at all").await;
        assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], left);
    }
}

/// Returns a browser of a user whose email has a domain with two spellings.
async fn with_a_unicode_email(app: &TestApp) -> Browser {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    browser.post(PROFILE, json!({ "email": UNICODE })).await.expect(200);
    browser
}

async fn pages_show_the_unicode_domain_and_the_api_returns_ascii(app: TestApp) {
    let mut browser = with_a_unicode_email(&app).await;
    assert_eq!(browser.get(USER).await.data()["email"], ASCII);
    for (page, shown) in [("/", UNICODE.to_owned()), ("/account", format!("value=\"{UNICODE}\""))] {
        let page = browser.navigate(page).await.expect(200);
        // The data for hydration follows the markup and has the API's ASCII form.
        let markup = page.text().split("</main>").next().unwrap();
        assert!(markup.contains(&shown) && !markup.contains(ASCII), "{page}");
    }
    // The login and activation pages show the Unicode form, too.
    let token = app.set_up_token().await.unwrap();
    let fields = [
        ("token", token.as_str()),
        ("name", "İlk"),
        ("email", "ilk@örnek.org"),
        ("password", PASSWORD),
        ("redirect", "/login"),
    ];
    let mut first = app.browser();
    assert_eq!(first.submit("/setup", "/api/setup", &fields).await.see_other(), "/login");
    let page = first.navigate("/login").await.expect(200);
    assert!(page.text().contains("value=\"ilk@örnek.org\""), "{page}");

    let cli = ["user", "add", "--email", "davetli@örnek.org", "--name", "Davetli", "--role", "staff"];
    app.clock.set(chrono::Utc::now().timestamp_millis());
    let ran = run_cli(&app, &cli, &[], "").await.expect(0);
    let token = ran.stderr.split_once("token=").unwrap().1.trim();
    let page = app.browser().navigate(&format!("/activate?token={token}")).await.expect(200);
    assert!(page.text().contains("value=\"davetli@örnek.org\""), "{page}");
    let answer = app.browser().post("/api/activate", json!({ "token": token, "password": PASSWORD })).await;
    assert_eq!(answer.data(), json!({ "email": "davetli@xn--rnek-4qa.org" }));
}

async fn submitting_the_shown_email_is_no_change(app: TestApp) {
    let mut browser = with_a_unicode_email(&app).await;
    let audited = app.audited("profile_changed").await;
    app.pass(crate::support::HOUR / 3);
    for same in [UNICODE, ASCII, "Ayse@Örnek.org"] {
        let fields = [("name", "Ayse Yilmaz"), ("email", same), ("phone", ""), ("language", ""), ("theme", "")];
        assert_eq!(browser.submit("/account", PROFILE, &fields).await.see_other(), "/", "{same}");
        assert_eq!(browser.post(PROFILE, json!({ "email": same })).await.data()["email"], ASCII);
    }
    assert_eq!(app.audited("profile_changed").await, audited);
}

async fn a_byte_order_mark_before_a_password_on_stdin_is_removed(app: TestApp) {
    for (number, line) in [format!("\u{feff}{PASSWORD}\r\n"), format!("\u{feff}{PASSWORD}")].iter().enumerate() {
        let email = format!("deniz{number}@example.org");
        run_cli(&app, &add(&email), &[], line).await.expect(0);
        app.browser().try_password(&email, PASSWORD).await.expect(200);
    }
    let utf_16 = |mark: &[u8]| -> Vec<u8> {
        mark.iter().copied().chain(format!("{PASSWORD}\r\n").encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    for (input, words) in [
        (utf_16(&[0xff, 0xfe]), "UTF-16"),
        (utf_16(&[]), "UTF-8"),
        (b"sar\xfd bisikletle Hali\xe7 k\xfdy\xfds\xfd\n".to_vec(), "not UTF-8"),
        (b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\n".to_vec(), "NUL"),
        ("\u{feff}\r\n".into(), "at least 15 characters"),
    ] {
        run_cli(&app, &add("nobody@example.org"), &[], input).await.refused(1, words);
    }
}

async fn initials_are_grapheme_clusters(app: TestApp) {
    let mut browser = app.signed_in(&app.person("ayse").await).await;
    for (name, initials) in [
        ("Ayşe Nur Işık", "AI"),
        ("🇹🇷🇩🇪 👨\u{200d}👩\u{200d}👧 son", "🇹🇷s"),
        ("Ali 👨\u{200d}👩\u{200d}👧\u{200d}👦", "A👨\u{200d}👩\u{200d}👧\u{200d}👦"),
        ("👍🏽x 1\u{fe0f}\u{20e3}y", "👍🏽1\u{fe0f}\u{20e3}"),
        ("Ẋ\u{323}a", "Ẋ\u{323}"),
    ] {
        let name_of: Value = browser.post(PROFILE, json!({ "name": name })).await.data()["name"].clone();
        assert_eq!(name_of, name);
        let page = browser.navigate("/").await.expect(200);
        let avatar = format!("class=\"avatar\">{initials}<");
        assert!(page.text().contains(&avatar), "{name:?}: {page}");
    }
}
