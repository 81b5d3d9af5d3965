//! The fields of the store and what the server's word means for them.

use reactive_stores::Store;

use crate::model::account::SignedIn;
use crate::model::failure::Failure;
use crate::model::seed::Who;
use crate::model::user::User;

/// Stands where the old panel kept a token: the real one is out of reach of scripts.
pub const ACCESS_TOKEN: &str = "stored-in-httponly-cookie";

/// The session as far as a script may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSession {
    pub user_id: String,
    /// Always [`ACCESS_TOKEN`].
    pub access_token: &'static str,
    /// When it ends at the latest, RFC 3339.
    pub expire: String,
}

impl StoreSession {
    pub(super) fn new(user_id: String, expire: String) -> StoreSession {
        StoreSession { user_id, access_token: ACCESS_TOKEN, expire }
    }
}

/// The fields of the old store.
#[derive(Clone, Debug, Default, PartialEq, Store)]
pub struct AuthState {
    /// The signed-in person, or the one the mirror remembers.
    pub user: Option<User>,
    pub session: Option<StoreSession>,
    /// The server said so: a restored mirror alone never sets this.
    pub is_authenticated: bool,
    pub is_loading: bool,
    pub is_initialized: bool,
    pub error: Option<Failure>,
    pub remember_me: bool,
}

impl AuthState {
    /// After a sign-in in this page.
    pub(super) fn entered(SignedIn { user, session }: SignedIn, remember_me: bool) -> AuthState {
        AuthState {
            user: Some(user),
            session: Some(StoreSession::new(session.user_id, session.expire)),
            is_authenticated: true,
            is_initialized: true,
            remember_me,
            ..AuthState::default()
        }
    }

    /// What the server's word means for the store.
    pub(super) fn seeded(who: &Who) -> AuthState {
        match who {
            Who::SignedIn { user, session, remembered } => AuthState {
                user: Some(User::clone(user)),
                session: Some(StoreSession::new(session.user_id.clone(), session.expires_at.clone())),
                is_authenticated: true,
                is_initialized: true,
                remember_me: *remembered,
                ..AuthState::default()
            },
            Who::Nobody => AuthState { is_initialized: true, ..AuthState::default() },
            Who::Unknown => AuthState::default(),
        }
    }
}
