//! The password that a link is tried with, and where a used link leads.

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

/// How many passwords a link may be tried with: nobody needs so many, and each
/// that meets the plain rules is judged at a cost.
const TRIES: Limit = Limit { attempts: 30, window: 15 * MINUTE, lock: None };

/// On to the sign-in page, which knows the address already.
pub fn ready(context: &RequestContext, email: &str) -> Result<Ready> {
    context.set_cookies(ready_cookie(&context.panel, email))?;
    Ok(Ready { email: email.to_owned() })
}

/// Checks, charges and hashes a new password: judging one takes time, so a link
/// has so many tries, one at a time.
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
    // The place before the charge: a 503 counts nowhere.
    let place = panel.hasher.reserve()?;
    let mut tx = panel.db.begin().await?;
    let charged = buckets::charge(&mut tx, &turn.bucket, &Uuid::now_v7().to_string(), TRIES, now).await?;
    charged.map_err(|full| lockout::too_many(full, now))?;
    tx.commit().await?;
    new.hash(place).await
}
