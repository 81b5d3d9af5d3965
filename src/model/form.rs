//! Reading a form's fields as strictly as JSON: nothing is guessed.

use leptos::server_fn::Bytes;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::argument::OnlyArgument;
use super::form_value::fields_of;

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
    let fields = pairs.into_iter().filter(|(name, _)| name != CSRF_FIELD && name != REDIRECT_FIELD);
    T::deserialize(OnlyArgument(fields_of(fields)))
}

/// Reads the query of a list, as strictly as a form.
///
/// # Errors
/// As [`read`].
pub fn read_query<T: DeserializeOwned>(query: &str) -> serde_json::Result<T> {
    T::deserialize(fields_of(form_pairs(query.as_bytes()).map_err(serde_json::Error::custom)?))
}

/// Reads a field that may be absent, but not `null` or empty in the place of a value.
///
/// # Errors
/// What the value's own type refuses.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
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
