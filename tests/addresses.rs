//! Email addresses stored before the panel converted domains to their ASCII form.

use serde_json::json;

use crate::support::{Backend, PASSWORD, Person, TestApp, run_cli};

both![
    the_migration_converts_every_address_to_its_ascii_form,
    two_servers_can_run_the_migration_at_the_same_time,
    both_accounts_of_one_address_in_two_spellings_work,
    a_collision_is_reported_with_ids_and_addresses,
    no_other_user_can_take_either_spelling,
    an_account_without_a_collision_gets_the_ascii_form,
    a_stored_address_that_is_invalid_today_still_signs_in,
];

const ASCII: &str = "ayse@xn--rnek-4qa.org";
const UNICODE: &str = "ayse@örnek.org";
const CONFIRM: &str = "/api/auth/confirm";
const PROFILE: &str = "/api/account/profile";

impl TestApp {
    /// Adds a user whose address has the form that an earlier version stored.
    async fn stored_before(&self, name: &str, email: &str, password: &str) -> Person {
        let person = self.person_with(name, "staff", password).await;
        self.database
            .execute(&format!("UPDATE users SET email = '{email}', email_as_before = TRUE WHERE id = '{}'", person.id))
            .await;
        Person { email: email.to_owned(), ..person }
    }

    /// Undoes the migration and restarts the server, as an upgrade does.
    async fn upgraded(&self) -> TestApp {
        self.database
            .execute("ALTER TABLE users DROP COLUMN email_as_before; DELETE FROM _sqlx_migrations WHERE version = 4")
            .await;
        self.restarted().await
    }

    /// Returns every address, marked `before` if it still has its old form.
    async fn addresses(&self) -> Vec<Vec<String>> {
        let mark = "CASE WHEN email_as_before THEN 'before' ELSE '' END";
        self.database.texts(&format!("SELECT email, {mark} FROM users ORDER BY id")).await
    }
}

async fn the_migration_converts_every_address_to_its_ascii_form(app: TestApp) {
    let ayse = app.stored_before("ayse", UNICODE, PASSWORD).await;
    app.stored_before("irmak", "ırmak@مثال.إختبار", PASSWORD).await;
    let mut mehmet = app.signed_in(&app.person("mehmet").await).await;
    let mut signed_in = app.browser();
    signed_in.try_password(UNICODE, PASSWORD).await.expect(200);
    let app = app.upgraded().await;
    let spelt = [[ASCII, ""], ["ırmak@xn--mgbh0fb.xn--kgbechtv", ""], ["mehmet@example.org", ""]];
    assert_eq!(app.addresses().await, spelt);
    for spelling in [UNICODE, ASCII] {
        assert_eq!(app.browser().try_password(spelling, PASSWORD).await.data()["user"]["id"], ayse.id);
    }
    // The upgrade ends no session, and the next start changes nothing.
    let mut signed_in = signed_in.connected_to(&app);
    assert!(mehmet.is_signed_in().await && signed_in.is_signed_in().await);
    signed_in.post(CONFIRM, json!({ "password": PASSWORD })).await.expect(200);
    let before = app.database.dump().await;
    app.restarted().await;
    assert_eq!(app.database.dump().await, before);
}

async fn two_servers_can_run_the_migration_at_the_same_time(app: TestApp) {
    for number in 0..40 {
        let email = format!("n{number}@örnek.org");
        app.database.execute(&insert(number, &email)).await;
    }
    app.database.execute(&insert(99, "n0@xn--rnek-4qa.org")).await;
    let (one, two) = futures::join!(app.restarted(), app.restarted());
    let addresses = app.addresses().await;
    assert_eq!(addresses.len(), 41);
    assert_eq!(addresses[0], ["n0@örnek.org", "before"]);
    assert!(
        addresses[1..].iter().all(|row| row[0].ends_with("@xn--rnek-4qa.org") && row[1].is_empty()),
        "{addresses:?}"
    );
    for server in [one, two] {
        assert_eq!(server.state.unconverted_addresses.len(), 1);
    }
}

/// Returns an INSERT for a user without a password.
fn insert(number: u32, email: &str) -> String {
    format!(
        "INSERT INTO users (id, email, name, role, permissions, is_active, labels, created_at, updated_at, version, email_as_before)
         VALUES ('u{number:02}', '{email}', 'N', 'staff', '[]', TRUE, '[]', 1, 1, 1, TRUE)"
    )
}

/// Adds two accounts with one address in two spellings, each with its own password.
async fn collision(app: &TestApp) -> (TestApp, Person, Person) {
    let ascii = app.stored_before("ascii", ASCII, PASSWORD).await;
    let unicode = app.stored_before("unicode", UNICODE, "another long password, 7 of 9").await;
    (app.upgraded().await, ascii, unicode)
}

async fn both_accounts_of_one_address_in_two_spellings_work(app: TestApp) {
    let (app, ascii, unicode) = collision(&app).await;
    // The command line uses the machine's clock.
    app.clock.set(chrono::Utc::now().timestamp_millis());
    assert_eq!(app.addresses().await, [[ASCII, ""], [UNICODE, "before"]]);
    for (person, other) in [(&ascii, &unicode), (&unicode, &ascii)] {
        let answer = app.browser().try_password(&person.email.to_uppercase(), &person.password).await;
        assert_eq!(answer.data()["user"]["id"], person.id.as_str());
        app.browser().try_password(&person.email, &other.password).await.refused(401, "invalid_credentials");
        let mut browser = app.signed_in(person).await;
        browser.post(CONFIRM, json!({ "password": person.password })).await.expect(200);
        // Submitting the form unchanged changes neither this account nor the other.
        for same in [UNICODE, &person.email] {
            browser.post(PROFILE, json!({ "email": same })).await.expect(200);
        }
        run_cli(&app, &["user", "disable", &person.email], &[], "").await.expect(0);
        app.browser().try_password(&person.email, &person.password).await.refused(403, "account_inactive");
        app.browser().try_password(&other.email, &other.password).await.expect(200);
        run_cli(&app, &["user", "enable", &person.email], &[], "").await.expect(0);
        // Each account has its own attempt counter.
        for _ in 0..5 {
            app.browser().try_password(&person.email, "not the password at all").await.expect(401);
        }
        app.browser().try_password(&person.email, &person.password).await.refused(429, "account_locked");
        app.browser().try_password(&other.email, &other.password).await.expect(200);
        run_cli(&app, &["user", "unlock", &person.email], &[], "").await.expect(0);
        app.signed_in(person).await;
    }
    assert_eq!(app.addresses().await, [[ASCII, ""], [UNICODE, "before"]]);
}

