//! The list of people.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer};

use crate::model::code::Code;
use crate::model::form::non_null;
use crate::model::listing::Listing;
use crate::model::people::{LastActive, PeopleFilter, PersonItem, PersonState};
use crate::model::permission::Permission;
use crate::model::policy::Policy;
use crate::server::clock::{Millis, rfc3339};
use crate::server::context::RequestContext;
use crate::server::db::conditions::{Bind, Conditions};
use crate::server::db::people::{self, Counted, PersonRow, Way};
use crate::server::error::{Error, Result};
use crate::server::listing::Limit;
use crate::server::sessions::limits::{idle_limit, remembered_lifetime};
use crate::server::users::search::fold;

/// How far people are counted.
const COUNTED: i64 = 1000;

/// The query of the list.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct People {
    /// Parts of name, email, phone or label, or an id.
    pub q: Option<String>,
    pub role: Option<String>,
    pub label: Option<String>,
    pub state: Option<PersonState>,
    pub last_active: Option<LastActive>,
    pub sort: Sort,
    pub limit: Limit,
    #[serde(deserialize_with = "non_null")]
    pub cursor: Option<Cursor>,
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Sort {
    #[default]
    #[serde(rename = "name")]
    Name,
    #[serde(rename = "-name")]
    NameDown,
    #[serde(rename = "lastActive")]
    LastActive,
    #[serde(rename = "-lastActive")]
    LastActiveDown,
    #[serde(rename = "createdAt")]
    Created,
    #[serde(rename = "-createdAt")]
    CreatedDown,
}

impl Sort {
    fn order(self) -> &'static str {
        match self {
            Sort::Name => "ORDER BY k.name_key, k.user_id",
            Sort::NameDown => "ORDER BY k.name_key DESC, k.user_id DESC",
            Sort::LastActive => "ORDER BY COALESCE(u.last_active_at, 0), u.id",
            Sort::LastActiveDown => "ORDER BY COALESCE(u.last_active_at, 0) DESC, u.id DESC",
            Sort::Created => "ORDER BY u.created_at, u.id",
            Sort::CreatedDown => "ORDER BY u.created_at DESC, u.id DESC",
        }
    }

    fn behind(self) -> &'static str {
        match self {
            Sort::Name => "(k.name_key, k.user_id) > (?1, ?2)",
            Sort::NameDown => "(k.name_key, k.user_id) < (?1, ?2)",
            Sort::LastActive => "(COALESCE(u.last_active_at, 0), u.id) > (?1, ?2)",
            Sort::LastActiveDown => "(COALESCE(u.last_active_at, 0), u.id) < (?1, ?2)",
            Sort::Created => "(u.created_at, u.id) > (?1, ?2)",
            Sort::CreatedDown => "(u.created_at, u.id) < (?1, ?2)",
        }
    }
}

/// A position in the list: the value that it is sorted by, and the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    id: String,
    key: String,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.key)
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Cursor, &'static str> {
        let (id, key) = text.split_once('.').ok_or("invalid cursor")?;
        // Folded names are printable ASCII. PostgreSQL errors on NUL.
        let plain = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        (plain(id) && plain(key)).then(|| Cursor { id: id.to_owned(), key: key.to_owned() }).ok_or("invalid cursor")
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(text: D) -> std::result::Result<Cursor, D::Error> {
        String::deserialize(text)?.parse().map_err(D::Error::custom)
    }
}

/// The limits of live sessions, as the queries bind them.
fn live_limits(policy: &Policy, now: Millis) -> [Bind; 4] {
    [
        now.into(),
        (now - remembered_lifetime(policy)).into(),
        (now - idle_limit(policy)).into(),
        policy.idle_applies_to_remembered.into(),
    ]
}

impl People {
    /// The filter without order and page.
    pub fn filter(&self) -> PeopleFilter {
        PeopleFilter {
            q: self.q.clone(),
            role: self.role.clone(),
            label: self.label.clone(),
            state: self.state,
            last_active: self.last_active,
            sort: IgnoredAny,
        }
    }

    fn cursor_of(&self, row: &PersonRow) -> Cursor {
        let key = match self.sort {
            Sort::Name | Sort::NameDown => row.name_key.clone(),
            // The stored activity, not the newer one of a live session, because the list is sorted by it.
            Sort::LastActive | Sort::LastActiveDown => row.last_active_at.unwrap_or_default().to_string(),
            Sort::Created | Sort::CreatedDown => row.user.created_at.to_string(),
        };
        Cursor { id: row.user.id.clone(), key }
    }
}

