//! The fields of the store, and how the server's data fills them.

use reactive_stores::Store;

use crate::model::account::SignedIn;
use crate::model::failure::Failure;
use crate::model::seed::Who;
use crate::model::user::User;

/// A placeholder for the old panel's token: scripts can't read the real one.
pub const ACCESS_TOKEN: &str = "stored-in-httponly-cookie";

/// The part of the session that scripts may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSession {
    pub user_id: String,
    /// Always [`ACCESS_TOKEN`].
    pub access_token: &'static str,
    /// The absolute expiry, RFC 3339.
    pub expire: String,
}

impl StoreSession {
    pub(super) fn new(user_id: String, expire: String) -> StoreSession {
        StoreSession { user_id, access_token: ACCESS_TOKEN, expire }
    }
}

/// The fields of the old panel's store.
#[derive(Clone, Debug, Default, PartialEq, Store)]
pub struct AuthState {
    /// The signed-in user, or the one in the mirror.
    pub user: Option<User>,
    pub session: Option<StoreSession>,
    /// Whether the server confirmed the user. A restored mirror never sets this.
    pub is_authenticated: bool,
    pub is_loading: bool,
    pub is_initialized: bool,
    pub error: Option<Failure>,
    pub remember_me: bool,
}

impl AuthState {
    /// The state after a sign-in on this page.
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

    /// The state that follows from the server's seed.
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
