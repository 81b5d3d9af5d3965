//! Checks the password that is set with a link, and redirects afterwards.

use uuid::Uuid;

use super::LinkTurn;
use crate::model::account::Ready;
use crate::server::clock::MINUTE;
use crate::server::context::RequestContext;
use crate::server::db::policy;
use crate::server::error::Result;
use crate::server::flash::ready_cookie;
use crate::server::lockout;
use crate::server::lockout::buckets::{self, Limit};
use crate::server::passwords::NewPassword;

/// The rate limit on passwords tried with a link. No user needs so many, and evaluating one is
/// expensive.
const TRIES: Limit = Limit { attempts: 30, window: 15 * MINUTE, lock: None };

/// Redirects to the sign-in page, with the email filled in.
pub fn ready(context: &RequestContext, email: &str) -> Result<Ready> {
    context.set_cookies(ready_cookie(&context.panel, email))?;
    Ok(Ready { email: email.to_owned() })
}

/// Checks, charges and hashes a new password. Evaluating one is expensive, so a link has a
/// limited number of attempts, one at a time.
pub async fn new_password(
    context: &RequestContext,
    turn: &LinkTurn,
    password: &str,
    name: &str,
    local_part: &str,
) -> Result<String> {
    let (panel, now) = (&context.panel, context.info.now);
    let min_length = policy::read(&panel.db).await?.policy.password_min_length;
    let new = NewPassword { password, min_length, name, local_part, field: "password" };
    new.check()?;
    // Reserves before charging, so that a 503 does not count as an attempt.
    let slot = panel.hasher.reserve()?;
    let mut tx = panel.db.begin().await?;
    let charged = buckets::charge(&mut tx, &turn.bucket, &Uuid::now_v7().to_string(), TRIES, now).await?;
    charged.map_err(|full| lockout::too_many(full, now))?;
    tx.commit().await?;
    new.hash(slot).await
}
