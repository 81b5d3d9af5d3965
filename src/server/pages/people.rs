//! `/users`, `/users/new` and `/users/{id}`.

use serde::Deserialize;

use super::query;
use crate::model::forms::PEOPLE_ACTS;
use crate::model::listing::Listing;
use crate::model::page::PageData;
use crate::model::people::{PeopleFilters, PeoplePage, PersonPage, RightsReview};
use crate::model::permission::{Permission, Permissions};
use crate::server::administration::jobs::shown;
use crate::server::administration::people::list::{People, count_others, list};
use crate::server::administration::people::one::person;
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::kept::found;
use crate::server::users::roles::choices;

/// A change of rights that the address carries, before it is saved.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Draft {
    role: String,
    permissions: Vec<String>,
}

impl Draft {
    /// What it would do; `None` for an unknown role.
    fn review(self, page: &PersonPage) -> Option<RightsReview> {
        let role = page.roles.iter().find(|role| role.name == self.role)?;
        let own = Permissions::of_names(self.permissions.iter().map(String::as_str));
        let before = Permissions::of(&page.by_role).union(Permissions::of(&page.own));
        let after = Permissions::of(&role.permissions).union(own);
        Some(RightsReview {
            role: role.name.clone(),
            role_label: role.label.clone(),
            own: own.iter().collect(),
            gained: after.without(before).iter().collect(),
            lost: before.without(after).iter().collect(),
        })
    }
}

/// The parameters of the page's address that filter and sort.
const FILTERS: [&str; 7] = ["q", "role", "label", "state", "lastActive", "sort", "cursor"];

/// The list. Parameters that can't be understood show everybody, and say so.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    context.require_permission(Permission::UsersManage)?;
    let read: Option<People> = query(context, &FILTERS);
    let unreadable = read.is_none();
    let wanted = read.unwrap_or_default();
    let field = |name: &str| match unreadable {
        true => String::new(),
        false => context.info.query_field(name).unwrap_or_default(),
    };
    let filters = PeopleFilters {
        q: field("q"),
        role: field("role"),
        label: field("label"),
        state: field("state"),
        last_active: field("lastActive"),
        sort: field("sort"),
    };
    let roles = choices(&context.panel.db, context.info.lang()).await?;
    let everybody = match context.info.query_field("everybody") {
        Some(_) => Some(count_others(context, &wanted.filter()).await?),
        None => None,
    };
    // The page that asks has no list.
    let people = match everybody {
        Some(count) => Listing { items: Vec::new(), next_cursor: None, total: Some(count.into()), more: false },
        None => list(context, &wanted).await?,
    };
    let job = shown(context, "users").await?;
    let outcome = found(context, &PEOPLE_ACTS).await?;
    Ok(PageData::People(Box::new(PeoplePage { filters, people, roles, everybody, job, outcome, unreadable })))
}

/// The form for somebody new.
///
/// # Errors
/// `forbidden`.
pub async fn load_new(context: &RequestContext) -> Result<PageData> {
    let identity = context.require_permission(Permission::UsersManage)?;
    let roles = choices(&context.panel.db, context.info.lang()).await?;
    Ok(PageData::NewPerson(roles, identity.session.user.effective()?.iter().collect()))
}

/// One person.
///
/// # Errors
/// `forbidden`, `not_found`; `unavailable`.
pub async fn load_one(context: &RequestContext) -> Result<PageData> {
    context.require_permission(Permission::UsersManage)?;
    let id = context.info.path().rsplit('/').next().unwrap_or_default();
    let mut page = person(context, id).await?;
    if context.info.query_field("review").as_deref() == Some("rights") {
        page.review = query(context, &["role", "permissions"]).and_then(|draft: Draft| draft.review(&page));
    }
    page.outcome = found(context, &PEOPLE_ACTS).await?;
    Ok(PageData::Person(Box::new(page)))
}
