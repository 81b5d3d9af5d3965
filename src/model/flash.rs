//! What a form leaves for the page after it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::hidden::Hidden;
use super::session::EndReason;

/// What was typed (never a password) and the numbers of a refusal, kept for
/// 60 s in a sealed cookie while a form without WASM comes back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flash {
    pub code: Option<Code>,
    /// The path that was posted to: a page with several forms asks whose refusal this is.
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
    /// How many sessions a form that succeeded has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_count: Option<usize>,
    /// At the session limit; the page lists the sessions by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Hidden>,
    /// A set-up or activation succeeded: sign in now.
    #[serde(default)]
    pub ready: bool,
    /// Why the session that somebody came with is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<EndReason>,
}
