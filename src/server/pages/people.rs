//! `/users`, `/users/new` and `/users/{id}`.

use super::query;
use crate::model::forms::PEOPLE_ACTS;
use crate::model::page::PageData;
use crate::model::people::{PeopleFilters, PeoplePage};
use crate::model::permission::Permission;
use crate::server::administration::people::list::{People, list};
use crate::server::administration::people::one::person;
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::kept::found;

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
    let people = list(context, &wanted).await?;
    let outcome = found(context, &PEOPLE_ACTS).await?;
    Ok(PageData::People(Box::new(PeoplePage { filters, people, outcome, unreadable })))
}

/// The form for somebody new.
///
/// # Errors
/// `forbidden`.
pub fn load_new(context: &RequestContext) -> Result<PageData> {
    let identity = context.require_permission(Permission::UsersManage)?;
    Ok(PageData::NewPerson(identity.session.user.effective()?.iter().collect()))
}

/// One person.
///
/// # Errors
/// `forbidden`, `not_found`; `unavailable`.
pub async fn load_one(context: &RequestContext) -> Result<PageData> {
    context.require_permission(Permission::UsersManage)?;
    let id = context.info.path().rsplit('/').next().unwrap_or_default();
    let mut page = person(context, id).await?;
    page.outcome = found(context, &PEOPLE_ACTS).await?;
    Ok(PageData::Person(Box::new(page)))
}
