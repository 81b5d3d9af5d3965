//! The flash: data that a form leaves for the next page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::hidden::Hidden;
use super::session::EndReason;

/// The typed values (never a password) and the numbers of a refusal. A sealed cookie keeps them for
/// 60 s, for forms posted without the program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flash {
    pub code: Option<Code>,
    /// The path that the form posted to, for pages with several forms.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub form: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub typed: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_attempts: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining_seconds: Option<u64>,
    /// How many sessions the form has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_count: Option<usize>,
    /// What a `conflict` says, if it is not that somebody else was faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<String>,
    /// The number that a `conflict` reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// The id of the result that the server keeps for the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// The ticket of the session choice; the page lists the sessions with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Hidden>,
    /// Whether a set-up or activation succeeded, so that the user can sign in now.
    #[serde(default)]
    pub ready: bool,
    /// Why the request's session has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndReason>,
}
