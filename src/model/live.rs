//! The events of `GET /api/auth/events`, which report changes of the session and its user.
//! Shared by server, tabs and tests.

use serde::{Deserialize, Serialize};

use super::codec;
use super::permission::Permission;
use super::session::{EndReason, Revocation};

/// An event. On the wire, the line `event:` has its name and the line `data:` the rest.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum LiveEvent {
    /// Who ended the session, sent before its end. Only if the request asked for it.
    SessionRevoked(Revocation),
    /// The session is over. It is the last event.
    SessionEnded(SessionEnded),
    /// The session's expiry changed.
    SessionExtended(SessionExtended),
    /// Profile, role, permissions or picture of the user changed.
    UserChanged(UserChanged),
    /// The user has signed in somewhere else.
    SignedIn(NewSignIn),
    /// Somebody else became or ceased to be an administrator. To administrators.
    AdministratorChanged(AdministratorChanged),
    /// The lists of administrators have changed. To those who may see them, once a second at most.
    DeskChanged(DeskChanged),
}

/// The data of `session-ended`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnded {
    pub reason: EndReason,
}

/// The data of `session-extended`. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionExtended {
    pub expires_at: String,
    /// `null` where the idle limit does not apply.
    pub idle_expires_at: Option<String>,
    pub server_time: String,
}

/// The data of `user-changed`: empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserChanged {}

/// The data of `signed-in`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewSignIn {
    pub handle: String,
    /// Browser and system; empty when unknown.
    pub device: String,
    pub address: String,
}

/// The data of `administrator-changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdministratorChanged {
    pub name: String,
    pub is: bool,
}

/// What of the administrators' desk has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeskPart {
    Users,
    Sessions,
    Lockouts,
    Audit,
}

impl DeskPart {
    /// The name in events and in `data-live`.
    pub fn name(self) -> &'static str {
        match self {
            DeskPart::Users => "users",
            DeskPart::Sessions => "sessions",
            DeskPart::Lockouts => "lockouts",
            DeskPart::Audit => "audit",
        }
    }

    /// Who may see it.
    pub fn needs(self) -> Permission {
        match self {
            DeskPart::Users | DeskPart::Lockouts => Permission::UsersManage,
            DeskPart::Sessions => Permission::SessionsManage,
            DeskPart::Audit => Permission::AuditView,
        }
    }
}

/// The data of `desk-changed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskChanged {
    pub what: DeskPart,
}

impl LiveEvent {
    /// Every event name.
    pub const NAMES: [&str; 7] = [
        "session-revoked",
        "session-ended",
        "session-extended",
        "user-changed",
        "signed-in",
        "administrator-changed",
        "desk-changed",
    ];

    /// The name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            LiveEvent::SessionRevoked(_) => "session-revoked",
            LiveEvent::SessionEnded(_) => "session-ended",
            LiveEvent::SessionExtended(_) => "session-extended",
            LiveEvent::UserChanged(_) => "user-changed",
            LiveEvent::SignedIn(_) => "signed-in",
            LiveEvent::AdministratorChanged(_) => "administrator-changed",
            LiveEvent::DeskChanged(_) => "desk-changed",
        }
    }

    /// Parses an event; `None` for an unknown name or invalid data.
    pub fn read(name: &str, data: &str) -> Option<LiveEvent> {
        let data = data.as_bytes();
        match name {
            "session-revoked" => codec::read(data).map(LiveEvent::SessionRevoked),
            "session-ended" => codec::read(data).map(LiveEvent::SessionEnded),
            "session-extended" => codec::read(data).map(LiveEvent::SessionExtended),
            "user-changed" => codec::read(data).map(LiveEvent::UserChanged),
            "signed-in" => codec::read(data).map(LiveEvent::SignedIn),
            "administrator-changed" => codec::read(data).map(LiveEvent::AdministratorChanged),
            "desk-changed" => codec::read(data).map(LiveEvent::DeskChanged),
            _ => return None,
        }
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_survive_a_round_trip() {
        let at = "2026-01-15T08:00:00.000Z".to_owned();
        let events = [
            LiveEvent::SessionRevoked(Revocation { by_you: true, at: at.clone(), device: "Chrome".to_owned() }),
            LiveEvent::SessionEnded(SessionEnded { reason: EndReason::Idle }),
            LiveEvent::SessionExtended(SessionExtended {
                expires_at: at.clone(),
                idle_expires_at: None,
                server_time: at,
            }),
            LiveEvent::UserChanged(UserChanged {}),
            LiveEvent::SignedIn(NewSignIn { address: "192.0.2.1".to_owned(), ..NewSignIn::default() }),
            LiveEvent::AdministratorChanged(AdministratorChanged { name: "Ayşe".to_owned(), is: true }),
            LiveEvent::DeskChanged(DeskChanged { what: DeskPart::Lockouts }),
        ];
        assert_eq!(events.each_ref().map(LiveEvent::name), LiveEvent::NAMES);
        for event in events {
            let data = serde_json::to_string(&event).unwrap();
            assert_eq!(LiveEvent::read(event.name(), &data), Some(event), "{data}");
        }
        assert_eq!(LiveEvent::read("session-renamed", "{}"), None);
        assert_eq!(LiveEvent::read("session-ended", r#"{"reason":"tired"}"#), None);
    }
}
