//! People as administrators see and change them.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::account::SignIn;
use super::form::non_null;
use super::listing::Listing;
use super::permission::Permission;
use super::session::SessionItem;
use super::user::User;

/// The state of an account. If several apply, the one that needs an administrator first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonState {
    Active,
    /// Without a password yet.
    Invited,
    Disabled,
    /// Locked out after wrong passwords.
    Locked,
}

impl PersonState {
    /// The name in queries and lists.
    pub fn name(self) -> &'static str {
        match self {
            PersonState::Active => "active",
            PersonState::Invited => "invited",
            PersonState::Disabled => "disabled",
            PersonState::Locked => "locked",
        }
    }
}

/// A person in a list: the user, and what administrators see besides.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonItem {
    #[serde(flatten)]
    pub user: User,
    pub state: PersonState,
    pub live_sessions: u32,
    /// The newest activity, RFC 3339; `null` for nobody who ever signed in.
    pub last_active_at: Option<String>,
    /// The version to change the person against.
    pub version: i64,
}

/// The body of `POST /api/users/create`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewPerson {
    pub email: String,
    pub name: String,
    pub role: String,
    /// Permissions in addition to the role.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// A form sends them in one field, separated by commas.
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub phone: Option<String>,
}

/// The answer to a new person.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedPerson {
    pub user: User,
    /// The one-time link, shown once.
    pub activation_url: String,
}

/// The body of `POST /api/users/update`: only the changed fields.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonChange {
    pub id: String,
    /// The version that was read. Somebody else's change is not overwritten.
    pub version: i64,
    #[serde(default, deserialize_with = "non_null")]
    pub email: Option<String>,
    #[serde(default, deserialize_with = "non_null")]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "non_null")]
    pub role: Option<String>,
    #[serde(default, deserialize_with = "non_null")]
    pub permissions: Option<Vec<String>>,
    #[serde(default, deserialize_with = "non_null")]
    pub labels: Option<Vec<String>>,
    /// An empty text or `null` removes it.
    #[serde(default, deserialize_with = "given")]
    pub phone: Option<Option<String>>,
}

fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// The body of an act on several people.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PeopleAct {
    #[serde(default)]
    pub ids: Vec<String>,
    /// The list's form has these fields for its button "Assign". They mean nothing here.
    #[serde(default, skip_serializing)]
    pub assign: IgnoredAny,
}

/// The body of `POST /api/users/disable`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Disabling {
    #[serde(default)]
    pub ids: Vec<String>,
    /// At most 200 characters.
    #[serde(default)]
    pub reason: Option<String>,
    /// The list's form has these fields for its button "Assign". They mean nothing here.
    #[serde(default, skip_serializing)]
    pub assign: IgnoredAny,
}

/// The body of `POST /api/users/delete`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Deletion {
    #[serde(default)]
    pub ids: Vec<String>,
    /// The page asks for the person's email, so that nobody is deleted by a slip.
    #[serde(default, deserialize_with = "non_null")]
    pub confirm_email: Option<String>,
}

/// The body of `POST /api/users/assign`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assignment {
    #[serde(default)]
    pub ids: Vec<String>,
    #[serde(default)]
    pub role: Option<String>,
    #[serde(default)]
    pub add_labels: Vec<String>,
    #[serde(default)]
    pub remove_labels: Vec<String>,
    /// The same three, as the list's form names them.
    #[serde(default, skip_serializing)]
    pub assign: Option<Assigned>,
}

/// What to assign, in the form of the list.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Assigned {
    pub role: Option<String>,
    pub add_labels: Vec<String>,
    pub remove_labels: Vec<String>,
}

/// Why an act was not done to one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    NotFound,
    /// The person has rights that the caller lacks.
    Forbidden,
    /// Nobody could administer the panel afterwards.
    LastAdministrator,
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

/// The filters of the list, as its address has them. Empty texts filter nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeopleFilters {
    pub q: String,
    pub role: String,
    pub label: String,
    pub state: String,
    pub last_active: String,
    pub sort: String,
}

/// What `/users` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct PeoplePage {
    pub filters: PeopleFilters,
    pub people: Listing<PersonItem>,
    pub outcome: Option<KeptOutcome>,
    /// Whether the address has a filter that can't be understood; then nothing is filtered.
    pub unreadable: bool,
}

/// What `/users/{id}` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonPage {
    pub person: PersonItem,
    /// Whether it is the reader.
    pub is_reader: bool,
    pub by_role: Vec<Permission>,
    pub own: Vec<Permission>,
    /// The permissions that the reader may grant.
    pub grantable: Vec<Permission>,
    /// A right of the person that the reader lacks: then the reader may change nothing.
    pub out_of_reach: Option<Permission>,
    /// Live and ended sessions, for those who may see them.
    pub sessions: Option<(Vec<SessionItem>, Vec<SessionItem>)>,
    /// For those who may see the audit.
    pub sign_ins: Option<Vec<SignIn>>,
    pub outcome: Option<KeptOutcome>,
}
