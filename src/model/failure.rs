//! The API's error responses: one code per cause.

use std::collections::BTreeMap;

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};

use super::codec::{self, Json};
use super::hidden::Hidden;
use super::lang::Lang;
use super::session::{EndReason, SessionChoice, SessionItem};
use super::text::Text;

/// The causes of the contract. Programs match on the code; people read [`Code::text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    MissingCredentials,
    InvalidRequest,
    Unauthenticated,
    InvalidCredentials,
    CsrfFailed,
    Forbidden,
    AccountInactive,
    /// A sensitive operation, and the last password proof is too old.
    ReauthRequired,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    Conflict,
    /// The session limit is reached; a session has to end first.
    SessionLimit,
    PayloadTooLarge,
    UnsupportedMediaType,
    /// The request was sent to a host that is not the panel's.
    MisdirectedRequest,
    ValidationFailed,
    AccountLocked,
    TooManyRequests,
    Internal,
    Unavailable,
    /// Only created in the browser: the server was unreachable.
    Offline,
    /// The text for people where programs get `csrf_failed`: the browser sent none of our
    /// cookies back.
    CookiesRequired,
}

impl Code {
    /// The HTTP status of the contract.
    pub fn status(self) -> u16 {
        match self {
            Code::MissingCredentials | Code::InvalidRequest => 400,
            Code::Unauthenticated | Code::InvalidCredentials => 401,
            Code::CsrfFailed | Code::Forbidden | Code::AccountInactive | Code::ReauthRequired => 403,
            Code::CookiesRequired => 403,
            Code::NotFound => 404,
            Code::MethodNotAllowed => 405,
            Code::RequestTimeout => 408,
            Code::Conflict | Code::SessionLimit => 409,
            Code::PayloadTooLarge => 413,
            Code::UnsupportedMediaType => 415,
            Code::MisdirectedRequest => 421,
            Code::ValidationFailed => 422,
            Code::AccountLocked | Code::TooManyRequests => 429,
            Code::Internal => 500,
            Code::Unavailable | Code::Offline => 503,
        }
    }

    /// The code for a status that came without one.
    pub fn of_status(status: u16) -> Code {
        let named = [Code::NotFound, Code::MethodNotAllowed, Code::PayloadTooLarge, Code::UnsupportedMediaType];
        let named = named.into_iter().find(|code| code.status() == status);
        named.unwrap_or(if status < 500 { Code::InvalidRequest } else { Code::Internal })
    }

    /// The code for a response that the panel did not write: a proxy, a firewall or a captive
    /// portal did. Such a response says nothing about the session.
    pub fn of_stranger(status: u16) -> Code {
        match status {
            403 => Code::Forbidden,
            408 => Code::RequestTimeout,
            413 => Code::PayloadTooLarge,
            429 => Code::TooManyRequests,
            _ => Code::Unavailable,
        }
    }

    /// The message for people.
    pub fn text(self, lang: Lang) -> &'static str {
        match self {
            Code::MissingCredentials => Text::ErrorMissingCredentials,
            Code::InvalidRequest => Text::ErrorInvalidRequest,
            Code::Unauthenticated => Text::ErrorUnauthenticated,
            Code::InvalidCredentials => Text::ErrorInvalidCredentials,
            Code::CsrfFailed => Text::ErrorCsrfFailed,
            Code::Forbidden => Text::ErrorForbidden,
            Code::AccountInactive => Text::ErrorAccountInactive,
            Code::ReauthRequired => Text::ErrorReauthRequired,
            Code::NotFound => Text::ErrorNotFound,
            Code::MethodNotAllowed => Text::ErrorMethodNotAllowed,
            Code::RequestTimeout => Text::ErrorRequestTimeout,
            Code::Conflict => Text::ErrorConflict,
            Code::SessionLimit => Text::ErrorSessionLimit,
            Code::PayloadTooLarge => Text::ErrorPayloadTooLarge,
            Code::UnsupportedMediaType => Text::ErrorUnsupportedMediaType,
            Code::MisdirectedRequest => Text::ErrorMisdirectedRequest,
            Code::ValidationFailed => Text::ErrorValidationFailed,
            Code::AccountLocked => Text::ErrorAccountLocked,
            Code::TooManyRequests => Text::ErrorTooManyRequests,
            Code::Internal => Text::ErrorInternal,
            Code::Unavailable => Text::ErrorUnavailable,
            Code::Offline => Text::ErrorOffline,
            Code::CookiesRequired => Text::ErrorCookiesRequired,
        }
        .to(lang)
    }

    /// The code's name in `error=` and in JSON.
    pub fn name(self) -> String {
        serde_json::to_string(&self).unwrap_or_default().trim_matches('"').to_owned()
    }

    /// Parses a code from `error=`. An unknown one is ignored.
    pub fn from_name(name: &str) -> Option<Code> {
        let deserializer: StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
        Self::deserialize(deserializer).ok()
    }
}

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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// At the session limit: `ticket` and `sessions`. Boxed to keep every other failure small.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Box<SessionChoice>>,
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
    request_id: Option<String>,
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
            choice: None,
        }
    }

    /// Parses an error response. If the panel did not write it, only its status counts.
    pub fn read(status: u16, body: &[u8]) -> Failure {
        codec::read(body).unwrap_or_else(|_| Code::of_stranger(status).into())
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
    fn code_names_survive_a_round_trip() {
        assert_eq!(Code::InvalidCredentials.name(), "invalid_credentials");
        assert_eq!(Code::from_name("account_locked"), Some(Code::AccountLocked));
        for unknown in ["", "Account_locked", "<b>", "nothing"] {
            assert_eq!(Code::from_name(unknown), None);
        }
    }

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
