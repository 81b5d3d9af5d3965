//! The API's error responses: one code per cause.

use std::collections::BTreeMap;

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use super::code::Code;
use super::codec::{self, Json};
use super::hidden::Hidden;
use super::permission::Permission;
use super::roles::RoleItem;
use super::session::{EndReason, SessionChoice, SessionItem};
use super::settings::PolicyForm;
use super::user::User;

/// An error response with its details, as sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Read")]
pub struct Failure {
    /// Always `false`: the envelope's first field.
    pub success: bool,
    /// The message in the caller's language, set when the response is written.
    pub error: String,
    pub code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<EndReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_seconds: Option<u64>,
    /// Field name → message in the caller's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// Boxed to keep the failure small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Box<str>>,
    /// What acts of administrators report. Boxed to keep every other failure small.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Box<DeskDetails>>,
    /// At the session limit: `ticket` and `sessions`. Boxed to keep every other failure small.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Box<SessionChoice>>,
}

/// Why an act of an administrator was refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DeskDetails {
    /// The permission that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Permission>,
    /// How many things would be touched, if that is why nothing was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// What is there now, where somebody else was faster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<Current>,
}

/// What a `conflict` reports as the stored state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Current {
    Policy(PolicyForm),
    User(User),
    Role(RoleItem),
}

/// The flat form of a failure, for parsing: serde's `flatten` would add as much code to the
/// browser's program as a form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Read {
    success: bool,
    error: String,
    code: Code,
    reason: Option<EndReason>,
    remaining_attempts: Option<u32>,
    remaining_seconds: Option<u64>,
    fields: Option<BTreeMap<String, String>>,
    request_id: Option<Box<str>>,
    count: Option<u32>,
    ticket: Option<Hidden>,
    sessions: Option<Vec<SessionItem>>,
    also_ending: Option<u32>,
}

impl From<Read> for Failure {
    fn from(read: Read) -> Failure {
        let choice = read.ticket.zip(read.sessions).map(|(ticket, sessions)| {
            SessionChoice { ticket, sessions, also_ending: read.also_ending.unwrap_or_default() }.into()
        });
        Failure {
            success: read.success,
            error: read.error,
            code: read.code,
            reason: read.reason,
            remaining_attempts: read.remaining_attempts,
            remaining_seconds: read.remaining_seconds,
            fields: read.fields,
            request_id: read.request_id,
            desk: read.count.map(|count| DeskDetails { count: Some(count), ..DeskDetails::default() }.into()),
            choice,
        }
    }
}

impl Failure {
    pub fn new(code: Code) -> Failure {
        Failure {
            success: false,
            error: String::new(),
            code,
            reason: None,
            remaining_attempts: None,
            remaining_seconds: None,
            fields: None,
            request_id: None,
            desk: None,
            choice: None,
        }
    }

    /// Parses an error response. If the panel did not write it, only its status counts.
    pub fn read(status: u16, body: &[u8]) -> Failure {
        codec::read(body).unwrap_or_else(|_| Code::of_stranger(status).into())
    }

    /// How many things would be touched, if that is why nothing was done.
    pub fn count(&self) -> Option<u32> {
        self.desk.as_ref()?.count
    }

    /// Whether the panel sent it. Failures that the browser created have no text.
    pub fn is_the_panels(&self) -> bool {
        !self.error.is_empty()
    }

    /// The error at the session limit: one of these sessions has to end.
    pub fn session_limit(choice: SessionChoice) -> Failure {
        Failure { choice: Some(choice.into()), ..Failure::new(Code::SessionLimit) }
    }

    /// An invalid value, with the message for its field.
    pub fn field(name: &str, text: impl Into<String>) -> Failure {
        Failure {
            fields: Some(BTreeMap::from([(name.to_owned(), text.into())])),
            ..Failure::new(Code::ValidationFailed)
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.code)
    }
}

impl std::error::Error for Failure {}

impl From<Code> for Failure {
    fn from(code: Code) -> Failure {
        Failure::new(code)
    }
}

impl FromServerFnError for Failure {
    type Encoder = Json;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Failure {
        Failure::new(match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Code::InvalidRequest
            }
            ServerFnErrorErr::Request(_) => Code::Offline,
            _ => Code::Internal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_responses_count_by_their_status_only() {
        let page = b"<html><title>413 Request Entity Too Large</title></html>";
        for (status, code) in [
            (200, Code::Unavailable),
            (302, Code::Unavailable),
            (401, Code::Unavailable),
            (403, Code::Forbidden),
            (404, Code::Unavailable),
            (407, Code::Unavailable),
            (408, Code::RequestTimeout),
            (413, Code::PayloadTooLarge),
            (429, Code::TooManyRequests),
            (500, Code::Unavailable),
            (502, Code::Unavailable),
            (503, Code::Unavailable),
            (504, Code::Unavailable),
            (520, Code::Unavailable),
        ] {
            for body in [&page[..], b"", b"{}", br#"{"message":"no healthy upstream"}"#, b"\xff"] {
                let read = Failure::read(status, body);
                assert_eq!((read.code, read.is_the_panels()), (code, false), "{status}");
            }
        }
        let ours = br#"{"success":false,"error":"Too large.","code":"payload_too_large"}"#;
        assert!(Failure::read(500, ours).is_the_panels());
        assert_eq!(Failure::read(500, ours).code, Code::PayloadTooLarge);
    }

    #[test]
    fn absent_details_are_left_out() {
        let json = serde_json::to_string(&Failure::new(Code::NotFound)).unwrap();
        assert_eq!(json, r#"{"success":false,"error":"","code":"not_found"}"#);
        assert_eq!(serde_json::from_str::<Failure>(&json).unwrap(), Failure::new(Code::NotFound));
    }

    #[test]
    fn a_session_choice_survives_a_round_trip() {
        let choice = SessionChoice { ticket: "t".to_owned().into(), also_ending: 2, ..SessionChoice::default() };
        let json = serde_json::to_value(Failure::session_limit(choice.clone())).unwrap();
        assert_eq!(
            (&json["ticket"], &json["sessions"], &json["alsoEnding"]),
            (&"t".into(), &[(); 0][..].into(), &2.into())
        );
        assert_eq!(serde_json::from_value::<Failure>(json).unwrap(), Failure::session_limit(choice));
    }
}
