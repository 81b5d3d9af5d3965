//! The command line: its output, its exit codes and its effect on running servers.

use serde_json::Value;

use crate::support::{CommandOutput, PASSWORD, SESSION, TestApp, run_cli};

both![
    adding_a_user_prints_only_the_id,
    the_password_is_the_first_line_of_stdin,
    without_a_password_the_activation_link_goes_to_stderr,
    an_invalid_user_is_not_added,
    the_list_shows_each_users_state,
    disabling_ends_the_sessions_of_running_servers,
    the_last_administrator_cannot_be_disabled,
    unlocking_allows_signing_in_again,
    the_policy_is_shown_key_by_key,
    a_changed_policy_applies_to_the_next_request,
    a_policy_out_of_bounds_is_refused_with_the_allowed_range,
    usage_errors_exit_with_code_two,
    a_second_migration_changes_nothing,
    the_doctor_passes_a_good_installation,
    the_doctor_reports_problems,
    an_invalid_setting_stops_the_start_with_its_name,
    no_secret_is_printed,
];

impl TestApp {
    /// Runs the command line on this panel's database.
    async fn cli(&self, args: &[&str]) -> CommandOutput {
        run_cli(self, args, &[], "").await
    }

    /// Sets the panel's clock to the machine's, which the command line uses.
    fn use_the_machines_clock(&self) {
        self.clock.set(chrono::Utc::now().timestamp_millis());
    }
}

fn add<'a>(email: &'a str, role: &'a str) -> [&'a str; 8] {
    ["user", "add", "--email", email, "--name", "Ayşe Işık", "--role", role]
}

async fn adding_a_user_prints_only_the_id(app: TestApp) {
    let args = [add("Ayse@Example.org", "admin").as_slice(), &["--password-stdin"]].concat();
    let ran = run_cli(&app, &args, &[], &format!("{PASSWORD}\n")).await.expect(0);
    assert_eq!(ran.stderr, "");
    let id = ran.stdout.strip_suffix('\n').expect("one line");
    let user = app.browser().try_password("ayse@example.org", PASSWORD).await.data()["user"].clone();
    assert_eq!(user["id"], id);
    assert_eq!((user["name"].as_str(), user["role"].as_str()), (Some("Ayşe Işık"), Some("admin")));
    assert_eq!(app.set_up_token().await, None, "adding an administrator invalidates the set-up link");
}

async fn the_password_is_the_first_line_of_stdin(app: TestApp) {
    for (number, (typed, kept)) in [
        (format!("{PASSWORD}\r\nmore\n"), PASSWORD.to_owned()),
        (PASSWORD.to_owned(), PASSWORD.to_owned()),
        (format!("  {PASSWORD}  \n"), format!("  {PASSWORD}  ")),
    ]
    .into_iter()
    .enumerate()
    {
        let email = format!("ayse{number}@example.org");
        let args = [add(&email, "staff").as_slice(), &["--password-stdin"]].concat();
        run_cli(&app, &args, &[], &typed).await.expect(0);
        app.browser().try_password(&email, &kept).await.expect(200);
    }
}

async fn without_a_password_the_activation_link_goes_to_stderr(app: TestApp) {
    app.use_the_machines_clock();
    let ran = app.cli(&add("ayse@example.org", "staff")).await.expect(0);
    assert!(!ran.stdout.trim().contains(char::is_whitespace) && !ran.stdout.contains("token"), "{ran:?}");
    let link = ran
        .stderr
        .split_whitespace()
        .find(|word| word.starts_with("http://127.0.0.1:3000/activate?token="))
        .expect("a link");
    let token = link.split_once('=').unwrap().1;
    let body = serde_json::json!({ "token": token, "password": PASSWORD });
    app.browser().post("/api/activate", body).await.expect(200);
    app.browser().try_password("ayse@example.org", PASSWORD).await.expect(200);
}

