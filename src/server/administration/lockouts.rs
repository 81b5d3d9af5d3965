//! For administrators: listing and lifting lockouts.

use std::net::IpAddr;

use serde::Deserialize;

use crate::model::code::Code;
use crate::model::desk::{LockoutItem, LockoutKind, LockoutName, PersonRef};
use crate::model::email::Email;
use crate::model::form::non_null;
use crate::model::listing::Listing;
use crate::model::outcome::{KeptOutcome, Outcome, Refusal, Refused};
use crate::model::permission::Permission;
use crate::model::policy::Policy;
use crate::model::text::Text;
use crate::server::audit::{Action, Event};
use crate::server::clock::{Millis, rfc3339};
use crate::server::context::RequestContext;
use crate::server::db::Db;
use crate::server::db::buckets::{self, LockoutRow};
use crate::server::error::{Error, Result};
use crate::server::kept::keep;
use crate::server::listing::Limit;
use crate::server::lockout::{address_limit, user_limit};
use crate::server::request::address_bucket;
use crate::server::users::search::fold;

/// The most lockouts that are lifted at once.
const MOST: usize = 200;

/// One lockout in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    pub kind: LockoutKind,
    /// The email, or the address as it is counted: IPv6 by /64.
    pub name: String,
    /// The person who has the email.
    pub user: Option<PersonRef>,
    /// Whether it applies only to one browser of the account's owner.
    pub own_browser: bool,
    /// The number of failed attempts that count.
    pub failures: u32,
    pub since: Millis,
    pub until: Millis,
}

fn person(row: &LockoutRow) -> Option<PersonRef> {
    let (id, name, email) = (row.user_id.clone()?, row.user_name.clone()?, row.email.clone()?);
    Some(PersonRef { id, name, email })
}

impl Lockout {
    fn item(self) -> LockoutItem {
        LockoutItem {
            kind: self.kind,
            name: self.name,
            user: self.user,
            failures: self.failures,
            until: rfc3339(self.until),
            since: rfc3339(self.since),
            own_browser: self.own_browser,
        }
    }

    fn of(row: LockoutRow, policy: &Policy, now: Millis) -> Option<Lockout> {
        let (kind, rest) = row.bucket.split_once(':')?;
        let failures = u32::try_from(row.failures).unwrap_or(u32::MAX);
        let lockout = |kind, name: String, length: Millis, until: Millis| Lockout {
            kind,
            name,
            user: person(&row),
            own_browser: row.bucket.starts_with("device:"),
            failures,
            // An attempt may have been swept.
            since: row.newest.unwrap_or(until - length).min(now),
            until,
        };
        if kind == "address" {
            let window = address_limit(policy).window;
            let until = row.frees?.min(now) + window;
            return Some(lockout(LockoutKind::Address, rest.to_owned(), window, until));
        }
        let length = user_limit(policy).lock.unwrap_or_default();
        let until = row.locked_until?.min(now + length);
        let name = if kind == "email" { rest.to_owned() } else { row.email.clone()? };
        Some(lockout(LockoutKind::Identifier, name, length, until))
    }
}

/// Every lockout in force: emails first, then addresses.
///
/// # Errors
/// `unavailable`.
pub async fn list(db: &Db, policy: &Policy, now: Millis) -> Result<Vec<Lockout>> {
    let limit = address_limit(policy);
    let (since, attempts) = (now - limit.window, i64::from(limit.attempts));
    let locked = buckets::locked(db.reader(), since, now).await?;
    let addresses = buckets::full_addresses(db.reader(), since, attempts, (attempts - 1).max(0)).await?;
    let mut lockouts: Vec<Lockout> =
        locked.into_iter().chain(addresses).filter_map(|row| Lockout::of(row, policy, now)).collect();
    lockouts.sort_by(|a, b| (a.kind == LockoutKind::Address, &a.name).cmp(&(b.kind == LockoutKind::Address, &b.name)));
    Ok(lockouts)
}

/// The name of a lockout to lift, as in the list or as people write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    Identifier(Email),
    /// The bucket name of an address.
    Address(String),
}

impl Name {
    /// Parses an email, an address, or an IPv6 /64 network; `None` for anything else.
    pub fn parse(text: &str) -> Option<Name> {
        let text = text.trim();
        let host = text.strip_suffix("/64").unwrap_or(text);
        match host.parse::<IpAddr>() {
            Ok(ip) => Some(Name::Address(address_bucket(ip.to_canonical()))),
            Err(_) => Email::parse(text).or_else(|| Email::parse_by_previous_rules(text)).map(Name::Identifier),
        }
    }

    /// The name as in the list.
    pub fn text(&self) -> &str {
        match self {
            Name::Identifier(email) => email.as_str(),
            Name::Address(bucket) => bucket,
        }
    }
}

/// The query of the list.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lockouts {
    pub kind: Option<LockoutKind>,
    /// Part of the name, or of the person's name.
    pub q: Option<String>,
    pub limit: Limit,
    /// The name behind which the page begins.
    #[serde(deserialize_with = "non_null")]
    pub cursor: Option<String>,
}