async fn a_collision_is_reported_with_ids_and_addresses(app: TestApp) {
    let (app, ascii, unicode) = collision(&app).await;
    for command in ["migrate", "doctor"] {
        let ran = run_cli(&app, &[command], &[], "").await.expect(0);
        let line = ran.stdout.lines().find(|line| line.contains("two spellings")).expect("a line");
        for word in [ascii.id.as_str(), ASCII, &unicode.id, UNICODE] {
            assert!(line.contains(word), "{word}: {line}");
        }
    }
    // A server logs the collision when it starts.
    assert_eq!(app.state.unconverted_addresses.len(), 1);
    let other = TestApp::start(Backend::Sqlite).await.expect("SQLite is always there");
    let ran = run_cli(&other, &["doctor"], &[], "").await.expect(0);
    assert!(!ran.stdout.contains("two spellings") && other.state.unconverted_addresses.is_empty(), "{ran:?}");
}

async fn no_other_user_can_take_either_spelling(app: TestApp) {
    let (app, ascii, _) = collision(&app).await;
    let mut mehmet = app.signed_in(&app.person("mehmet").await).await;
    let taken = async |mehmet: &mut crate::support::Browser| {
        for email in [ASCII, UNICODE, "ayse@örnek。org"] {
            let refused = mehmet.post(PROFILE, json!({ "email": email })).await.refused(422, "validation_failed");
            assert_eq!(refused["fields"]["email"], "This email already has an account.", "{email}");
            let add = ["user", "add", "--email", email, "--name", "X", "--role", "staff"];
            run_cli(&app, &add, &[], "").await.refused(1, "already has an account");
        }
    };
    taken(&mut mehmet).await;
    // Both stay taken when the account with the ASCII form changes its address.
    let mut browser = app.signed_in(&ascii).await;
    browser.post(PROFILE, json!({ "email": "new@example.org" })).await.expect(200);
    taken(&mut mehmet).await;
}

async fn an_account_without_a_collision_gets_the_ascii_form(app: TestApp) {
    let (app, ascii, unicode) = collision(&app).await;
    let mut browser = app.signed_in(&ascii).await;
    browser.post(PROFILE, json!({ "email": "new@example.org" })).await.expect(200);
    let app = app.restarted().await;
    assert_eq!(app.addresses().await, [["new@example.org", ""], [ASCII, ""]]);
    for spelling in [ASCII, UNICODE] {
        let answer = app.browser().try_password(spelling, &unicode.password).await;
        assert_eq!(answer.data()["user"]["id"], unicode.id);
    }
    // Changing the account's own address also converts it.
    let other = app.stored_before("other", UNICODE, PASSWORD).await;
    let app = app.restarted().await;
    let mut browser = app.signed_in(&other).await;
    browser.post(PROFILE, json!({ "email": "other@örnek.org" })).await.expect(200);
    assert_eq!(app.addresses().await[2], ["other@xn--rnek-4qa.org", ""]);
}

async fn a_stored_address_that_is_invalid_today_still_signs_in(app: TestApp) {
    let odd = ["ay\u{200b}se@example.org", "a\u{202e}b@example.org", "ali@[1.2.3.4]", "ali@example.org."];
    let refused = app.browser().try_password(odd[0], PASSWORD).await;
    refused.refused(422, "validation_failed");
    for (number, email) in odd.into_iter().enumerate() {
        app.stored_before(&format!("n{number}"), email, PASSWORD).await;
    }
    let app = app.upgraded().await;
    for (number, email) in odd.into_iter().enumerate() {
        let mut browser = app.browser();
        assert_eq!(browser.try_password(email, PASSWORD).await.data()["user"]["email"], email);
        browser.post(CONFIRM, json!({ "password": PASSWORD })).await.expect(200);
        browser.post(PROFILE, json!({ "email": email, "name": "Ayşe" })).await.expect(200);
        run_cli(&app, &["user", "disable", email], &[], "").await.expect(0);
        run_cli(&app, &["user", "enable", email], &[], "").await.expect(0);
        let ran = run_cli(&app, &["doctor"], &[], "").await.expect(0);
        assert!(ran.stdout.contains("is refused today") && !ran.stdout.contains('\u{202e}'), "{ran:?}");
        let mut browser = app.browser();
        browser.try_password(email, PASSWORD).await.expect(200);
        browser.post(PROFILE, json!({ "email": format!("new{number}@example.org") })).await.expect(200);
    }
    // The response does not reveal which addresses are invalid: an unknown one counts as a wrong guess.
    app.browser().try_password("no\u{200b}body@example.org", PASSWORD).await.refused(401, "invalid_credentials");
    let app = app.restarted().await;
    app.browser().try_password("no\u{200b}body@example.org", PASSWORD).await.refused(422, "validation_failed");
}