async fn an_invalid_user_is_not_added(app: TestApp) {
    app.person("mehmet").await;
    app.cli(&add("MEHMET@example.org", "staff")).await.refused(1, "mehmet@example.org already has an account");
    app.cli(&add("ayse", "staff")).await.refused(1, "ayse is not an email address");
    app.cli(&add("ayse@example.org", "root")).await.refused(2, "root");
    app.cli(&["user", "add", "--email", "a@b", "--name", " ", "--role", "staff"]).await.refused(1, "--name");
    app.cli(&["user", "add", "--email", "a@b", "--name", "x\ny", "--role", "staff"]).await.refused(1, "--name");
    let args = [add("ayse@example.org", "staff").as_slice(), &["--password-stdin"]].concat();
    for (password, words) in [
        ("short\n", "15 characters"),
        ("", "15 characters"),
        ("my name is Ayşe Işık, hello\n", "name or email"),
        ("passwordpassword\n", "easy to guess"),
    ] {
        run_cli(&app, &args, &[], password).await.refused(1, words);
    }
    assert_eq!(app.database.number("SELECT count(*) FROM users").await, 1);
}

async fn the_list_shows_each_users_state(app: TestApp) {
    app.use_the_machines_clock();
    let ayse = app.person("ayse").await;
    app.browser().sign_in(&ayse).await;
    app.invited("irmak").await;
    app.person("mehmet").await;
    for _ in 0..5 {
        app.browser().try_password("mehmet@example.org", "not the password at all").await;
    }
    app.disable(&app.person("zeynep").await).await;

    let ran = app.cli(&["user", "list", "--json"]).await.expect(0);
    let list: Vec<Value> = serde_json::from_str(&ran.stdout).expect("JSON");
    let states: Vec<(&str, &str)> =
        list.iter().map(|user| (user["email"].as_str().unwrap(), user["state"].as_str().unwrap())).collect();
    assert_eq!(
        states,
        [
            ("ayse@example.org", "active"),
            ("irmak@example.org", "invited"),
            ("mehmet@example.org", "locked"),
            ("zeynep@example.org", "disabled")
        ]
    );
    assert_eq!(list[0]["id"], ayse.id.as_str());
    assert_eq!((list[0]["lastLogin"].is_string(), list[1]["lastLogin"].is_null()), (true, true));

    let plain = app.cli(&["user", "list"]).await.expect(0);
    assert_eq!(plain.stdout.lines().count(), 4);
    assert!(!plain.stdout.contains("$argon2") && !ran.stdout.contains("$argon2"));
}

async fn disabling_ends_the_sessions_of_running_servers(app: TestApp) {
    app.use_the_machines_clock();
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.cli(&["user", "disable", "AYSE@example.org"]).await.expect(0);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "account_disabled");
    app.browser().try_password(&ayse.email, &ayse.password).await.refused(403, "account_inactive");
    app.cli(&["user", "enable", "ayse@example.org"]).await.expect(0);
    app.browser().sign_in(&ayse).await;
    for verb in ["disable", "enable"] {
        app.cli(&["user", verb, "nobody@example.org"]).await.refused(1, "No user has the email nobody@example.org");
        app.cli(&["user", verb, "nobody"]).await.refused(1, "not an email address");
    }
}

async fn the_last_administrator_cannot_be_disabled(app: TestApp) {
    app.person_with("ayse", "admin", PASSWORD).await;
    app.cli(&["user", "disable", "ayse@example.org"]).await.refused(1, "last administrator");
    app.person_with("mehmet", "admin", PASSWORD).await;
    app.cli(&["user", "disable", "ayse@example.org"]).await.expect(0);
    app.cli(&["user", "disable", "mehmet@example.org"]).await.refused(1, "last administrator");
    app.browser().try_password("mehmet@example.org", PASSWORD).await.expect(200);
}

async fn unlocking_allows_signing_in_again(app: TestApp) {
    app.use_the_machines_clock();
    let ayse = app.person("ayse").await;
    for _ in 0..6 {
        app.browser().try_password(&ayse.email, "not the password at all").await;
    }
    app.browser().try_password(&ayse.email, &ayse.password).await.refused(429, "account_locked");
    app.cli(&["user", "unlock", &ayse.email]).await.expect(0);
    app.browser().sign_in(&ayse).await;
    assert_eq!(app.audited("unlocked").await, 1);
    // An address without an account can be locked and unlocked as well.
    for _ in 0..6 {
        app.browser().try_password("nobody@example.org", "x").await;
    }
    app.cli(&["user", "unlock", "nobody@example.org"]).await.expect(0);
    app.browser().try_password("nobody@example.org", "x").await.refused(401, "invalid_credentials");
}

