//! kill -9 at any moment: what was acknowledged has happened, for good.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde_json::{Value, json};

use crate::support::{Answer, Browser, LOGIN, LOGOUT, Person, TestApp};

both![what_was_acknowledged_survives_kill_9];

const ROUNDS: usize = 9;

/// How many wrong passwords an identifier has.
const ATTEMPTS: u64 = 5;

const WRONG: &str = "not the password at all";

/// After how many acknowledged answers each round's process is killed: as good
/// as random, and the same in each run (xorshift).
fn moments() -> impl Iterator<Item = usize> {
    let seeds = std::iter::successors(Some(0x9e37_79b9_7f4a_7c15_u64), |seed| {
        let seed = seed ^ (seed << 13);
        let seed = seed ^ (seed >> 7);
        Some(seed ^ (seed << 17))
    });
    seeds.skip(1).take(ROUNDS).map(|seed| 1 + (seed % 24) as usize)
}

/// A process that lives until so many answers have come.
struct Doomed {
    panel: TestApp,
    left: AtomicUsize,
}

impl Doomed {
    /// Sends a mutation; kills the process when its answer was the last one it had to give.
    async fn post(&self, browser: &mut Browser, path: &str, body: &Value) -> Option<Answer> {
        let answer = browser.fetch("POST", path).with_token().json(body).try_send().await?;
        if self.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) == Ok(1) {
            self.panel.process().kill();
        }
        Some(answer)
    }
}

/// What was acknowledged.
#[derive(Default)]
struct Ledger {
    signed_in: Vec<Browser>,
    /// With the cookies from before.
    signed_out: Vec<Browser>,
    guesses: Vec<Guesses>,
}

/// How many wrong passwords were answered for an email, and how many may count:
/// one more, where the answer did not come.
struct Guesses {
    email: String,
    answered: u64,
    at_most: u64,
}

async fn what_was_acknowledged_survives_kill_9(app: TestApp) {
    // Everybody here comes from one address.
    app.set_policy("addressLimit", "10000").await;
    app.set_policy("maxAttempts", &ATTEMPTS.to_string()).await;
    let people = [app.person("ayse").await, app.person("mehmet").await, app.person("zeynep").await];

    let mut panel = app.as_process().await;
    let mut ledger = Ledger::default();
    for (round, moment) in moments().enumerate() {
        let of_round = until_killed(&panel, &people, round, moment).await;
        panel = panel.as_process().await;
        for guesses in &of_round.guesses {
            still_count(&panel, guesses, moment).await;
        }
        ledger.signed_in.extend(of_round.signed_in);
        ledger.signed_out.extend(of_round.signed_out);
        // Of every round so far: a later kill takes nothing of an earlier one's either.
        for browser in &ledger.signed_in {
            assert!(
                browser.clone().visiting(&panel).is_signed_in().await,
                "a sign-in is gone, round {round}, {moment}"
            );
        }
        for browser in &ledger.signed_out {
            assert!(!browser.clone().visiting(&panel).is_signed_in().await, "signed in again, round {round}, {moment}");
        }
    }
    // Otherwise nothing was tried.
    assert!(ledger.signed_in.len() >= ROUNDS && ledger.signed_out.len() >= ROUNDS);
}

/// People sign in and out and strangers guess, all at once, until the process is dead.
async fn until_killed(panel: &TestApp, people: &[Person], round: usize, moment: usize) -> Ledger {
    let mut stranger = panel.browser();
    stranger.ready().await;
    let doomed = Arc::new(Doomed { panel: panel.clone(), left: AtomicUsize::new(moment) });
    let mut workers = Vec::new();
    for (number, person) in people.iter().cloned().enumerate() {
        workers.push(tokio::spawn(come_and_go(doomed.clone(), stranger.clone(), person)));
        workers.push(tokio::spawn(guess(doomed.clone(), stranger.clone(), format!("guess-{round}-{number}"))));
    }
    let mut ledger = Ledger::default();
    for worker in workers {
        let part: Ledger = worker.await.expect("every answer was the right one");
        ledger.signed_in.extend(part.signed_in);
        ledger.signed_out.extend(part.signed_out);
        ledger.guesses.extend(part.guesses);
    }
    assert_eq!(doomed.left.load(SeqCst), 0, "the process died by itself");
    ledger
}

/// Signs in again and again, each time as another browser; every other one signs out.
async fn come_and_go(doomed: Arc<Doomed>, stranger: Browser, person: Person) -> Ledger {
    let credentials = json!({ "email": person.email, "password": person.password });
    let mut ledger = Ledger::default();
    loop {
        let mut stays = stranger.clone();
        let Some(answer) = doomed.post(&mut stays, LOGIN, &credentials).await else { return ledger };
        answer.expect(200);
        ledger.signed_in.push(stays);

        let mut leaves = stranger.clone();
        let Some(answer) = doomed.post(&mut leaves, LOGIN, &credentials).await else { return ledger };
        answer.expect(200);
        let copy = leaves.clone();
        let Some(answer) = doomed.post(&mut leaves, LOGOUT, &json!({})).await else { return ledger };
        answer.expect(200);
        ledger.signed_out.push(copy);
    }
}

/// Guesses the password of one email until it is locked, then of the next.
async fn guess(doomed: Arc<Doomed>, mut stranger: Browser, name: String) -> Ledger {
    let mut ledger = Ledger::default();
    for number in 0.. {
        let email = format!("{name}-{number}@example.org");
        let body = json!({ "email": email, "password": WRONG });
        for answered in 0..ATTEMPTS {
            let Some(answer) = doomed.post(&mut stranger, LOGIN, &body).await else {
                ledger.guesses.push(Guesses { email, answered, at_most: answered + 1 });
                return ledger;
            };
            assert_eq!(answer.refused(401, "invalid_credentials")["remainingAttempts"], ATTEMPTS - answered - 1);
        }
        ledger.guesses.push(Guesses { email, answered: ATTEMPTS, at_most: ATTEMPTS });
    }
    ledger
}

async fn still_count(panel: &TestApp, guesses: &Guesses, moment: usize) {
    let answer = panel.browser().try_password(&guesses.email, WRONG).await;
    let counted = match answer.status {
        401 => ATTEMPTS - 1 - answer.refused(401, "invalid_credentials")["remainingAttempts"].as_u64().unwrap(),
        _ => {
            answer.refused(429, "account_locked");
            ATTEMPTS
        }
    };
    let right = guesses.answered..=guesses.at_most;
    assert!(right.contains(&counted), "{counted} and not {right:?} of {} count, after {moment}", guesses.email);
}