/// Every lockout in force, as pages show them: an account and browsers of its owner may be locked at the
/// same time, and are lifted together.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn in_force(context: &RequestContext) -> Result<Vec<Lockout>> {
    let policy = &context.require_permission(Permission::UsersManage)?.session.policy;
    let mut all = list(&context.panel.db, policy, context.info.now).await?;
    all.dedup_by(|next, kept| {
        let same = (kept.kind, &kept.name) == (next.kind, &next.name);
        if same {
            kept.failures = kept.failures.max(next.failures);
            kept.since = kept.since.min(next.since);
            kept.until = kept.until.max(next.until);
            kept.own_browser &= next.own_browser;
        }
        same
    });
    Ok(all)
}

/// The lockouts in force that match.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn page(context: &RequestContext, wanted: &Lockouts) -> Result<Listing<LockoutItem>> {
    let all = in_force(context).await?;
    let q = fold(wanted.q.as_deref().unwrap_or_default());
    let matches = |lockout: &Lockout| {
        let known = lockout.user.as_ref().map_or("", |user| user.name.as_str());
        wanted.kind.is_none_or(|kind| kind == lockout.kind)
            && (fold(&lockout.name).contains(&q) || fold(known).contains(&q))
    };
    let place = |lockout: &Lockout| format!("{}:{}", lockout.kind.name(), lockout.name);
    let found: Vec<Lockout> = all.into_iter().filter(matches).collect();
    let total = found.len() as u64;
    // Identifiers come before addresses, as in the list.
    let key = |text: &str| (text.starts_with("address:"), text.to_owned());
    let behind = |lockout: &Lockout| wanted.cursor.as_ref().is_none_or(|cursor| key(&place(lockout)) > key(cursor));
    let rows = usize::try_from(wanted.limit.rows()).unwrap_or_default();
    let rows = found.into_iter().filter(behind).take(rows).collect();
    Ok(Listing { total: Some(total), ..wanted.limit.listing(rows, place, Lockout::item) })
}

/// Lifts lockouts as an administrator. Needs no recent sign-in: people are waiting.
///
/// # Errors
/// `forbidden`; `validation_failed` without any; `unavailable`. What can't be lifted is in the
/// outcome, by its name.
pub async fn lift_all(context: &RequestContext, items: &[LockoutName]) -> Result<Outcome> {
    context.require_permission(Permission::UsersManage)?;
    if items.is_empty() {
        return Err(Error::field("items", Text::FieldNothingChosen));
    }
    if items.len() > MOST {
        return Err(Error::from(Code::InvalidRequest));
    }
    let (mut outcome, mut kept) = (Outcome::default(), KeptOutcome::default());
    for item in items {
        let name = Name::parse(&item.name)
            .filter(|name| matches!(name, Name::Address(_)) == (item.kind == LockoutKind::Address));
        let lifted = match &name {
            Some(name) => lift_by(&context.panel.db, name, context.event(Action::Unlocked)).await?,
            None => false,
        };
        if lifted {
            outcome.done += 1;
        } else {
            outcome.refused.push(Refused { id: item.name.clone(), code: Refusal::NotFound });
            kept.refused.push((item.name.clone(), Refusal::NotFound));
        }
    }
    kept.done = outcome.done;
    keep(context, &kept).await?;
    Ok(outcome)
}

/// Lifts a lockout from the command line. Returns whether there were any failures.
///
/// # Errors
/// `unavailable`.
pub async fn lift(db: &Db, name: &Name, now: Millis) -> Result<bool> {
    lift_by(db, name, Event::of_system(Action::Unlocked, now)).await
}

/// Lifts a lockout, deletes its failures and writes an audit row. Returns whether there were
/// any.
///
/// # Errors
/// `unavailable`.
async fn lift_by(db: &Db, name: &Name, event: Event<'_>) -> Result<bool> {
    let mut tx = db.begin().await?;
    let lifted = match name {
        Name::Identifier(email) => crate::server::lockout::lift(&mut tx, email).await?,
        Name::Address(bucket) => {
            let bucket = format!("address:{bucket}");
            let forgotten = buckets::clear(tx.on(), &bucket).await?;
            buckets::remove(tx.on(), &bucket).await?;
            forgotten > 0
        }
    };
    if lifted {
        event.of(name.text()).write(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(lifted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lockout_names_are_parsed_in_every_spelling() {
        let address = |text: &str| Some(Name::Address(text.to_owned()));
        assert_eq!(Name::parse(" 192.0.2.1 "), address("192.0.2.1"));
        assert_eq!(Name::parse("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert_eq!(Name::parse("2001:DB8::1"), address("2001:db8::/64"));
        assert_eq!(Name::parse("2001:db8::/64"), address("2001:db8::/64"));
        assert!(matches!(Name::parse("Ayse@Example.org"), Some(Name::Identifier(_))));
        assert_eq!(Name::parse("nobody"), None);
    }
}
