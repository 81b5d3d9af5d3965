//! Text that must never be printed: passwords and one-time tokens.

use serde::{Deserialize, Serialize};

/// A secret that a user typed or a link contained. It can be serialized but not printed, so no
/// log line or panic message contains it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl From<String> for Hidden {
    fn from(text: String) -> Hidden {
        Hidden(text)
    }
}

impl std::ops::Deref for Hidden {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_text_is_serialized_but_never_printed() {
        let secret = Hidden::from("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "Hidden(…)");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"hunter2\"");
        assert_eq!(&*secret, "hunter2");
    }
}
