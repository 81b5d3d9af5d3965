//! The encoding of bodies and responses. Each URL accepts both JSON and forms.
//!
//! Every server function has at most one argument, which *is* the body. The type of the body
//! therefore decides which fields are unknown, duplicate or of a wrong type.

use leptos::prelude::use_context;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::argument::OnlyArgument;
use super::form;

/// The input of every mutation: a JSON object or an urlencoded form.
///
/// Only the `Content-Type` decides which. The layer in front parses it into a [`BodyKind`].
pub struct FormOrJson;

/// The kind of a body by its `Content-Type`, provided as a context of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    Json,
    Form,
}

impl BodyKind {
    fn read<T: DeserializeOwned>(self, body: &Bytes) -> serde_json::Result<T> {
        match self {
            BodyKind::Form => form::read(body),
            // serde would accept a list as the fields in their order.
            BodyKind::Json if body.trim_ascii_start().first() != Some(&b'{') => {
                Err(serde::de::Error::custom("a call is a JSON object"))
            }
            BodyKind::Json => {
                let mut json = serde_json::Deserializer::from_slice(body);
                let call = T::deserialize(OnlyArgument(&mut json))?;
                json.end()?;
                Ok(call)
            }
        }
    }
}

impl ContentType for FormOrJson {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for FormOrJson {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for FormOrJson {
    type Error = serde_json::Error;

    fn encode(call: &T) -> Result<Bytes, Self::Error> {
        // The macro's struct has one field, the body. Only its content is sent.
        let body = match serde_json::to_value(call)? {
            Value::Object(argument) => argument.into_iter().next().map(|(_, body)| body),
            _ => None,
        };
        serde_json::to_vec(&body.unwrap_or_else(|| Value::Object(Map::new()))).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for FormOrJson {
    type Error = serde_json::Error;

    fn decode(body: Bytes) -> Result<T, Self::Error> {
        use_context().unwrap_or(BodyKind::Json).read(&body)
    }
}

/// The output of every server function: `{"success":true,"data":…}`.
///
/// Errors are a [`Failure`](crate::model::failure::Failure), which has an envelope of its own.
pub struct Envelope;

/// The envelope of a success, for handlers that are no server functions.
#[derive(Serialize, serde::Deserialize)]
pub struct Success<T> {
    pub success: bool,
    pub data: T,
}

impl ContentType for Envelope {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Envelope {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Envelope {
    type Error = serde_json::Error;

    fn encode(data: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(&Success { success: true, data }).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Envelope {
    type Error = serde_json::Error;

    fn decode(body: Bytes) -> Result<T, Self::Error> {
        read::<Success<T>>(&body).map(|envelope| envelope.data)
    }
}

/// JSON without an envelope, or with its own.
pub struct Json;

impl ContentType for Json {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for Json {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for Json {
    type Error = serde_json::Error;

    fn encode(data: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(data).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for Json {
    type Error = serde_json::Error;

    fn decode(body: Bytes) -> Result<T, Self::Error> {
        read(&body)
    }
}

/// Parses JSON as text. Everything that a page reads goes through here. A second input type
/// would compile a second parser for each type into the browser's program.
///
/// # Errors
/// Invalid JSON, or a value of another type.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_str(std::str::from_utf8(body).map_err(serde::de::Error::custom)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Body {
        #[serde(default)]
        email: String,
        #[serde(default)]
        remember_me: bool,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Call {
        body: Body,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Nothing {}

    fn json(text: &'static str) -> Option<Body> {
        BodyKind::Json.read(&text.into()).ok().map(|call: Call| call.body)
    }

    fn form(text: &'static str) -> Option<Body> {
        BodyKind::Form.read(&text.into()).ok().map(|call: Call| call.body)
    }

    fn body(email: &str, remember_me: bool) -> Option<Body> {
        Some(Body { email: email.to_owned(), remember_me })
    }

    #[test]
    fn json_and_forms_are_equivalent() {
        let wanted = body("a@b", true);
        assert_eq!(json(r#"{"email":"a@b","rememberMe":true}"#), wanted);
        assert_eq!(form("email=a%40b&rememberMe=on"), wanted);
        assert_eq!(form("csrfToken=x&email=a%40b&redirect=%2F&rememberMe=true"), wanted);
        assert_eq!(form("email=a+b%2Bc"), body("a b+c", false));
        assert_eq!(json(" \r\n\t{} "), body("", false));
        assert_eq!(form(""), body("", false));
    }

    #[test]
    fn malformed_values_are_rejected() {
        for bad in [
            r#"{"email":"a","email":"b"}"#,
            r#"{"email":["a"]}"#,
            r#"{"email":null}"#,
            r#"{"email":1}"#,
            r#"{"rememberMe":"true"}"#,
            r#"{"rememberMe":1}"#,
            r#"{"email":"a","role":"admin"}"#,
            r#"{"email":"a"}x"#,
            r#"{"email":"a""#,
            r#"["a"]"#,
            "\u{feff}{}",
            "\u{c}{}",
            "",
            " ",
            "null",
            "[]",
            r#"["a@b",true]"#,
            r#"[{"email":"a"}]"#,
            r#""email""#,
            "email=a",
        ] {
            assert_eq!(json(bad), None, "{bad}");
        }
        for bad in [
            "{}",
            r#"{"email":"a"}"#,
            r#"{"email":"a=b"}"#,
            "[]",
            "email=a&email=b",
            "email=a&role=admin",
            "rememberMe=yes",
            "email=%zz",
            "email=%ff",
            "email=%4",
        ] {
            assert_eq!(form(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_call_without_argument_has_no_body() {
        let read = |kind: BodyKind, body: &'static str| kind.read(&body.into()).ok();
        assert_eq!(read(BodyKind::Form, ""), Some(Nothing {}));
        assert_eq!(read(BodyKind::Json, "{}"), Some(Nothing {}));
        assert_eq!(read(BodyKind::Json, "[]"), None);
        assert_eq!(FormOrJson::encode(&Nothing {}).unwrap(), "{}");
    }

    #[test]
    fn the_client_sends_only_the_body() {
        let call = Call { body: body("a@b", true).unwrap() };
        assert_eq!(FormOrJson::encode(&call).unwrap(), r#"{"email":"a@b","rememberMe":true}"#);
    }

    #[test]
    fn responses_are_wrapped_and_unwrapped() {
        let sent = Envelope::encode(&5).unwrap();
        assert_eq!(sent, r#"{"success":true,"data":5}"#);
        let read: i32 = Envelope::decode(sent).unwrap();
        assert_eq!(read, 5);
    }
}
