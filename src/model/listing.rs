//! The format of paginated lists.

use serde::{Deserialize, Serialize};

/// The `data` of one page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listing<T> {
    pub items: Vec<T>,
    /// The opaque cursor of the next page; `null` at the end.
    pub next_cursor: Option<String>,
    /// The total number of items, where counting is cheap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Whether there are more than were counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
}
