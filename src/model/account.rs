//! The bodies of forms, and the data of the dashboard and the account page.

use serde::{Deserialize, Serialize};

use super::hidden::Hidden;
use super::preference::Preferences;
use super::session::{SessionGrant, SessionItem};
use super::user::User;

/// The body of `POST /api/auth/login`. Absent fields count as empty, because the contract
/// answers both with `missing_credentials`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credentials {
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub password: Hidden,
    #[serde(default)]
    pub remember_me: bool,
    /// Whether to ask which session ends at the session limit. Otherwise the least recently
    /// active one ends.
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

/// Something that an administrator did to the account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct News {
    /// RFC 3339.
    pub at: String,
    /// As in the audit.
    pub action: String,
    /// The names of the changed fields.
    pub fields: Vec<String>,
}

/// The body of `POST /api/account/new-password`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequiredPassword {
    #[serde(default)]
    pub new_password: Hidden,
}

/// The body of `POST /api/auth/confirm`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Confirmation {
    #[serde(default)]
    pub password: Hidden,
}

/// The data of a sign-in's response.
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

/// The body of `POST /api/activate`: the first password of an invited user.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Activation {
    #[serde(default)]
    pub token: Hidden,
    #[serde(default)]
    pub password: Hidden,
}

/// The response of a used one-time link: the email to sign in with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ready {
    pub email: String,
}

/// The dashboard's data: the current session and the sign-ins before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// What administrators have changed since the sign-in before this one, newest first.
    pub news: Vec<News>,
    /// The role's label.
    pub role: String,
    /// Browser and system, e.g. `Chrome · Windows`; empty when unknown.
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
    /// The number of failed attempts, if more than are listed.
    pub failed_count: u32,
}

/// One attempt to sign in, successful or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignInEvent {
    pub at: String,
    pub address: String,
    pub browser: String,
}

/// The body of `POST /api/account/password`. Absent fields count as empty, because both are
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

/// The number of sessions that a mutation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedSessions {
    pub ended: usize,
}

/// The data of `/account`: sessions and sign-ins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountPage {
    /// The current session first, then by activity.
    pub live: Vec<SessionItem>,
    /// Whether more exist than are listed.
    pub more_live: bool,
    /// The most recently ended first.
    pub ended: Vec<SessionItem>,
    /// The cursor of the next page of ended sessions.
    pub ended_cursor: Option<String>,
    /// How long ended sessions stay listed.
    pub retention_days: u32,
    /// The policy's `passwordMinLength`.
    pub password_min_length: u32,
    /// The user's stored language and theme.
    pub stored: Preferences,
    /// The newest first.
    pub sign_ins: Vec<SignIn>,
}

/// An entry of the account's sign-in history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    pub at: String,
    pub kind: SignInKind,
    /// The browser's name; empty when unknown.
    pub browser: String,
    /// The device's name; empty when unknown.
    pub device: String,
    pub address: String,
}

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInKind {
    SignedIn,
    Failed,
    Locked,
    PasswordChanged,
    EmailChanged,
}
