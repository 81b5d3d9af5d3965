//! For administrators: listing and lifting lockouts.

use std::net::IpAddr;

use crate::model::email::Email;
use crate::model::policy::Policy;
use crate::server::audit::{Action, Event};
use crate::server::clock::Millis;
use crate::server::db::Db;
use crate::server::db::buckets::{self, LockoutRow};
use crate::server::error::Result;
use crate::server::lockout::{address_limit, user_limit};
use crate::server::request::address_bucket;

/// What a lockout applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Identifier,
    Address,
}

impl Kind {
    /// The name in lists.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Identifier => "identifier",
            Kind::Address => "address",
        }
    }
}

/// One lockout in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lockout {
    pub kind: Kind,
    /// The email, or the address as it is counted: IPv6 by /64.
    pub name: String,
    /// Whether the email has an account.
    pub known: bool,
    /// Whether it applies only to one browser of the account's owner.
    pub own_browser: bool,
    /// The number of failed attempts that count.
    pub failures: u32,
    pub until: Millis,
}

impl Lockout {
    fn of(row: LockoutRow, policy: &Policy, now: Millis) -> Option<Lockout> {
        let (kind, rest) = row.bucket.split_once(':')?;
        let failures = u32::try_from(row.failures).unwrap_or(u32::MAX);
        let lockout = |kind, name: String, until| Lockout {
            kind,
            name,
            known: row.email.is_some(),
            own_browser: row.bucket.starts_with("device:"),
            failures,
            until,
        };
        if kind == "address" {
            let window = address_limit(policy).window;
            let until = row.frees?.min(now) + window;
            return Some(lockout(Kind::Address, rest.to_owned(), until));
        }
        let longest = now + user_limit(policy).lock.unwrap_or_default();
        let until = row.locked_until?.min(longest);
        let name = if kind == "email" { rest.to_owned() } else { row.email.clone()? };
        Some(lockout(Kind::Identifier, name, until))
    }
}

/// Every lockout in force: emails first, then addresses.
///
/// # Errors
/// `unavailable`.
pub async fn list(db: &Db, policy: &Policy, now: Millis) -> Result<Vec<Lockout>> {
    let limit = address_limit(policy);
    let rows = buckets::lockouts(
        db.reader(),
        now - limit.window,
        now,
        i64::from(limit.attempts),
        i64::from(limit.attempts.saturating_sub(1)),
    )
    .await?;
    let mut lockouts: Vec<Lockout> = rows.into_iter().filter_map(|row| Lockout::of(row, policy, now)).collect();
    lockouts.sort_by(|a, b| (a.kind == Kind::Address, &a.name).cmp(&(b.kind == Kind::Address, &b.name)));
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

/// Lifts a lockout, deletes its failures and writes an audit row. Returns whether there were
/// any.
///
/// # Errors
/// `unavailable`.
pub async fn lift(db: &Db, name: &Name, now: Millis) -> Result<bool> {
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
        Event::of_system(Action::Unlocked, now).of(name.text()).write(&mut tx).await?;
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
