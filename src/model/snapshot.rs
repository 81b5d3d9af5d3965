//! The server's word in a rendered page: what the store is seeded with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::failure::Code;
use super::hidden::Hidden;
use super::lang::Lang;
use super::page::PageData;
use super::preference::Theme;
use super::session::{EndReason, SessionStatus};
use super::user::User;

/// Everything a page needs of the request that asked for it.
///
/// On the server it is made from the request; it travels inside the page, so
/// that the browser's first render is the same to the letter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub lang: Lang,
    /// The theme in force, where one was chosen.
    pub theme: Option<Theme>,
    /// Path and query of the page: where a form on every page leads back to.
    pub here: String,
    pub who: Who,
    /// For the hidden field of forms that are posted without WASM.
    pub csrf_token: String,
    /// Set when a page shows an error instead of itself.
    pub page_error: Option<PageError>,
    /// What the page shows. It comes with the page: the browser fetches nothing.
    pub page: PageData,
    /// What a form post that came back left behind.
    pub flash: Option<Flash>,
}

/// Who the server says is asking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Who {
    SignedIn {
        user: Box<User>,
        session: SessionStatus,
        remembered: bool,
    },
    Nobody,
    /// The database was away: no word either way.
    #[default]
    Unknown,
}

/// An error that takes the place of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageError {
    pub code: Code,
    /// To quote when asking for help.
    pub request_id: String,
}

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
