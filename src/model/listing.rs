//! How lists answer.

use serde::{Deserialize, Serialize};

/// The `data` of a list, one stretch of it at a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing<T> {
    pub items: Vec<T>,
    /// What to ask for next; `null` at the end. It means nothing to anybody else.
    pub next_cursor: Option<String>,
    /// How many there are in all, where counting them is cheap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}
