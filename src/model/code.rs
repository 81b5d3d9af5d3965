//! The error codes of the API: one code per cause.

use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};

use super::lang::Lang;
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
    /// An administrator requires a new password first.
    PasswordRequired,
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
            Code::CookiesRequired | Code::PasswordRequired => 403,
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
            Code::PasswordRequired => Text::ErrorPasswordRequired,
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
}
