//! Records what signed-in users were refused for lack of a permission: one row per session, route and
//! minute, so that nobody can fill the audit.

use sha2::{Digest, Sha256};

use crate::model::code::Code;
use crate::server::audit::Action;
use crate::server::clock::MINUTE;
use crate::server::context::RequestContext;
use crate::server::db::audit;
use crate::server::error::{Error, Result};

/// Records a refusal. The response does not wait, and does not fail with it.
pub fn record(context: &RequestContext, error: &Error) {
    if error.code != Code::Forbidden || context.identity.is_none() {
        return;
    }
    let missing = error.details().and_then(|details| details.missing).map(|permission| permission.name());
    let context = context.clone();
    drop(context.panel.clone().work.begin(async move {
        if let Err(error) = write(&context, missing).await {
            tracing::warn!(%error, "a refusal was not recorded");
        }
    }));
}

async fn write(context: &RequestContext, missing: Option<&'static str>) -> Result<()> {
    let session = context.require_user()?.session.handle.as_str();
    let (route, minute) = (context.info.path(), context.info.now / MINUTE);
    let digest = Sha256::digest(format!("{session} {route} {minute}"));
    let id: String = digest[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    if audit::exists(context.panel.db.reader(), &id).await?.is_some() {
        return Ok(());
    }
    let mut tx = context.panel.db.begin().await?;
    let event = context.event(Action::Refused).failed().in_session(session);
    event.with("route", route).with("missing", missing).write_once(&mut tx, &id).await?;
    tx.commit().await
}
