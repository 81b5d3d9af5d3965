//! People as administrators see and change them.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

use super::account::SignIn;
use super::desk::AuditItem;
use super::form::non_null;
use super::jobs::ShownJob;
use super::listing::Listing;
use super::outcome::KeptOutcome;
use super::permission::Permission;
use super::roles::RoleChoice;
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
    /// Whether nothing but a new password is possible; for pages.
    #[serde(skip)]
    pub password_required: bool,
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

/// For how many days somebody was not active.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LastActive {
    #[serde(rename = "30")]
    Month,
    #[serde(rename = "90")]
    Quarter,
    #[serde(rename = "180")]
    HalfYear,
    #[serde(rename = "365")]
    Year,
    #[serde(rename = "never")]
    Never,
}

/// Whom an act finds: the fields of the list's query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PeopleFilter {
    /// Parts of name, email, phone or label, or an id.
    pub q: Option<String>,
    pub role: Option<String>,
    pub label: Option<String>,
    pub state: Option<PersonState>,
    pub last_active: Option<LastActive>,
    /// The order of the list, which means nothing here.
    #[serde(skip_serializing)]
    pub sort: IgnoredAny,
}

/// The body of an act on several people: `ids`, or `filter` with `expected`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PeopleAct {
    pub ids: Option<Vec<String>>,
    pub filter: Option<PeopleFilter>,
    /// The number that was shown for the filter. More are never touched.
    pub expected: Option<u32>,
    /// The list's form has these fields for its button "Assign". They mean nothing here.
    #[serde(skip_serializing)]
    pub assign: IgnoredAny,
}

/// The body of `POST /api/users/reset-link`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    #[serde(default)]
    pub ids: Vec<String>,
    /// The list's form has these fields for its button "Assign". They mean nothing here.
    #[serde(default, skip_serializing)]
    pub assign: IgnoredAny,
}

/// The body of `POST /api/users/disable`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Disabling {
    pub ids: Option<Vec<String>>,
    pub filter: Option<PeopleFilter>,
    /// The number that was shown for the filter. More are never touched.
    pub expected: Option<u32>,
    /// At most 200 characters.
    pub reason: Option<String>,
    /// The list's form has these fields for its button "Assign". They mean nothing here.
    #[serde(skip_serializing)]
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
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Assignment {
    pub ids: Option<Vec<String>>,
    pub filter: Option<PeopleFilter>,
    /// The number that was shown for the filter. More are never touched.
    pub expected: Option<u32>,
    pub role: Option<String>,
    pub add_labels: Vec<String>,
    pub remove_labels: Vec<String>,
    /// The same three, as the list's form names them.
    #[serde(skip_serializing)]
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
    pub roles: Vec<RoleChoice>,
    /// If the address asks to act on everybody found: how many they are, besides the reader.
    pub everybody: Option<u32>,
    pub job: Option<ShownJob>,
    pub outcome: Option<KeptOutcome>,
    /// Whether the address has a filter that can't be understood; then nothing is filtered.
    pub unreadable: bool,
}

/// What a change of somebody's rights would do, before it is saved.
#[derive(Clone, Debug, PartialEq)]
pub struct RightsReview {
    pub role: String,
    pub role_label: String,
    pub own: Vec<Permission>,
    pub gained: Vec<Permission>,
    pub lost: Vec<Permission>,
}

/// What `/users/{id}` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonPage {
    pub person: PersonItem,
    /// Whether it is the reader.
    pub is_reader: bool,
    pub by_role: Vec<Permission>,
    pub own: Vec<Permission>,
    /// The roles to choose from.
    pub roles: Vec<RoleChoice>,
    /// The permissions that the reader may grant.
    pub grantable: Vec<Permission>,
    /// A right of the person that the reader lacks: then the reader may change nothing.
    pub out_of_reach: Option<Permission>,
    /// Live and ended sessions, for those who may see them.
    pub sessions: Option<(Vec<SessionItem>, Vec<SessionItem>)>,
    /// For those who may see the audit.
    pub sign_ins: Option<Vec<SignIn>>,
    /// What was done to the account, for those who may see the audit.
    pub changes: Option<Vec<AuditItem>>,
    /// A change of role and permissions that the address carries.
    pub review: Option<RightsReview>,
    pub outcome: Option<KeptOutcome>,
}
