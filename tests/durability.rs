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

/// What came of a mutation.
enum Outcome {
    Acknowledged(Answer),
    /// 503: it may have happened or not, as a machine under load answers.
    Unknown,
    /// The process is dead; here, too, it may have happened.
    Dead,
}

impl Doomed {
    /// Sends a mutation; kills the process when its answer was the last one it had to give.
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

/// What was acknowledged.
#[derive(Default)]
struct Ledger {
    signed_in: Vec<Browser>,
    /// With the cookies from before.
    signed_out: Vec<Browser>,
    guesses: Vec<Guesses>,
}

/// The wrong passwords of one email.
struct Guesses {
    email: String,
    /// How many count, by the last answer.
    counted: u64,
    /// How many more may count, because their answers did not come.
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

async fn what_was_acknowledged_survives_kill_9(app: TestApp) {
    // Everybody here comes from one address.
    app.set_policy("addressLimit", "10000").await;
    app.set_policy("sessionLimit", "0").await;
    app.set_policy("maxAttempts", &ATTEMPTS.to_string()).await;
    let people = [app.person("ayse").await, app.person("mehmet").await, app.person("zeynep").await];

    let mut panel = app.as_process().await;
    let mut ledger = Ledger::default();
    for (round, moment) in moments().enumerate() {
        let of_round = until_killed(&panel, &people, round, moment).await;
        panel = panel.as_process().await;
        for mut guesses in of_round.guesses {
            guesses.answered(&panel.browser().try_password(&guesses.email, WRONG).await);
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
            assert!(
                !browser.clone().visiting(&panel).is_signed_in().await,
                "signed in again, round {round}, after {moment}"
            );
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

/// Guesses the password of one email until it is locked, then of the next.
async fn guess(doomed: Arc<Doomed>, mut stranger: Browser, name: String) -> Ledger {
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
