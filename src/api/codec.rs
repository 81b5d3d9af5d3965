//! How bodies are read and answers written: one URL takes JSON and forms alike.
//!
//! Every server function has at most one argument, and that argument *is* the
//! body. So the body's own type decides what is known, duplicate or mistyped.

use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType};
use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::{Serialize, forward_to_deserialize_any};

/// Form fields that steer the request and are no part of what is asked.
pub const CSRF_FIELD: &str = "csrfToken";
/// Where a form post leads on success.
pub const REDIRECT_FIELD: &str = "redirect";

/// The input of every mutation: a JSON object or an urlencoded form.
///
/// The layer in front has checked the `Content-Type`; here the first byte tells
/// them apart, since a `{` is always percent-encoded in a form.
pub struct FormOrJson;

impl ContentType for FormOrJson {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for FormOrJson {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for FormOrJson {
    type Error = serde_json::Error;

    fn encode(call: &T) -> Result<Bytes, Self::Error> {
        // The macro's struct has one field, the body: send what is in it.
        let body = match serde_json::to_value(call)? {
            serde_json::Value::Object(fields) => fields.into_iter().next().map(|(_, body)| body),
            _ => None,
        };
        serde_json::to_vec(&body.unwrap_or_else(|| serde_json::json!({}))).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for FormOrJson {
    type Error = serde_json::Error;

    fn decode(body: Bytes) -> Result<T, Self::Error> {
        if body.trim_ascii_start().first() == Some(&b'{') {
            let mut json = serde_json::Deserializer::from_slice(&body);
            let call = T::deserialize(OnlyArgument(&mut json))?;
            json.end()?;
            return Ok(call);
        }
        let pairs = form_pairs(&body).map_err(serde_json::Error::custom)?;
        let fields = pairs
            .into_iter()
            .filter(|(name, _)| name != CSRF_FIELD && name != REDIRECT_FIELD)
            .map(|(name, value)| (name, FormValue(value)));
        T::deserialize(OnlyArgument(MapDeserializer::new(fields)))
    }
}

/// The decoded fields of an urlencoded form, in order.
///
/// # Errors
/// A percent sequence that is none, or text that is not UTF-8: nothing is guessed.
pub fn form_pairs(body: &[u8]) -> Result<Vec<(String, String)>, String> {
    let text = std::str::from_utf8(body).map_err(|e| e.to_string())?;
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((form_text(name)?, form_text(value)?))
        })
        .collect()
}

fn form_text(encoded: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = rest.get(..2).filter(|h| h.iter().all(u8::is_ascii_hexdigit)).ok_or("a bare percent sign")?;
                rest = &rest[2..];
                let hex = std::str::from_utf8(hex).map_err(|e| e.to_string())?;
                u8::from_str_radix(hex, 16).map_err(|e| e.to_string())?
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

/// Reads a struct of one field from something that is that field's value.
struct OnlyArgument<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for OnlyArgument<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        match fields {
            [argument] => visitor.visit_map(OneEntry { key: Some(argument), value: Some(self.0) }),
            _ => self.0.deserialize_struct(name, fields, visitor),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct OneEntry<D> {
    key: Option<&'static str>,
    value: Option<D>,
}

impl<'de, D: Deserializer<'de>> MapAccess<'de> for OneEntry<D> {
    type Error = D::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, D::Error> {
        self.key.take().map(|key| seed.deserialize(StrDeserializer::new(key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, D::Error> {
        let value = self.value.take().ok_or_else(|| D::Error::custom("a value is read once"))?;
        seed.deserialize(value)
    }
}

/// A form's value: always text, and a checkbox where a boolean is wanted.
struct FormValue(String);

impl<'de> Deserializer<'de> for FormValue {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0.as_str() {
            "true" | "on" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Self::Error::custom("a checkbox is true, on or false")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, serde_json::Error> for FormValue {
    type Deserializer = FormValue;

    fn into_deserializer(self) -> FormValue {
        self
    }
}

/// The output of every server function: `{"success":true,"data":…}`.
///
/// Refusals are [`Failure`](crate::model::failure::Failure), which is its own envelope.
pub struct Envelope;

/// The envelope of a success, for answers that no server function writes.
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
        serde_json::from_slice::<Success<T>>(&body).map(|envelope| envelope.data)
    }
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

    fn decode(body: &'static str) -> Option<Body> {
        FormOrJson::decode(Bytes::from_static(body.as_bytes())).ok().map(|call: Call| call.body)
    }

    fn body(email: &str, remember_me: bool) -> Option<Body> {
        Some(Body { email: email.to_owned(), remember_me })
    }

    #[test]
    fn json_and_form_say_the_same() {
        let wanted = body("a@b", true);
        assert_eq!(decode(r#"{"email":"a@b","rememberMe":true}"#), wanted);
        assert_eq!(decode("email=a%40b&rememberMe=on"), wanted);
        assert_eq!(decode("csrfToken=x&email=a%40b&redirect=%2F&rememberMe=true"), wanted);
        assert_eq!(decode("email=a+b%2Bc"), body("a b+c", false));
        assert_eq!(decode("{}"), body("", false));
        assert_eq!(decode(""), body("", false));
    }

    #[test]
    fn nothing_is_guessed() {
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
            "email=a&email=b",
            "email=a&role=admin",
            "rememberMe=yes",
            "email=%zz",
            "email=%ff",
            "email=%4",
        ] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_call_without_argument_has_no_body() {
        let decoded: Nothing = FormOrJson::decode(Bytes::from_static(b"")).unwrap();
        assert_eq!(decoded, Nothing {});
        assert_eq!(FormOrJson::encode(&Nothing {}).unwrap(), "{}");
    }

    #[test]
    fn what_the_browser_sends_is_the_body_alone() {
        let call = Call { body: body("a@b", true).unwrap() };
        assert_eq!(FormOrJson::encode(&call).unwrap(), r#"{"email":"a@b","rememberMe":true}"#);
    }

    #[test]
    fn answers_are_enveloped_and_opened() {
        let sent = Envelope::encode(&5).unwrap();
        assert_eq!(sent, r#"{"success":true,"data":5}"#);
        let read: i32 = Envelope::decode(sent).unwrap();
        assert_eq!(read, 5);
    }
}
