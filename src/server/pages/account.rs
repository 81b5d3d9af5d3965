//! `/account`: the user's sessions and sign-ins.

use crate::model::account::AccountPage;
use crate::model::page::PageData;
use crate::server::account::sessions::{Cursor, OwnSessions, list_own};
use crate::server::account::sign_ins::sign_ins;
use crate::server::context::RequestContext;
use crate::server::error::Result;
use crate::server::listing::Limit;

/// The maximum number of live, and of ended, sessions on the page.
const SHOWN: Limit = Limit::of(100);

/// Loads the page. `ended=` in the query is the cursor of the ended sessions.
///
/// # Errors
/// `unauthenticated`; `unavailable`.
pub async fn load(context: &RequestContext) -> Result<PageData> {
    let identity = context.require_user()?;
    // An invalid cursor shows the page from the beginning, instead of an error.
    let from = context.info.query_field("ended").and_then(|text| text.parse().ok());
    let cursor = Some(from.unwrap_or_else(Cursor::before_ended));
    let live = list_own(context, identity, &OwnSessions { limit: SHOWN, ..OwnSessions::default() }).await?;
    let ended = list_own(context, identity, &OwnSessions { ended: true, limit: SHOWN, cursor }).await?;
    let (session, policy) = (&identity.session, &identity.session.policy);
    Ok(PageData::Account(Box::new(AccountPage {
        live: live.items,
        more_live: live.next_cursor.is_some(),
        ended: ended.items.into_iter().filter(|item| item.ended_at.is_some()).collect(),
        ended_cursor: ended.next_cursor,
        retention_days: policy.retention_days,
        password_min_length: policy.password_min_length,
        stored: session.preferences,
        sign_ins: sign_ins(context, &session.user.id).await?,
    })))
}
