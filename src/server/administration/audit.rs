//! The audit as administrators read it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

use crate::model::desk::{AuditItem, AuditName, Details};
use crate::model::form::non_null;
use crate::model::listing::Listing;
use crate::model::permission::Permission;
use crate::server::clock::{DAY, Millis, rfc3339};
use crate::server::context::RequestContext;
use crate::server::db::Db;
use crate::server::db::audit::{self, ListedRow};
use crate::server::db::conditions::Conditions;
use crate::server::device;
use crate::server::error::Result;
use crate::server::listing::Limit;
use crate::server::users::search::{Column, Matches, matches};

/// The query of the list.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// Part of the name or email of who acted, or their id.
    pub actor: Option<String>,
    /// The same for whom it happened to.
    pub target: Option<String>,
    pub action: Option<String>,
    pub result: Option<Outcome>,
    pub address: Option<String>,
    pub from: Option<Moment>,
    /// A day counts as a whole.
    pub to: Option<Moment>,
    pub limit: Limit,
    #[serde(deserialize_with = "non_null")]
    pub cursor: Option<Cursor>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Success,
    Failure,
}

/// A time (RFC 3339), or a day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    begin: Millis,
    end: Millis,
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(text: D) -> std::result::Result<Moment, D::Error> {
        let text = String::deserialize(text)?;
        if let Ok(at) = DateTime::parse_from_rfc3339(&text) {
            return Ok(Moment { begin: at.timestamp_millis(), end: at.timestamp_millis() });
        }
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").map_err(|_| D::Error::custom("a time or a day"))?;
        let begin = day.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc().timestamp_millis();
        Ok(Moment { begin, end: begin + DAY - 1 })
    }
}

/// A position in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    at: Millis,
    id: String,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.id)
    }
}

impl FromStr for Cursor {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Cursor, &'static str> {
        let (at, id) = text.split_once('.').ok_or("invalid cursor")?;
        let plain =
            !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let at = at.parse().map_err(|_| "invalid cursor")?;
        plain.then(|| Cursor { at, id: id.to_owned() }).ok_or("invalid cursor")
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(text: D) -> std::result::Result<Cursor, D::Error> {
        String::deserialize(text)?.parse().map_err(D::Error::custom)
    }
}

impl Audit {
    /// # Errors
    /// `unavailable`.
    async fn conditions(&self, db: &Db) -> Result<Conditions> {
        let mut all = Conditions::default();
        let text = |value: &Option<String>| value.clone().filter(|text| !text.trim().is_empty());
        if let Some(actor) = text(&self.actor) {
            all = person(db, all, &actor, Column::Actor).await?;
        }
        if let Some(target) = text(&self.target) {
            all = person(db, all, &target, Column::Target).await?;
        }
        if let Some(action) = text(&self.action) {
            all = all.and("a.action = ?1", [action.into()]);
        }
        if let Some(result) = self.result {
            let name = if result == Outcome::Success { "success" } else { "failure" };
            all = all.and("a.result = ?1", [name.into()]);
        }
        if let Some(address) = text(&self.address) {
            all = all.and("a.address = ?1", [address.trim().into()]);
        }
        if let Some(from) = self.from {
            all = all.and("a.at >= ?1", [from.begin.into()]);
        }
        if let Some(to) = self.to {
            all = all.and("a.at <= ?1", [to.end.into()]);
        }
        if let Some(Cursor { at, id }) = &self.cursor {
            all = all.and("a.at < ?1 OR (a.at = ?1 AND a.id < ?2)", [(*at).into(), id.as_str().into()]);
        }
        Ok(all)
    }
}

/// Adds the condition that a column names a person: by id, by what a search finds, or by the very text,
/// which may be an email that nobody has.
async fn person(db: &Db, all: Conditions, text: &str, column: Column) -> Result<Conditions> {
    let text = text.trim();
    if Uuid::try_parse(text).is_ok() {
        return Ok(Matches::Few(vec![text.to_owned()]).and(all, column));
    }
    Ok(match matches(db, text).await? {
        Some(Matches::Few(mut ids)) => {
            ids.push(text.to_owned());
            Matches::Few(ids).and(all, column)
        }
        Some(many) => many.and(all, column),
        None => Matches::Few(vec![text.to_owned()]).and(all, column),
    })
}

impl ListedRow {
    fn item(self) -> AuditItem {
        let named = |id: Option<String>, name: Option<String>| {
            id.map(|id| AuditName { name: name.unwrap_or_else(|| id.clone()), id })
        };
        AuditItem {
            id: self.id,
            at: rfc3339(self.at),
            actor: named(self.actor, self.actor_name),
            action: self.action,
            target: named(self.target, self.target_name),
            result: self.result,
            address: self.address,
            device: device::describe(&self.user_agent),
            details: Details(self.details),
        }
    }
}

/// A page of the rows that match, newest first.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn list(context: &RequestContext, wanted: &Audit) -> Result<Listing<AuditItem>> {
    context.require_permission(Permission::AuditView)?;
    let rows = {
        let db = &context.panel.db;
        audit::list(db.reader(), &wanted.conditions(db).await?, wanted.limit.rows()).await?
    };
    let cursor = |row: &ListedRow| Cursor { at: row.at, id: row.id.clone() }.to_string();
    Ok(wanted.limit.listing(rows, cursor, ListedRow::item))
}

/// The most changes that a person's page shows.
const CHANGES: i64 = 20;

/// What was done to an account and to what its owner may do, newest first.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn changes_of(context: &RequestContext, id: &str) -> Result<Vec<AuditItem>> {
    context.require_permission(Permission::AuditView)?;
    let changes = Conditions::default().and("a.target = ?1", [id.into()]).and(
        "a.action IN ('user_created', 'user_activated', 'user_disabled', 'user_enabled', 'user_changed', 'unlocked',
            'reset_link_made', 'password_required', 'profile_changed')",
        [],
    );
    let rows = audit::list(context.panel.db.reader(), &changes, CHANGES).await?;
    Ok(rows.into_iter().map(ListedRow::item).collect())
}
