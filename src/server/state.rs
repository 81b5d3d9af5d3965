//! The state that all requests share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use tokio_util::sync::CancellationToken;

use crate::model::email::Email;
use crate::server::clock::{Clock, Millis};
use crate::server::config::Config;
use crate::server::cookie::Names;
use crate::server::db::addresses::{self, UnconvertedAddress};
use crate::server::db::group::Group;
use crate::server::db::sessions::IdHash;
use crate::server::db::{Db, open};
use crate::server::files;
use crate::server::keys::KeyRing;
use crate::server::live::Hub;
use crate::server::passwords::Hasher;
use crate::server::throttle::OncePerMinute;
use crate::server::turns::Turns;
use crate::server::work::Work;

/// A running panel. Cheap to clone, because clones share the state.
#[derive(Clone)]
pub struct AppState(Arc<Panel>);

/// The parts of a running panel.
pub struct Panel {
    pub config: Config,
    pub db: Db,
    pub clock: Clock,
    pub keys: KeyRing,
    pub cookies: Names,
    pub hasher: Hasher,
    /// The queues of password attempts.
    pub turns: Turns,
    /// Activity that waits to be written.
    pub touches: Group<Touch>,
    /// The open event streams.
    pub live: Hub,
    /// When the log last warned of a proxy that sends a foreign `Host`.
    pub host_warning: OncePerMinute,
    /// Cancelled when the server shuts down.
    pub shutdown: CancellationToken,
    /// Mutations, which run to completion even if the client disconnects.
    pub work: Work,
    pending_sign_outs: Mutex<HashMap<IdHash, PendingSignOut>>,
    /// The accounts whose address does not follow today's rules, as of the start.
    pub unconverted_addresses: Vec<UnconvertedAddress>,
}

/// Activity in a session.
#[derive(Clone)]
pub struct Touch {
    pub handle: String,
    pub at: Millis,
}

/// A sign-out that is not yet written to the database.
#[derive(Clone)]
pub struct PendingSignOut {
    /// Every id under which the session may be stored.
    pub ids: Vec<IdHash>,
    pub at: Millis,
}

impl std::ops::Deref for AppState {
    type Target = Panel;

    fn deref(&self) -> &Panel {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> LeptosOptions {
        state.config.leptos.clone()
    }
}

impl AppState {
    /// Opens the database, migrates its schema and starts the hashing pool.
    ///
    /// # Errors
    /// One line that says what to do.
    pub async fn open(config: Config, clock: Clock) -> Result<AppState, String> {
        let db = open_database(&config).await?;
        db.migrate().await.map_err(|e| format!("The database schema can't be brought up to date: {e}"))?;
        let unconverted = addresses::convert_all(&db).await;
        let unconverted_addresses = unconverted
            .map_err(|error| format!("The addresses in the database can't be converted ({error}): try again"))?;
        unconverted_addresses.iter().for_each(|address| tracing::warn!("{address}"));
        let keys = KeyRing::new(&config.secrets).ok_or("SESSION_SECRET must be set")?;
        Ok(AppState(Arc::new(Panel {
            cookies: Names::new(config.https),
            hasher: Hasher::start(),
            turns: Turns::default(),
            touches: Group::default(),
            live: Hub::default(),
            host_warning: OncePerMinute::default(),
            shutdown: CancellationToken::new(),
            work: Work::default(),
            pending_sign_outs: Mutex::default(),
            unconverted_addresses,
            config,
            db,
            clock,
            keys,
        })))
    }
}

impl Panel {
    /// Parses the address of a sign-in. If any account has an address that today's rules
    /// reject, the previous rules apply too. They then apply to every sign-in, so that no
    /// response reveals which accounts these are.
    pub fn sign_in_address(&self, text: &str) -> Option<Email> {
        let odd = self.unconverted_addresses.iter().any(UnconvertedAddress::is_rejected);
        Email::parse(text).or_else(|| Email::parse_by_previous_rules(text).filter(|_| odd))
    }

    /// Sign-outs that the database could not store, by the id that signed out. They take effect
    /// in this process at once and are written when the database is back (see
    /// [`sessions`](super::sessions)).
    pub fn pending_sign_outs(&self) -> MutexGuard<'_, HashMap<IdHash, PendingSignOut>> {
        self.pending_sign_outs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn open_database(config: &Config) -> Result<Db, String> {
    if let Some(file) = config.database_file() {
        files::make_folder_of(&file).map_err(|e| {
            let folder = file.parent().unwrap_or(&file).display();
            format!("The folder {folder} can't be made ({e}): make it writable for this user, or set DATABASE_URL")
        })?;
    }
    Db::open(&config.database_url).await.map_err(|e| match config.database_file() {
        Some(file) => open::explain(&file, &e),
        // The URL contains a password, so the message does not repeat it.
        None => format!("PostgreSQL can't be reached ({e}): check DATABASE_URL and that it is running"),
    })
}
