//! The contenders: the panel and the handlers it is compared with, in one process on one core,
//! each on its own port.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use kafkasder_panel::FRONT;
use kafkasder_panel::server::clock::Clock;
use kafkasder_panel::server::config::{Config, LogFormat, Sources};
use kafkasder_panel::server::cookie::{self, CookieValue, cookie_value};
use kafkasder_panel::server::db::sessions::{find, id_key};
use kafkasder_panel::server::log::log;
use kafkasder_panel::server::serve::{runtime, serve_until};
use kafkasder_panel::server::sessions;
use kafkasder_panel::server::sessions::cookie::SessionClaim;
use kafkasder_panel::server::state::AppState;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::{Outcome, PASSWORD, USERS, email, http};

pub const CHECK: &str = "/api/auth/session";

/// The addresses of the contenders, and the headers of a signed-in browser.
#[derive(Clone, Serialize, Deserialize)]
pub struct Contenders {
    /// The whole panel.
    pub panel: SocketAddr,
    /// A handler that returns the same JSON and does nothing else.
    pub bare: SocketAddr,
    /// A handler that opens the same cookie and reads the same row, without the panel's layers.
    pub reader: SocketAddr,
    /// A handler that refuses with the same headers and body as the panel without a cookie.
    pub refuser: SocketAddr,
    pub cookie: String,
}

/// The process of the contenders, stopped on drop.
pub struct Arena {
    child: Child,
    pub contenders: Contenders,
}

impl Arena {
    /// Starts the contenders on these cores, with one worker thread per core.
    pub fn start(database: &str, cores: &str) -> Outcome<Arena> {
        let program = std::env::current_exe()?;
        let mut command = Command::new("taskset");
        command.args(["-c", cores]).arg(program).args(["serve", database]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut line)?;
        let contenders =
            serde_json::from_str(&line).map_err(|error| format!("the contenders did not start: {error}"))?;
        Ok(Arena { child, contenders })
    }

    /// Waits for the sweep at the start, which goes through all sessions.
    pub fn wait_until_idle(&self) -> Outcome<()> {
        let mut before = f64::NAN;
        for _ in 0..120 {
            if before == self.cpu_seconds()? {
                return Ok(());
            }
            before = self.cpu_seconds()?;
            std::thread::sleep(Duration::from_secs(1));
        }
        Err("the server is busy although nobody asks for anything".into())
    }

    /// The CPU time of the process, in seconds.
    pub fn cpu_seconds(&self) -> Outcome<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
        let ticks = |index: usize| fields.get(index).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or_default();
        // Fields 14 and 15 of proc(5), in ticks of 10 ms.
        Ok((ticks(11) + ticks(12)) / 100.0)
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The main function of the contenders' process.
pub fn serve(database: &str) -> Outcome<()> {
    // The server's default log level. Lines are formatted as in production and then discarded.
    let log = log(LogFormat::Text, EnvFilter::new("info"), false, std::io::sink);
    tracing::dispatcher::set_global_default(log)?;
    kafkasder_panel::server::serve::raise_file_limit();
    let runtime = runtime()?;
    runtime.block_on(async {
        let contenders = open(database).await?;
        println!("{}", serde_json::to_string(&contenders)?);
        std::future::pending::<()>().await;
        Ok(())
    })
}

async fn open(database: &str) -> Outcome<Contenders> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let panel = open_panel(database, address).await?;
    let served = panel.clone();
    tokio::spawn(async move { serve_until(std::future::pending(), listener, &served, FRONT).await });

    let mut connection = http::Connection::open(address).await?;
    let answer = connection.exchange(&http::login(address, &email(USERS), PASSWORD).await?).await?;
    let sealed =
        answer.cookie("auth-session").ok_or_else(|| format!("no sign-in: {}", String::from_utf8_lossy(answer.body)))?;
    let cookie = format!("Cookie: auth-session={sealed}\r\n");

    let answer = connection.exchange(&http::get(address, CHECK, &cookie)).await?;
    let body: Value = serde_json::from_slice(answer.body)?;
    let answer = connection.exchange(&http::get(address, CHECK, "")).await?;
    let refusal = (headers_of(answer.head), String::from_utf8_lossy(answer.body).into_owned());
    Ok(Contenders {
        panel: address,
        bare: listen(Router::new().route(CHECK, get(bare)).with_state(body)).await?,
        reader: listen(Router::new().route(CHECK, get(reader)).with_state(panel)).await?,
        refuser: listen(Router::new().route(CHECK, get(refuser)).with_state(refusal)).await?,
        cookie,
    })
}

/// The panel on a database, under an address.
pub async fn open_panel(database: &str, address: SocketAddr) -> Outcome<AppState> {
    let lookup = |name: &str| match name {
        "DATABASE_URL" => Some(database.to_owned()),
        "PUBLIC_URL" => Some(format!("http://{address}")),
        "LEPTOS_HASH_FILES" => Some("0".to_owned()),
        "SESSION_SECRET" => Some("a secret of the benchmark with enough bytes".to_owned()),
        _ => None,
    };
    let config = Config::from(&Sources { env: &lookup, file: toml::Table::new() })?;
    Ok(AppState::open(config, Clock::System).await?)
}

/// The headers of a response, except those that the HTTP server writes.
fn headers_of(head: &str) -> HeaderMap {
    let lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
    let headers =
        lines.filter_map(|(name, value)| Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?)));
    headers.filter(|(name, _)| name != "date" && name != "content-length").collect()
}

/// Serializes the response each time, as any handler would.
async fn bare(State(body): State<Value>) -> Json<Value> {
    Json(body)
}

async fn refuser(State((headers, body)): State<(HeaderMap, String)>) -> impl IntoResponse {
    (StatusCode::UNAUTHORIZED, headers, body)
}

/// The minimum of a session check: the cookie and the row.
async fn reader(State(panel): State<AppState>, headers: HeaderMap) -> Result<impl IntoResponse, StatusCode> {
    let CookieValue::One(sealed) = cookie_value(&headers, panel.cookies.session) else {
        return Err(StatusCode::UNAUTHORIZED);
    };
    let keys = panel.keys.all().iter().map(|keys| &keys.session);
    let (claim, _) =
        cookie::open::<SessionClaim>(panel.cookies.session, keys, sealed).ok_or(StatusCode::UNAUTHORIZED)?;
    let id_hash = sessions::hash(&claim.session_id);
    let row = find(&panel.db, id_key(&id_hash), &id_hash).await;
    let row = row.ok().flatten().ok_or(StatusCode::UNAUTHORIZED)?;
    let body = json!({ "success": true, "data": { "userId": row.user_id, "expiresAt": claim.expire,
        "idleExpiresAt": claim.expire, "serverTime": claim.expire } });
    Ok(([(CONTENT_TYPE, "application/json")], body.to_string()))
}

async fn listen(router: Router) -> Outcome<SocketAddr> {
    use axum::serve::ListenerExt;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    tokio::spawn(async move { axum::serve(listener, router.into_make_service()).await });
    Ok(address)
}
