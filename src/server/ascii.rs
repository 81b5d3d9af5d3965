//! ASCII text of a fixed length. It needs no memory of its own, so requests that make such texts
//! each time stay cheap.

use std::fmt;
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// `N` ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ascii<const N: usize>([u8; N]);

impl<const N: usize> Ascii<N> {
    /// Bytes that are not ASCII become `?`.
    pub fn new(bytes: [u8; N]) -> Ascii<N> {
        Ascii(bytes.map(|byte| if byte.is_ascii() { byte } else { b'?' }))
    }
}

impl<const N: usize> Deref for Ascii<N> {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl<const N: usize> fmt::Debug for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<const N: usize> Serialize for Ascii<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_the_bytes_say() {
        let text = Ascii::new(*b"a\"\xff");
        assert_eq!((&*text, text.to_string()), ("a\"?", "a\"?".to_owned()));
        assert_eq!(serde_json::to_string(&text).unwrap(), r#""a\"?""#);
        assert_eq!(format!("{text:?} {text:>5}"), r#""a\"?"   a"?"#);
    }
}
