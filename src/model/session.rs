//! The public data of a session, which never includes its id.

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};

use super::hidden::Hidden;

/// Why a session ended. A session ends once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    Logout,
    Idle,
    Expired,
    Replaced,
    Revoked,
    PasswordChanged,
    AccountDisabled,
    AccountDeleted,
    SessionLimit,
    TokenReuse,
}

impl EndReason {
    /// The name in the database, in JSON and in audit details.
    pub fn name(self) -> &'static str {
        match self {
            EndReason::Logout => "logout",
            EndReason::Idle => "idle",
            EndReason::Expired => "expired",
            EndReason::Replaced => "replaced",
            EndReason::Revoked => "revoked",
            EndReason::PasswordChanged => "password_changed",
            EndReason::AccountDisabled => "account_disabled",
            EndReason::AccountDeleted => "account_deleted",
            EndReason::SessionLimit => "session_limit",
            EndReason::TokenReuse => "token_reuse",
        }
    }

    /// The reason in the row of an ended session.
    pub fn of_ended(name: Option<&str>) -> EndReason {
        name.and_then(EndReason::from_name).unwrap_or(EndReason::Revoked)
    }

    /// Parses the name.
    pub fn from_name(name: &str) -> Option<EndReason> {
        let deserializer: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(deserializer).ok()
    }
}

/// Who ended a session that was revoked: the data of the event `session-revoked`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Revocation {
    /// Whether the session's own user did it. Otherwise an administrator did.
    pub by_you: bool,
    /// The time, RFC 3339.
    pub at: String,
    /// The browser and system used; empty when unknown or an administrator's.
    pub device: String,
}

/// A session in a list. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionItem {
    pub handle: String,
    /// Whether it is the current session.
    pub current: bool,
    /// The browser's name; empty when unknown.
    pub browser: String,
    /// The system's or device's name; empty when unknown.
    pub device: String,
    pub address: String,
    pub remembered: bool,
    pub started_at: String,
    pub last_active_at: String,
    pub expires_at: String,
    /// `null` where the idle limit does not apply.
    pub idle_expires_at: Option<String>,
    pub ended_at: Option<String>,
    pub end_reason: Option<EndReason>,
    /// The name of the user who ended it, if one did.
    pub ended_by: Option<String>,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// The choice at the session limit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionChoice {
    /// The ticket to send with the handle of the session to end.
    pub ticket: Hidden,
    /// The live sessions, least recently active first.
    pub sessions: Vec<SessionItem>,
    /// How many other sessions end together with the chosen one, because the limit was lowered:
    /// the least recently active ones.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub also_ending: u32,
}

/// The response of `GET /api/auth/session`. Times are RFC 3339. The session check writes it with texts of
/// other types, which take no memory of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionStatus<I = String, T = String> {
    pub user_id: I,
    pub expires_at: T,
    /// `null` where the idle limit does not apply.
    pub idle_expires_at: Option<T>,
    pub server_time: T,
}

impl<I: ToString, T: ToString> SessionStatus<I, T> {
    /// The same with texts of its own.
    pub fn owned(&self) -> SessionStatus {
        SessionStatus {
            user_id: self.user_id.to_string(),
            expires_at: self.expires_at.to_string(),
            idle_expires_at: self.idle_expires_at.as_ref().map(T::to_string),
            server_time: self.server_time.to_string(),
        }
    }
}

/// The `session` in a sign-in's response: the user and the expiry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionGrant {
    pub user_id: String,
    pub expire: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_names_survive_a_round_trip() {
        for reason in [
            EndReason::Logout,
            EndReason::Idle,
            EndReason::PasswordChanged,
            EndReason::SessionLimit,
            EndReason::TokenReuse,
        ] {
            assert_eq!(EndReason::from_name(reason.name()), Some(reason));
        }
        assert_eq!(EndReason::from_name("tired"), None);
    }
}
