//! After `kill -9` at any moment, every acknowledged change is still there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde_json::{Value, json};

use crate::support::{Answer, Browser, LOGIN, LOGOUT, Person, TestApp};

both![acknowledged_changes_survive_kill_9];

const ROUNDS: usize = 9;

/// The number of wrong passwords that lock an identifier.
const ATTEMPTS: u64 = 5;

const WRONG: &str = "not the password at all";

/// The number of acknowledged responses after which each round kills the process. The
/// numbers are pseudorandom (xorshift) and the same in every run.
fn kill_points() -> impl Iterator<Item = usize> {
    let seeds = std::iter::successors(Some(0x9e37_79b9_7f4a_7c15_u64), |seed| {
        let seed = seed ^ (seed << 13);
        let seed = seed ^ (seed >> 7);
        Some(seed ^ (seed << 17))
    });
    seeds.skip(1).take(ROUNDS).map(|seed| 1 + (seed % 24) as usize)
}

/// A process that is killed after a number of responses.
struct KillAfter {
    panel: TestApp,
    left: AtomicUsize,
}

/// The outcome of a mutation.
enum Outcome {
    Acknowledged(Answer),
    /// 503: the change may have happened or not, as under load.
    Unknown,
    /// The process was killed; the change may have happened or not.
    Dead,
}

impl KillAfter {
    /// Sends a mutation, and kills the process when this was the last allowed response.
    async fn post(&self, browser: &mut Browser, path: &str, body: &Value) -> Outcome {
        let Some(answer) = browser.fetch("POST", path).with_token().json(body).try_send().await else {
            return Outcome::Dead;
        };
        if answer.status == 503 {
            return Outcome::Unknown;
        }
        if self.left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) == Ok(1) {
            self.panel.process().kill();
        }
        Outcome::Acknowledged(answer)
    }
}

/// The acknowledged changes.
#[derive(Default)]
struct Ledger {
    signed_in: Vec<Browser>,
    /// Browsers with their cookies from before the sign-out.
    signed_out: Vec<Browser>,
    guesses: Vec<Guesses>,
}

/// The wrong passwords of one email address.
struct Guesses {
    email: String,
    /// The number of counted attempts, according to the last response.
    counted: u64,
    /// The number of attempts that may be counted, because their responses were lost.
    unknown: u64,
}

impl Guesses {
    fn answered(&mut self, answer: &Answer) {
        let counted = match answer.status {
            401 => ATTEMPTS - answer.refused(401, "invalid_credentials")["remainingAttempts"].as_u64().unwrap(),
            _ => {
                answer.refused(429, "account_locked");
                ATTEMPTS
            }
        };
        let least = (self.counted + 1).min(ATTEMPTS);
        let most = (self.counted + 1 + self.unknown).min(ATTEMPTS);
        assert!((least..=most).contains(&counted), "{counted} and not {least} to {most} count: {answer}");
        (self.counted, self.unknown) = (counted, 0);
    }
}

async fn acknowledged_changes_survive_kill_9(app: TestApp) {
    // All clients have one address.
    app.set_policy("addressLimit", "10000").await;
    app.set_policy("sessionLimit", "0").await;
    app.set_policy("maxAttempts", &ATTEMPTS.to_string()).await;
    let people = [app.person("ayse").await, app.person("mehmet").await, app.person("zeynep").await];

    let mut panel = app.as_process().await;
    let mut ledger = Ledger::default();
    for (round, moment) in kill_points().enumerate() {
        let of_round = until_killed(&panel, &people, round, moment).await;
        panel = panel.as_process().await;
        for mut guesses in of_round.guesses {
            guesses.answered(&panel.browser().try_password(&guesses.email, WRONG).await);
        }
        ledger.signed_in.extend(of_round.signed_in);
        ledger.signed_out.extend(of_round.signed_out);
        // Checks all rounds: a later kill must not undo an earlier round's changes.
        for browser in &ledger.signed_in {
            assert!(
                browser.clone().connected_to(&panel).is_signed_in().await,
                "a sign-in is lost, round {round}, {moment}"
            );
        }
        for browser in &ledger.signed_out {
            assert!(
                !browser.clone().connected_to(&panel).is_signed_in().await,
                "a sign-out is lost, round {round}, {moment}"
            );
        }
    }
    // Makes sure that enough was tried.
    assert!(ledger.signed_in.len() >= ROUNDS && ledger.signed_out.len() >= ROUNDS);
}

/// Users sign in and out while strangers guess passwords, until the process is dead.
async fn until_killed(panel: &TestApp, people: &[Person], round: usize, moment: usize) -> Ledger {
    let mut stranger = panel.browser();
    stranger.ensure_token().await;
    let doomed = Arc::new(KillAfter { panel: panel.clone(), left: AtomicUsize::new(moment) });
    let mut workers = Vec::new();
    for (number, person) in people.iter().cloned().enumerate() {
        workers.push(tokio::spawn(sign_in_and_out(doomed.clone(), stranger.clone(), person)));
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

/// Signs in repeatedly, each time with a new browser, and signs out every second time.
async fn sign_in_and_out(doomed: Arc<KillAfter>, stranger: Browser, person: Person) -> Ledger {
    let credentials = json!({ "email": person.email, "password": person.password });
    let mut ledger = Ledger::default();
    for stays in [true, false].into_iter().cycle() {
        let mut browser = stranger.clone();
        match doomed.post(&mut browser, LOGIN, &credentials).await {
            Outcome::Acknowledged(answer) => drop(answer.expect(200)),
            Outcome::Unknown => continue,
            Outcome::Dead => break,
        }
        if stays {
            ledger.signed_in.push(browser);
            continue;
        }
        let with_cookies = browser.clone();
        match doomed.post(&mut browser, LOGOUT, &json!({})).await {
            Outcome::Acknowledged(answer) => {
                answer.expect(200);
                ledger.signed_out.push(with_cookies);
            }
            Outcome::Unknown => {}
            Outcome::Dead => break,
        }
    }
    ledger
}

/// Guesses the password of an email until it is locked, then of the next one.
async fn guess(doomed: Arc<KillAfter>, mut stranger: Browser, name: String) -> Ledger {
    let mut ledger = Ledger::default();
    for number in 0.. {
        let mut guesses = Guesses { email: format!("{name}-{number}@example.org"), counted: 0, unknown: 0 };
        let body = json!({ "email": guesses.email, "password": WRONG });
        let mut alive = true;
        while alive && guesses.counted < ATTEMPTS {
            match doomed.post(&mut stranger, LOGIN, &body).await {
                Outcome::Acknowledged(answer) => guesses.answered(&answer),
                Outcome::Unknown => guesses.unknown += 1,
                Outcome::Dead => {
                    guesses.unknown += 1;
                    alive = false;
                }
            }
        }
        ledger.guesses.push(guesses);
        if !alive {
            break;
        }
    }
    ledger
}
