//! Parses form fields as strictly as JSON.

use leptos::server_fn::Bytes;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::argument::OnlyArgument;
use super::form_value::fields_of;

/// The header with the double-submitted CSRF token.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// The form field with the CSRF token. It is not part of the body's type.
pub const CSRF_FIELD: &str = "csrfToken";
/// The form field with the target after success. It is not part of the body's type.
pub const REDIRECT_FIELD: &str = "redirect";

/// Parses a call from a form.
///
/// # Errors
/// Unknown, duplicate or mistyped fields, according to the body's type.
pub fn read<T: DeserializeOwned>(body: &Bytes) -> serde_json::Result<T> {
    let pairs = form_pairs(body).map_err(serde_json::Error::custom)?;
    let fields = pairs.into_iter().filter(|(name, _)| name != CSRF_FIELD && name != REDIRECT_FIELD);
    T::deserialize(OnlyArgument(fields_of(fields)))
}

/// Parses the query of a list, as strictly as a form.
///
/// # Errors
/// As [`read`].
pub fn read_query<T: DeserializeOwned>(query: &str) -> serde_json::Result<T> {
    T::deserialize(fields_of(form_pairs(query.as_bytes()).map_err(serde_json::Error::custom)?))
}

/// Deserializes a field that may be absent, but not `null` or empty.
///
/// # Errors
/// Those of the value's type.
pub fn non_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// The decoded fields of an urlencoded form, in order.
///
/// # Errors
/// An invalid percent sequence, or text that is not UTF-8.
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

/// A field of a page's query, decoded once; `None` if it is absent or occurs twice. Pairs that
/// can't be decoded are ignored.
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
