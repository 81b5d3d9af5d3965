//! What an act on several things did to each of them.

use serde::{Deserialize, Serialize};

/// Why an act was not done to one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    NotFound,
    /// The person has rights that the caller lacks.
    Forbidden,
    /// Nobody could administer the panel afterwards.
    LastAdministrator,
    /// A shipped role stays.
    Shipped,
    /// Somebody has the role.
    InUse,
}

/// One that was left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    pub id: String,
    pub code: Refusal,
}

/// A one-time link for a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonLink {
    pub id: String,
    pub url: String,
}

/// What happened to each of several.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub done: u32,
    pub refused: Vec<Refused>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urls: Option<Vec<PersonLink>>,
}

/// The result of a form, for the page that follows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptOutcome {
    pub done: u32,
    /// The names of those who were left out, and why.
    pub refused: Vec<(String, Refusal)>,
    /// Names with their one-time links.
    pub links: Vec<(String, String)>,
}