async fn the_policy_is_shown_key_by_key(app: TestApp) {
    let ran = app.cli(&["policy", "show", "--json"]).await.expect(0);
    let policy: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let wanted = serde_json::json!({
        "idleTimeoutMinutes": 30, "idleAppliesToRemembered": false, "rememberMe": true, "rememberMeDays": 30,
        "maxAttempts": 5, "attemptWindowMinutes": 15, "lockoutMinutes": 30, "addressLimit": 100,
        "sessionLimit": 20, "passwordMinLength": 15, "retentionDays": 90,
    });
    assert_eq!(policy, wanted);
    let plain = app.cli(&["policy", "show"]).await.expect(0).stdout;
    for (key, value) in wanted.as_object().unwrap() {
        assert!(
            plain.lines().any(|line| line.starts_with(key.as_str()) && line.ends_with(&value.to_string())),
            "{key}: {plain}"
        );
    }
}

async fn a_changed_policy_applies_to_the_next_request(app: TestApp) {
    app.use_the_machines_clock();
    let ayse = app.person("ayse").await;
    let mut browser = app.signed_in(&ayse).await;
    app.cli(&["policy", "set", "idleTimeoutMinutes", "5"]).await.expect(0);
    assert!(browser.is_signed_in().await);
    app.pass(6 * crate::support::MINUTE + crate::support::SECOND);
    assert_eq!(browser.get(SESSION).await.refused(401, "unauthenticated")["reason"], "idle");
    app.cli(&["policy", "set", "rememberMe", "false"]).await.expect(0);
    let answer = app.browser().sign_in_remembered(&ayse).await;
    assert_eq!(answer.cookie("auth-session").unwrap().max_age(), Some(86_400));
    assert_eq!(app.audited("policy_changed").await, 2);
}

async fn a_policy_out_of_bounds_is_refused_with_the_allowed_range(app: TestApp) {
    let before = app.cli(&["policy", "show"]).await.stdout;
    for (key, value, words) in [
        ("idleTimeoutMinutes", "4", "from 5 to 1440"),
        ("idleTimeoutMinutes", "1441", "from 5 to 1440"),
        ("idleTimeoutMinutes", "5.5", "from 5 to 1440"),
        ("idleTimeoutMinutes", "1e1", "from 5 to 1440"),
        ("idleTimeoutMinutes", "2147483648", "from 5 to 1440"),
        ("idleTimeoutMinutes", "", "from 5 to 1440"),
        ("rememberMeDays", "31", "from 1 to 30"),
        ("maxAttempts", "2", "from 3 to 10"),
        ("attemptWindowMinutes", "61", "from 1 to 60"),
        ("lockoutMinutes", "0", "from 1 to 1440"),
        ("addressLimit", "9", "from 10 to 10000"),
        ("sessionLimit", "101", "from 0 to 100"),
        ("passwordMinLength", "14", "from 15 to 64"),
        ("retentionDays", "29", "from 30 to 3650"),
        ("rememberMe", "yes", "true or false"),
        ("idle_timeout_minutes", "30", "idle_timeout_minutes"),
        ("nothing", "30", "nothing"),
    ] {
        app.cli(&["policy", "set", key, value]).await.refused(1, words);
    }
    for (key, value) in [("idleTimeoutMinutes", "5"), ("idleTimeoutMinutes", "1440"), ("idleTimeoutMinutes", "30")] {
        app.cli(&["policy", "set", key, value]).await.expect(0);
    }
    assert_eq!(app.cli(&["policy", "show"]).await.stdout, before);
}

