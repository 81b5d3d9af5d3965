//! The dashboard's data: the current session and the sign-ins before it.

use serde_json::{Map, Value};

use crate::model::account::{News, Overview, SignInEvent};
use crate::server::clock::rfc3339;
use crate::server::context::RequestContext;
use crate::server::db::audit::{self, NewsRow, OriginRow};
use crate::server::db::{roles, sessions};
use crate::server::device;
use crate::server::error::Result;
use crate::server::sessions::identity::Identity;

impl From<OriginRow> for SignInEvent {
    fn from(row: OriginRow) -> SignInEvent {
        SignInEvent { at: rfc3339(row.at), browser: device::describe(&row.user_agent), address: row.address }
    }
}

impl From<NewsRow> for News {
    fn from(row: NewsRow) -> News {
        let details: Map<String, Value> = serde_json::from_str(&row.details).unwrap_or_default();
        let fields = match (details.get("after"), details.get("fields")) {
            (Some(Value::Object(after)), _) => after.keys().cloned().collect(),
            (_, Some(Value::Array(names))) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        News { at: rfc3339(row.at), action: row.action, fields }
    }
}

/// The current session, the user's previous sign-in and the failed sign-ins since.
///
/// # Errors
/// `unavailable` if the database is down.
pub async fn overview(context: &RequestContext, identity: &Identity) -> Result<Overview> {
    let session = &identity.session;
    let user_id = session.user.id.as_str();
    let db = &context.panel.db;
    let before = audit::sign_in_before_here(db, user_id, session.times.started_at, &session.handle).await?;
    let since = before.as_ref().map_or(0, |event| event.at);
    let failed = audit::failed_since_here(db, user_id, since).await?;
    let count = audit::count_failed_since_here(db, user_id, since).await?;
    let (address, user_agent) = sessions::origin_here(db, &session.handle).await?.unwrap_or_default();
    let status = session.status(context.info.now);
    // At the first sign-in, what made the account is no news.
    let before_this = before.as_ref().map_or(session.times.started_at, |event| event.at);
    let news = audit::news_here(db, user_id, before_this).await?;
    let news = news.into_iter().map(News::from).collect();
    let role = match roles::by_name_here(db, &session.user.role).await? {
        Some(role) => role.label(context.info.lang()),
        None => session.user.role.clone(),
    };
    Ok(Overview {
        role,
        news,
        browser: device::describe(&user_agent),
        address,
        remembered: session.times.remembered,
        started_at: rfc3339(session.times.started_at),
        idle_timeout_minutes: status.idle_expires_at.as_ref().map(|_| session.policy.idle_timeout_minutes),
        expires_at: status.expires_at.to_string(),
        idle_expires_at: status.idle_expires_at.map(|at| at.to_string()),
        last_sign_in: before.map(SignInEvent::from),
        failed_since: failed.into_iter().map(SignInEvent::from).collect(),
        failed_count: count.map_or(0, |(count,)| u32::try_from(count).unwrap_or(u32::MAX)),
    })
}
