//! Sessions, lockouts and the audit as administrators see them.

use serde::{Deserialize, Deserializer, Serialize};

use super::jobs::ShownJob;
use super::listing::Listing;
use super::outcome::{KeptOutcome, Refused};
use super::session::SessionItem;

/// A person in the lists of other things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRef {
    pub id: String,
    pub name: String,
    pub email: String,
}

/// A session with its user.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UserSession {
    #[serde(flatten)]
    pub session: SessionItem,
    pub user: PersonRef,
}

/// The filter of the session list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionFilter {
    /// Parts of the person's name, email, phone or labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// The id of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// An address, exactly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether to include ended sessions.
    pub ended: bool,
}

impl SessionFilter {
    /// Whether it leaves nobody out.
    pub fn is_everybody(&self) -> bool {
        self.q.is_none() && self.user.is_none() && self.address.is_none()
    }
}

/// The body of `POST /api/sessions/end`: exactly one of the four.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct SessionEnding {
    pub handles: Option<Vec<String>>,
    pub user_id: Option<String>,
    pub everybody_else: Option<bool>,
    pub filter: Option<SessionFilter>,
    /// The number that was shown for the filter. More are never ended.
    pub expected: Option<u32>,
}

/// How many sessions ended, and whose did not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EndedOutcome {
    pub ended: u32,
    /// The users who are out of reach.
    pub refused: Vec<Refused>,
}

/// What a lockout applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LockoutKind {
    Identifier,
    Address,
}

impl LockoutKind {
    /// The name in lists.
    pub fn name(self) -> &'static str {
        match self {
            LockoutKind::Identifier => "identifier",
            LockoutKind::Address => "address",
        }
    }
}

/// A lockout in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LockoutItem {
    pub kind: LockoutKind,
    /// The email, or the address as it is counted: IPv6 by /64.
    pub name: String,
    /// `null` for an address, and for an email that nobody has.
    pub user: Option<PersonRef>,
    pub failures: u32,
    /// RFC 3339.
    pub until: String,
    /// When it began, as RFC 3339. Only pages show it.
    #[serde(skip)]
    pub since: String,
    /// Whether it applies only to browsers of the account's owner. Only pages show it.
    #[serde(skip)]
    pub own_browser: bool,
}

/// A lockout to lift. A form names it by one text: `address:192.0.2.1`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LockoutName {
    pub kind: LockoutKind,
    pub name: String,
}

impl<'de> Deserialize<'de> for LockoutName {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<LockoutName, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            kind: LockoutKind,
            name: String,
        }
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = LockoutName;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a kind and a name")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<LockoutName, E> {
                let (kind, name) = text.split_once(':').ok_or_else(|| E::custom("a kind and a name"))?;
                let kind = match kind {
                    "identifier" => LockoutKind::Identifier,
                    "address" => LockoutKind::Address,
                    _ => return Err(E::custom("an unknown kind")),
                };
                Ok(LockoutName { kind, name: name.to_owned() })
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<LockoutName, A::Error> {
                let Whole { kind, name } = Whole::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(LockoutName { kind, name })
            }
        }
        value.deserialize_any(Visitor)
    }
}

/// The body of `POST /api/lockouts/lift`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifting {
    #[serde(default)]
    pub items: Vec<LockoutName>,
}

/// A row of the audit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditItem {
    pub id: String,
    /// RFC 3339.
    pub at: String,
    /// Who acted; `null` for strangers and the system.
    pub actor: Option<AuditName>,
    pub action: String,
    /// What it happened to: a user, or an email that nobody has.
    pub target: Option<AuditName>,
    pub result: String,
    pub address: String,
    /// Browser and system; empty when unknown.
    pub device: String,
    /// A JSON object.
    pub details: Details,
}

/// Somebody in the audit, with the name that they have or had.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditName {
    pub id: String,
    pub name: String,
}

/// The details of an audit row: JSON as text, sent as JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details(pub String);

impl Serialize for Details {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<serde_json::Value>(&self.0).unwrap_or_default().serialize(to)
    }
}

/// What `/sessions` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionsPage {
    pub filter: SessionFilter,
    pub sessions: Listing<UserSession>,
    /// If the address asks to end what the filter finds: how many live sessions of others they are.
    /// Everybody's are counted to one more than [`COUNTED`](Self::COUNTED).
    pub others: Option<u32>,
    pub job: Option<ShownJob>,
    pub outcome: Option<KeptOutcome>,
}

impl SessionsPage {
    /// How far sessions are counted.
    pub const COUNTED: u32 = 1000;
}

/// What `/lockouts` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct LockoutsPage {
    pub kind: String,
    pub q: String,
    pub lockouts: Listing<LockoutItem>,
    pub outcome: Option<KeptOutcome>,
}

/// What `/audit` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditPage {
    /// The filters in force, by their names in the address.
    pub filters: Vec<(&'static str, String)>,
    pub rows: Listing<AuditItem>,
    pub unreadable: bool,
}

/// The numbers on an administrator's dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// `None` for those who may not see sessions. Counted to 1,001.
    pub live_sessions: Option<u32>,
    pub locked: u32,
    /// Those of them that are addresses.
    pub locked_addresses: u32,
    pub invited: u32,
    pub administrators: u32,
    /// Administrators without activity for 90 days.
    pub dormant_administrators: u32,
    /// Links that nobody has used and that end within a day.
    pub expiring_invitations: u32,
}
