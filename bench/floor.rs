//! Starts the application and the handlers it is compared with, each on its own port, in one
//! process and under the same HTTP server.

use std::net::SocketAddr;
use std::path::Path;

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use kafkasder_panel::FRONT;
use kafkasder_panel::server::clock::Clock;
use kafkasder_panel::server::config::{Config, Sources};
use kafkasder_panel::server::cookie::{self, CookieValue, cookie_value};
use kafkasder_panel::server::db::sessions::check;
use kafkasder_panel::server::http::router;
use kafkasder_panel::server::sessions;
use kafkasder_panel::server::sessions::cookie::SessionClaim;
use kafkasder_panel::server::state::AppState;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Outcome, PASSWORD, email, http};

pub const CHECK: &str = "/api/auth/session";

pub struct Arena {
    /// The whole application.
    pub app: SocketAddr,
    /// A handler that returns the same JSON and does nothing else.
    pub bare: SocketAddr,
    /// A handler that opens the same cookie and runs the same query.
    pub query: SocketAddr,
    /// The headers of a signed-in browser.
    pub cookie: String,
}

impl Arena {
    pub async fn open(folder: &Path) -> Outcome<Arena> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let app = listener.local_addr()?;
        let panel = open_panel(folder, app).await?;
        serve(listener, router::app(panel.clone(), FRONT));

        let mut connection = http::Connection::open(app).await?;
        let answer = connection.exchange(&http::login(app, &email(0), PASSWORD).await?).await?;
        let sealed = answer
            .cookie("auth-session")
            .ok_or_else(|| format!("no sign-in: {}", String::from_utf8_lossy(answer.body)))?;
        let cookie = format!("Cookie: auth-session={sealed}\r\n");

        let answer = connection.exchange(&http::get(app, CHECK, &cookie)).await?;
        let body: Value = serde_json::from_slice(answer.body)?;
        let bare = Router::new().route(CHECK, get(bare)).with_state(body);
        let query = Router::new().route(CHECK, get(query)).with_state(panel);
        Ok(Arena { app, bare: listen(bare).await?, query: listen(query).await?, cookie })
    }
}

pub async fn open_panel(folder: &Path, address: SocketAddr) -> Outcome<AppState> {
    let lookup = |name: &str| match name {
        "DATABASE_URL" => Some(format!("sqlite:{}/panel.db", folder.display())),
        "PUBLIC_URL" => Some(format!("http://{address}")),
        "LEPTOS_HASH_FILES" => Some("0".to_owned()),
        _ => None,
    };
    let config = Config::from(&Sources { env: &lookup, file: toml::Table::new() })?;
    Ok(AppState::open(config, Clock::System).await?)
}

/// Serializes the response each time, as any handler would.
async fn bare(State(body): State<Value>) -> Json<Value> {
    Json(body)
}

/// The minimum of a session check: the cookie and the row.
async fn query(State(panel): State<AppState>, headers: HeaderMap) -> Result<impl IntoResponse, StatusCode> {
    let CookieValue::One(sealed) = cookie_value(&headers, panel.cookies.session) else {
        return Err(StatusCode::UNAUTHORIZED);
    };
    let keys = panel.keys.all().iter().map(|keys| &keys.session);
    let (claim, _) =
        cookie::open::<SessionClaim>(panel.cookies.session, keys, sealed).ok_or(StatusCode::UNAUTHORIZED)?;
    let row = check(panel.db.reader(), &sessions::hash(&claim.session_id)).await;
    let row = row.ok().flatten().ok_or(StatusCode::UNAUTHORIZED)?;
    let body = json!({ "success": true, "data": { "userId": row.user.id, "expiresAt": claim.expire,
        "idleExpiresAt": claim.expire, "serverTime": claim.expire } });
    Ok(([(CONTENT_TYPE, "application/json")], body.to_string()))
}

async fn listen(router: Router) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    serve(listener, router);
    Ok(address)
}

fn serve(listener: TcpListener, router: Router) {
    use axum::serve::ListenerExt;
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
}
