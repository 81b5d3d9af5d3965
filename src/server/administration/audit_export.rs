//! The audit as a file: exactly the rows that the filter shows, streamed in batches, so that no
//! number of rows needs memory.

use axum::body::{Body, Bytes};
use futures::stream::try_unfold;
use serde::Deserialize;

use super::audit::{Audit, Cursor, Moment, Outcome, list};
use crate::model::desk::AuditItem;
use crate::model::permission::Permission;
use crate::server::audit::Action;
use crate::server::context::RequestContext;
use crate::server::error::{Result, internal};
use crate::server::listing::Limit;

/// How many rows are read at once.
const BATCH: Limit = Limit::of(200);

/// Marks a CSV file as UTF-8 for Excel.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// The columns of the CSV file.
const COLUMNS: [&str; 11] =
    ["id", "at", "actorId", "actor", "targetId", "target", "action", "result", "address", "device", "details"];

/// The format of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Csv,
    Json,
}

/// The query: the list's filters, and the format.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    pub format: Format,
    #[serde(default)]
    pub actor: Option<String>,
    #[serde(default)]
    pub target: Option<String>,
    #[serde(default)]
    pub action: Option<String>,
    #[serde(default)]
    pub result: Option<Outcome>,
    #[serde(default)]
    pub address: Option<String>,
    #[serde(default)]
    pub from: Option<Moment>,
    #[serde(default)]
    pub to: Option<Moment>,
}

/// Where an export has arrived.
struct Position {
    context: RequestContext,
    query: Audit,
    format: Format,
    begun: bool,
    done: bool,
}

/// Records the export, and returns the file. An error on the way breaks the connection, so that
/// half a file is never taken for a whole one.
///
/// # Errors
/// `forbidden`; `unavailable`.
pub async fn export(context: &RequestContext, wanted: Export) -> Result<Body> {
    context.require_permission(Permission::AuditView)?;
    let filters = context.info.query().unwrap_or_default();
    let mut tx = context.panel.db.begin().await?;
    context.event(Action::AuditExported).with("query", filters).write(&mut tx).await?;
    tx.commit().await?;
    let Export { format, actor, target, action, result, address, from, to } = wanted;
    let query = Audit { actor, target, action, result, address, from, to, limit: BATCH, cursor: None };
    let start = Position { context: context.clone(), query, format, begun: false, done: false };
    Ok(Body::from_stream(try_unfold(start, |position| async move {
        next(position).await.map_err(|error| std::io::Error::other(error.to_string()))
    })))
}

/// The next part of the file.
async fn next(mut at: Position) -> Result<Option<(Bytes, Position)>> {
    if at.done {
        return Ok(None);
    }
    let page = list(&at.context, &at.query).await?;
    at.query.cursor = page.next_cursor.as_deref().and_then(|cursor| cursor.parse::<Cursor>().ok());
    at.done = at.query.cursor.is_none();
    let part = match at.format {
        Format::Json => json(&page.items, !at.begun, at.done)?,
        Format::Csv => csv(&page.items, !at.begun)?,
    };
    at.begun = true;
    Ok(Some((Bytes::from(part), at)))
}

fn json(items: &[AuditItem], first: bool, last: bool) -> Result<Vec<u8>> {
    let mut part = if first { b"[".to_vec() } else { Vec::new() };
    for (position, item) in items.iter().enumerate() {
        if !(first && position == 0) {
            part.extend(b",\n");
        }
        serde_json::to_writer(&mut part, item).map_err(internal)?;
    }
    if last {
        part.extend(b"]\n");
    }
    Ok(part)
}

fn csv(items: &[AuditItem], first: bool) -> Result<Vec<u8>> {
    let mut rows = csv::Writer::from_writer(if first { BOM.to_vec() } else { Vec::new() });
    if first {
        rows.write_record(COLUMNS).map_err(internal)?;
    }
    for item in items {
        let name = |name: &Option<crate::model::desk::AuditName>| {
            name.as_ref().map_or_else(Default::default, |name| (name.id.clone(), name.name.clone()))
        };
        let ((actor_id, actor), (target_id, target)): ((String, String), (String, String)) =
            (name(&item.actor), name(&item.target));
        let cells = [
            &item.id,
            &item.at,
            &actor_id,
            &actor,
            &target_id,
            &target,
            &item.action,
            &item.result,
            &item.address,
            &item.device,
            &item.details.0,
        ];
        rows.write_record(cells.map(|cell| harmless(cell))).map_err(internal)?;
    }
    rows.into_inner().map_err(internal)
}

/// A cell that no spreadsheet takes for a formula (OWASP, CSV injection).
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}
