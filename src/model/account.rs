//! What the forms send and what the dashboard shows.

use serde::{Deserialize, Serialize};

use super::hidden::Hidden;
use super::preference::Preferences;
use super::session::{SessionGrant, SessionItem};
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
    /// Whether to be asked which session ends where the policy allows no more;
    /// without it the least recently active one does.
    #[serde(default)]
    pub ask_at_limit: bool,
}

/// The body of `POST /api/auth/login/choose`: which session ends.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Choice {
    #[serde(default)]
    pub ticket: Hidden,
    #[serde(default)]
    pub handle: String,
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

/// The body of `POST /api/account/password`. Absent fields are empty: both are
/// refused alike, by the field's name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordChange {
    #[serde(default)]
    pub current_password: Hidden,
    #[serde(default)]
    pub new_password: Hidden,
}

/// The body of `POST /api/account/sessions/end`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionHandle {
    pub handle: String,
}

/// How many sessions a mutation has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedSessions {
    pub ended: usize,
}

/// What `/account` tells of sessions and sign-ins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountPage {
    /// This one first, then by activity.
    pub live: Vec<SessionItem>,
    /// Whether there are more than are listed.
    pub more_live: bool,
    /// The last to end first.
    pub ended: Vec<SessionItem>,
    /// Where the ended sessions go on.
    pub ended_cursor: Option<String>,
    /// How long ended sessions stay listed.
    pub retention_days: u32,
    /// The policy's `passwordMinLength`.
    pub password_min_length: u32,
    /// The language and theme that the person has stored.
    pub stored: Preferences,
    /// The newest first.
    pub sign_ins: Vec<SignIn>,
}

/// Something about signing in that a person should know of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    pub at: String,
    pub kind: SignInKind,
    /// In words, empty when unknown.
    pub browser: String,
    /// In words, empty when unknown.
    pub device: String,
    pub address: String,
}

/// What it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInKind {
    SignedIn,
    Failed,
    Locked,
    PasswordChanged,
    EmailChanged,
}