/// A page of the people that match, and how many there are, counted to 1,000.
///
/// # Errors
/// `forbidden`; `invalid_request` for a cursor of another order; `unavailable`.
pub async fn list(context: &RequestContext, wanted: &People) -> Result<Listing<PersonItem>> {
    let policy = &context.require_permission(Permission::UsersManage)?.session.policy;
    let (db, now) = (|| context.panel.db.reader(), context.info.now);
    let filter = wanted.filter();
    let counted = filter.conditions(Conditions::default(), now);
    let mut conditions = filter.conditions(Conditions::after(live_limits(policy, now)), now);
    if let Some(Cursor { id, key }) = &wanted.cursor {
        let key = match wanted.sort {
            Sort::Name | Sort::NameDown => Bind::Text(fold(key)),
            _ => Bind::Number(key.parse().map_err(|_| Error::from(Code::InvalidRequest))?),
        };
        conditions = conditions.and(wanted.sort.behind(), [key, id.clone().into()]);
    }
    let order = wanted.sort.order();
    let rows = wanted.limit.rows();
    let by_name = matches!(wanted.sort, Sort::Name | Sort::NameDown);
    let (total, rows) = if by_name && filter.counted() == Counted::Names && wanted.cursor.is_none() {
        // A search reads through all names: here once for the count and for the first page.
        let found = people::search(db(), &counted, order, COUNTED + 1).await?;
        let first = usize::try_from(rows).unwrap_or_default();
        let ids: Vec<String> = found.iter().take(first).map(|(id,)| id.clone()).collect();
        let page = Conditions::after(live_limits(policy, now)).and_one_of("u.id", &ids);
        (found.len() as u64, people::list(db(), Way::ByUser, &page, order, rows).await?)
    } else {
        let total = people::count(db(), filter.counted(), &counted, COUNTED + 1).await?;
        let way = match (by_name, filter.searches(), total > COUNTED as u64) {
            // The first names that match are near, or the few who match are sorted.
            (true, _, true) | (_, true, false) => Way::ByName,
            // An index finds the few who match, or has the order.
            _ => Way::ByUser,
        };
        (total, people::list(db(), way, &conditions, order, rows).await?)
    };
    let more = total > COUNTED as u64;
    let mut failed = None;
    let mut page = wanted.limit.listing(rows, |row| wanted.cursor_of(row).to_string(), |row| row.item(now));
    page.items.iter().filter_map(|item| item.as_ref().err()).for_each(|error| failed = Some(error.clone()));
    if let Some(error) = failed {
        return Err(error);
    }
    Ok(Listing {
        items: page.items.drain(..).filter_map(Result::ok).collect(),
        next_cursor: page.next_cursor,
        total: (!more).then_some(total),
        more,
    })
}

/// How many people an act on everybody who is found would touch: all but the caller.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn count_others(context: &RequestContext, filter: &PeopleFilter) -> Result<u32> {
    let me = context.require_permission(Permission::UsersManage)?.session.user.id.as_str();
    let found = filter.conditions(Conditions::default(), context.info.now);
    let counted = filter.counted();
    let others = found.and(if counted == Counted::Names { "k.user_id <> ?1" } else { "u.id <> ?1" }, [me.into()]);
    let count = people::count(context.panel.db.reader(), counted, &others, i64::MAX).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

impl PersonRow {
    /// The state in one word.
    fn state(&self, now: Millis) -> PersonState {
        match self {
            PersonRow { user, .. } if !user.is_active => PersonState::Disabled,
            PersonRow { locked_until: Some(until), .. } if *until > now => PersonState::Locked,
            PersonRow { invited: true, .. } => PersonState::Invited,
            _ => PersonState::Active,
        }
    }

    /// # Errors
    /// `internal` for a corrupt row.
    pub(super) fn item(self, now: Millis) -> Result<PersonItem> {
        Ok(PersonItem {
            state: self.state(now),
            live_sessions: u32::try_from(self.live_sessions).unwrap_or(u32::MAX),
            last_active_at: self.active_at.map(rfc3339),
            version: self.version,
            password_required: self.user.password_required,
            user: self.user.shown()?,
        })
    }
}
