//! The session limit holds for any number of concurrent sign-ins.

use kafkasder_panel::model::account::Choice;
use kafkasder_panel::model::code::Code;
use kafkasder_panel::model::hidden::Hidden;
use kafkasder_panel::server::sessions::{self, AtLimit};

use super::{ROUNDS, at_once};
use crate::support::{Person, TestApp};

both![
    concurrent_sign_ins_never_exceed_the_limit,
    concurrent_choices_never_exceed_the_limit,
    twenty_concurrent_requests_leave_the_allowed_number,
];

/// Adds a user who may have three sessions.
async fn limited(app: &TestApp) -> Person {
    app.set_policy("sessionLimit", "3").await;
    app.person("ayse").await
}

async fn concurrent_sign_ins_never_exceed_the_limit(app: TestApp) {
    let ayse = limited(&app).await;
    for round in 0..ROUNDS {
        let starts = (0..6).map(|number| {
            let (app, ayse) = (app.clone(), ayse.clone());
            async move {
                let at_limit = AtLimit::for_sign_in(number % 2 == 0);
                app.start_session(&ayse, at_limit).await.is_ok()
            }
        });
        let started = at_once(starts).await.into_iter().filter(|started| *started).count();
        assert!(started >= 3, "a sign-in without `askAtLimit` always succeeds");
        assert_eq!(app.live_sessions().await, 3, "round {round}");
    }
}

/// Reaches the limit; returns the ticket and the handles, least recently active first.
async fn ticket(app: &TestApp, person: &Person) -> (Hidden, Vec<String>) {
    let refused = app.start_session(person, AtLimit::Ask).await;
    let choice = refused.err().and_then(|error| error.details()?.choice.clone()).expect("a choice");
    (choice.ticket, choice.sessions.into_iter().map(|session| session.handle).collect())
}

async fn concurrent_choices_never_exceed_the_limit(app: TestApp) {
    let ayse = limited(&app).await;
    for _ in 0..3 {
        app.signed_in_without_hashing(&ayse).await;
    }
    for round in 0..ROUNDS {
        // One ticket is used twice and another once, for the same sessions.
        let ((one, handles), (other, _)) = (ticket(&app, &ayse).await, ticket(&app, &ayse).await);
        let choices = [(&one, 0), (&one, 2), (&other, 0)].map(|(ticket, chosen)| {
            let (app, choice) = (app.clone(), Choice { ticket: ticket.clone(), handle: handles[chosen].clone() });
            async move {
                sessions::choose(&app.state, &app.sign_in_request(), None, &choice)
                    .await
                    .map(drop)
                    .map_err(|failure| failure.code)
            }
        });
        let outcomes = at_once(choices).await;
        for refused in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            assert!([Code::SessionLimit, Code::ValidationFailed].contains(refused), "{outcomes:?}");
        }
        assert!(
            outcomes[..2].iter().filter(|outcome| outcome.is_ok()).count() <= 1,
            "a ticket starts at most one session"
        );
        assert!(outcomes.iter().any(Result::is_ok), "{outcomes:?}");
        assert_eq!(app.live_sessions().await, 3, "round {round}: {outcomes:?}");
    }
}

async fn twenty_concurrent_requests_leave_the_allowed_number(app: TestApp) {
    let ayse = limited(&app).await;
    app.set_policy("maxAttempts", "10").await;
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let mut browser = app.browser();
        browser.ensure_token().await;
        browsers.push(browser);
    }
    let sent = browsers.into_iter().map(|mut browser| {
        let ayse = ayse.clone();
        async move { browser.try_password(&ayse.email, &ayse.password).await.status }
    });
    let statuses = at_once(sent).await;
    // Sign-ins are evaluated in turn, and those beyond the queue get `unavailable`.
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses.iter().filter(|status| **status == 200).count() >= 3, "{statuses:?}");
    assert_eq!(app.live_sessions().await, 3);
}