async fn usage_errors_exit_with_code_two(app: TestApp) {
    for args in [
        ["nothing"].as_slice(),
        &["user"],
        &["user", "remove"],
        &["user", "add"],
        &["user", "add", "--email", "a@b"],
        &["user", "disable"],
        &["policy", "set", "maxAttempts"],
        &["policy", "set", "maxAttempts", "5", "6"],
        &["--nothing"],
        &["user", "list", "--xml"],
        &["user", "add", "--email", "a@b", "--name", "x", "--role", "staff", "--password", "on the command line"],
    ] {
        let ran = app.cli(args).await;
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {ran:?}");
    }
    let help = app.cli(&["--help"]).await.expect(0).stdout;
    for command in ["serve", "migrate", "user", "policy", "doctor"] {
        assert!(help.contains(command), "{command}: {help}");
    }
    assert!(app.cli(&["--version"]).await.expect(0).stdout.starts_with("kafkasder-panel "));
}

async fn a_second_migration_changes_nothing(app: TestApp) {
    app.person("ayse").await;
    let before = app.database.dump().await;
    app.cli(&["migrate"]).await.expect(0);
    app.cli(&["migrate"]).await.expect(0);
    assert_eq!(app.database.dump().await, before);
}

async fn the_doctor_passes_a_good_installation(app: TestApp) {
    app.person_with("ayse", "admin", PASSWORD).await;
    let ran = app.cli(&["doctor"]).await.expect(0);
    for word in ["Database", "Migrations", "Secret", "Public URL", "Host", "Cookies", "Proxies"] {
        assert!(ran.stdout.contains(word), "{word}: {ran:?}");
    }
}

async fn the_doctor_reports_problems(app: TestApp) {
    let https = [("PUBLIC_URL", "https://panel.example.org")];
    let ran = run_cli(&app, &["doctor"], &https, "").await.expect(1);
    assert!(ran.stdout.contains("TRUSTED_PROXIES"), "{ran:?}");
    let proxied = [https[0], ("TRUSTED_PROXIES", "10.0.0.1")];
    let ran = run_cli(&app, &["doctor"], &proxied, "").await;
    for word in ["panel.example.org", "proxy_set_header Host $host;", "/healthz"] {
        assert!(ran.stdout.contains(word), "{word}: {ran:?}");
    }
    let unreachable = [("DATABASE_URL", "postgres://127.0.0.1:1/panel")];
    let ran = run_cli(&app, &["doctor"], &unreachable, "").await.expect(1);
    assert!(ran.stdout.contains("DATABASE_URL"), "{ran:?}");
}

async fn an_invalid_setting_stops_the_start_with_its_name(app: TestApp) {
    for (name, value) in [
        ("DATABASE_URL", "mysql://x"),
        ("SESSION_SECRET", "too short"),
        ("PUBLIC_URL", "http://panel.example.org"),
        ("PUBLIC_URL", "panel.example.org"),
        ("TRUSTED_PROXIES", "everybody"),
        ("LEPTOS_SITE_ADDR", "3000"),
        ("LOG_FORMAT", "xml"),
        ("DANGER_INSECURE_HTTP", "perhaps"),
    ] {
        for command in ["serve", "migrate", "doctor"] {
            run_cli(&app, &[command], &[(name, value)], "").await.refused(1, name);
        }
    }
    let secretless = [("DATABASE_URL", "postgres://127.0.0.1:1/panel"), ("SESSION_SECRET", "")];
    run_cli(&app, &["serve"], &secretless, "").await.refused(1, "SESSION_SECRET");
}

async fn no_secret_is_printed(app: TestApp) {
    app.person_with("ayse", "admin", PASSWORD).await;
    for args in [
        ["doctor"].as_slice(),
        &["user", "list", "--json"],
        &["policy", "show"],
        &["migrate"],
        &["user", "unlock", "ayse@example.org"],
    ] {
        let ran = run_cli(&app, args, &[("RUST_LOG", "trace")], "").await;
        for secret in [crate::support::SECRET, "$argon2", PASSWORD] {
            assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{args:?}: {ran:?}");
        }
    }
    let unreachable = [("DATABASE_URL", "postgres://panel:hunter2hunter2@127.0.0.1:1/panel")];
    for command in ["serve", "doctor", "migrate"] {
        let ran = run_cli(&app, &[command], &unreachable, "").await.expect(1);
        assert!(!ran.stdout.contains("hunter2") && !ran.stderr.contains("hunter2"), "{ran:?}");
    }
}
