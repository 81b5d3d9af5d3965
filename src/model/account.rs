//! What the forms send and what the dashboard shows.

use serde::{Deserialize, Serialize};

use super::hidden::Hidden;
use super::session::SessionGrant;
use super::user::User;

/// The body of `POST /api/auth/login`. Absent fields are empty: the contract
/// answers both alike, with `missing_credentials`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credentials {
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub password: Hidden,
    #[serde(default)]
    pub remember_me: bool,
}

/// The body of `POST /api/auth/confirm`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Confirmation {
    #[serde(default)]
    pub password: Hidden,
}

/// The data of a sign-in's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignedIn {
    pub user: User,
    pub session: SessionGrant,
}

/// The body of `POST /api/setup`: the first administrator.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FirstAdministrator {
    #[serde(default)]
    pub token: Hidden,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub password: Hidden,
}

/// The body of `POST /api/activate`: an invited person chooses a password.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Activation {
    #[serde(default)]
    pub token: Hidden,
    #[serde(default)]
    pub password: Hidden,
}

/// What a spent one-time link leads to: sign in with this address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ready {
    pub email: String,
}

/// What the dashboard tells about this session and the ones before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// Browser and system in words, e.g. `Chrome · Windows`; empty when unknown.
    pub browser: String,
    pub address: String,
    pub remembered: bool,
    pub started_at: String,
    pub expires_at: String,
    pub idle_expires_at: Option<String>,
    /// The policy's idle timeout in minutes, if it applies to this session.
    pub idle_timeout_minutes: Option<u32>,
    /// The sign-in before this one.
    pub last_sign_in: Option<SignInEvent>,
    /// Failed attempts since then, newest first, at most ten.
    pub failed_since: Vec<SignInEvent>,
    /// How many there were, if more than are listed.
    pub failed_count: u32,
}

/// One attempt to sign in, successful or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignInEvent {
    pub at: String,
    pub address: String,
    pub browser: String,
}
