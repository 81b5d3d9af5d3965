//! The load: a fixed number of connections, each of which sends its next request after the last
//! response.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::http::{self, Connection, Polled};
use super::{Outcome, PASSWORD, USERS, cores, email};

/// Longer, because few sign-ins fit into a round.
const LOGIN_ROUND: Duration = Duration::from_millis(1500);

/// Requests, and where to send them.
#[derive(Clone)]
pub struct Target {
    address: SocketAddr,
    /// Sent in turn.
    requests: Arc<[Arc<[u8]>]>,
    status: u16,
}

impl Target {
    pub fn get(address: SocketAddr, path: &str, headers: &str) -> Target {
        Target::any(address, vec![http::get(address, path, headers).into()])
    }

    /// Several requests, sent in turn.
    pub fn any(address: SocketAddr, requests: Vec<Arc<[u8]>>) -> Target {
        Target { address, requests: requests.into(), status: 200 }
    }

    pub fn answered_with(self, status: u16) -> Target {
        Target { status, ..self }
    }
}

/// What the client measured in a round.
pub struct Round {
    /// Responses per second.
    pub rate: f64,
    /// The time of each response in milliseconds, in ascending order.
    pub times: Vec<f64>,
}

/// Sends over this many connections, the next request of each after its last response.
pub fn drive(target: &Target, connections: usize, time: Duration) -> Outcome<Round> {
    let mut requests = target.requests.iter().cycle();
    let mut next = || requests.next().map_or(&[][..], |request| &**request);
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        let mut connection = Polled::open(target.address)?;
        connection.send(next())?;
        open.push((connection, Instant::now()));
    }
    let (start, mut times) = (Instant::now(), Vec::new());
    while start.elapsed() < time {
        for (connection, sent) in &mut open {
            if connection.poll(target.status)? {
                let now = Instant::now();
                times.push((now - *sent).as_secs_f64() * 1000.0);
                *sent = now;
                connection.send(next())?;
            }
        }
    }
    let rate = times.len() as f64 / start.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    Ok(Round { rate, times })
}

/// The value below which this share of the sorted values lies.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// Alternates between the contenders, so that other load on the machine affects all alike. The
/// first round is a warm-up and does not count.
pub fn alternate<T, const N: usize>(times: usize, contenders: [&dyn Fn() -> Outcome<T>; N]) -> Outcome<[Vec<T>; N]> {
    let mut rounds = [const { Vec::new() }; N];
    for round in 0..=times {
        for (contender, results) in contenders.iter().zip(&mut rounds) {
            let result = contender()?;
            if round > 0 {
                results.push(result);
            }
        }
    }
    Ok(rounds)
}

/// Sign-ins per second of eight users, each with an account of their own.
pub fn logins(address: SocketAddr, time: Duration) -> Outcome<f64> {
    client(async {
        let requests = login_requests(address).await?;
        let (start, mut running) = (Instant::now(), Vec::new());
        for request in requests {
            let mut connection = Connection::open(address).await?;
            running.push(tokio::spawn(async move {
                let mut answers = 0;
                while start.elapsed() < time {
                    connection.exchange(&request).await?.expect(200)?;
                    answers += 1;
                }
                Outcome::Ok(answers)
            }));
        }
        let mut answers = 0;
        for connection in running {
            answers += connection.await??;
        }
        // Measured until the last response: a sign-in in progress at the end counts, with its
        // time.
        Ok(f64::from(answers) / start.elapsed().as_secs_f64())
    })
}

/// As [`logins`], for one round.
pub fn login_round(address: SocketAddr) -> Outcome<f64> {
    logins(address, LOGIN_ROUND)
}

/// Every user signs in once, all in parallel.
pub fn sign_in_all_users(address: SocketAddr) -> Outcome<()> {
    logins(address, Duration::from_millis(1))?;
    Ok(())
}

/// Runs the client on its own thread, so that it does not occupy a server thread.
fn client<T>(work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

async fn login_requests(address: SocketAddr) -> Outcome<Vec<Arc<[u8]>>> {
    let mut requests = Vec::new();
    for number in 0..USERS {
        requests.push(http::login(address, &email(number), PASSWORD).await?.into());
    }
    Ok(requests)
}

/// Hashes per second with this many threads, each with a reusable buffer, as in the server.
pub fn hashes(threads: usize) -> Outcome<f64> {
    let start = Instant::now();
    let threads: Vec<_> = (0..threads).map(|_| std::thread::spawn(move || hash_until(start + LOGIN_ROUND))).collect();
    let mut hashes = 0;
    for thread in threads {
        hashes += thread.join().map_err(|_| "a hashing thread panicked")??;
    }
    Ok(f64::from(hashes) / start.elapsed().as_secs_f64())
}

/// As [`hashes`], on every core.
pub fn hashes_on_every_core() -> Outcome<f64> {
    hashes(cores())
}

fn hash_until(end: Instant) -> Outcome<u32> {
    let params = Params::new(19_456, 2, 1, None)?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut out = [0; 32];
    let mut hashes = 0;
    while Instant::now() < end {
        argon2.hash_password_into_with_memory(PASSWORD.as_bytes(), &[7; 16], &mut out, &mut memory)?;
        hashes += 1;
    }
    Ok(hashes)
}
