//! The load: a fixed number of connections, each of which sends its next request after the last
//! response.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use super::floor::{Arena, CHECK};
use super::http::{self, Connection};
use super::{Outcome, PASSWORD, USERS, cores, email};

/// The number of rounds. Many short rounds: a background program disturbs few of them, and the
/// median ignores those.
const CHECK_ROUNDS: usize = 41;
const CHECK_ROUND: Duration = Duration::from_millis(250);
const LOGIN_ROUNDS: usize = 15;
/// Longer, because few sign-ins fit into a round.
const LOGIN_ROUND: Duration = Duration::from_millis(1500);

const CHECK_CONNECTIONS: usize = 8;

/// Requests per second of the application, the bare handler and the query handler, by round.
pub fn session_checks(arena: &Arena) -> Outcome<[Vec<f64>; 3]> {
    let contender = |address| {
        let request: Arc<[u8]> = http::get(address, CHECK, &arena.cookie).into();
        move || client(rate(address, vec![request.clone(); CHECK_CONNECTIONS], CHECK_ROUND))
    };
    let (app, bare, query) = (contender(arena.app), contender(arena.bare), contender(arena.query));
    alternate(CHECK_ROUNDS, [&app, &bare, &query])
}

/// Sign-ins per second, and hashes per second alone, by round.
pub fn logins(arena: &Arena) -> Outcome<[Vec<f64>; 2]> {
    let requests = client(login_requests(arena.app))?;
    let sign_ins = || client(rate(arena.app, requests.clone(), LOGIN_ROUND));
    alternate(LOGIN_ROUNDS, [&sign_ins, &hashes])
}

/// Every user signs in twice, all in parallel.
pub fn sign_in_all_users(address: SocketAddr) -> Outcome<()> {
    client(async {
        let requests = login_requests(address).await?;
        rate(address, requests, Duration::from_millis(1)).await
    })?;
    Ok(())
}

type Contender<'a> = &'a dyn Fn() -> Outcome<f64>;

/// Alternates between the contenders, so that other load on the machine affects all alike. The
/// first round is a warm-up and does not count.
fn alternate<const N: usize>(times: usize, contenders: [Contender; N]) -> Outcome<[Vec<f64>; N]> {
    let mut rounds = [const { Vec::new() }; N];
    for round in 0..=times {
        for (contender, rates) in contenders.iter().zip(&mut rounds) {
            let rate = contender()?;
            if round > 0 {
                rates.push(rate);
            }
        }
    }
    Ok(rounds)
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

/// Responses per second over one connection per request, repeated until the time is up.
async fn rate(address: SocketAddr, requests: Vec<Arc<[u8]>>, time: Duration) -> Outcome<f64> {
    let mut connections = Vec::new();
    for _ in &requests {
        connections.push(Connection::open(address).await?);
    }
    let start = Instant::now();
    let running: Vec<_> = requests
        .into_iter()
        .zip(connections)
        .map(|(request, connection)| tokio::spawn(repeat(connection, request, start + time)))
        .collect();
    let mut answers = 0;
    for connection in running {
        answers += connection.await??;
    }
    // Measured until the last response: a sign-in in progress at the end counts, with its time.
    Ok(answers as f64 / start.elapsed().as_secs_f64())
}

async fn repeat(mut connection: Connection, request: Arc<[u8]>, until: Instant) -> Outcome<u32> {
    let mut answers = 0;
    while Instant::now() < until {
        let answer = connection.exchange(&request).await?;
        if answer.status != 200 {
            return Err(format!("{}{}", answer.head, String::from_utf8_lossy(answer.body)).into());
        }
        answers += 1;
    }
    Ok(answers)
}

/// Hashes per second with a thread per core, each with a reusable buffer, as in the server.
fn hashes() -> Outcome<f64> {
    let start = Instant::now();
    let threads: Vec<_> = (0..cores()).map(|_| std::thread::spawn(move || hash_until(start + LOGIN_ROUND))).collect();
    let mut hashes = 0;
    for thread in threads {
        hashes += thread.join().map_err(|_| "a hashing thread panicked")??;
    }
    Ok(f64::from(hashes) / start.elapsed().as_secs_f64())
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
