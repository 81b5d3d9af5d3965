//! Reading a form's fields as strictly as JSON: nothing is guessed.

use leptos::server_fn::Bytes;
use serde::de::value::{MapDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

/// The header of the double-submitted CSRF token.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// Form fields that steer the request and are no part of what is asked.
pub const CSRF_FIELD: &str = "csrfToken";
/// Where a form post leads on success.
pub const REDIRECT_FIELD: &str = "redirect";

/// Reads a call from a form.
///
/// # Errors
/// What the body's own type refuses: unknown, duplicate or mistyped fields.
pub fn read<T: DeserializeOwned>(body: &Bytes) -> serde_json::Result<T> {
    let pairs = form_pairs(body).map_err(serde_json::Error::custom)?;
    let fields = pairs
        .into_iter()
        .filter(|(name, _)| name != CSRF_FIELD && name != REDIRECT_FIELD)
        .map(|(name, value)| (name, FormValue(value)));
    T::deserialize(OnlyArgument(MapDeserializer::new(fields)))
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

/// A field of a page's query, decoded once; `None` if it is absent or given
/// twice. Of what can't be read, only that pair is ignored.
pub fn query_field(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut values = pairs.filter(|(n, _)| form_text(n).is_ok_and(|n| n == name)).map(|(_, value)| value);
    let value = values.next()?;
    values.next().is_none().then(|| form_text(value).ok())?
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
pub struct OnlyArgument<D>(pub D);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_a_query_is_decoded_once() {
        for (query, wanted) in [
            ("redirect=%2Fa%3Fx%3Da%252Bb", Some("/a?x=a%2Bb")),
            ("redirect=%2F%3Fx%3D%25C5%259F&error=y", Some("/?x=%C5%9F")),
            ("redirect=/a+b", Some("/a b")),
            ("x=%zz&redirect=/a&%ff=y", Some("/a")),
            ("%72edirect=/a", Some("/a")),
            ("redirect", Some("")),
            ("redirect=/a&redirect=/b", None),
            ("redirect=%ff", None),
            ("redirect=%", None),
            ("Redirect=/a", None),
            ("", None),
        ] {
            assert_eq!(query_field(query, "redirect").as_deref(), wanted, "{query}");
        }
    }
}
