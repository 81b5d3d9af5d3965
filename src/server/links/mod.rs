//! One-time links: the set-up of the first administrator, and activations.
//!
//! Only the hash of a link's token is stored. Opening a link changes nothing. Its POST uses the
//! link up; of parallel POSTs one wins.
//!
//! | file | what is in it |
//! |---|---|
//! | here | creating, opening and using links |
//! | [`set_up`] | the first administrator |
//! | [`activate`] | the first password of an invited user |
//! | [`password`] | the password that is set with a link |

mod activate;
mod password;
mod set_up;

pub use activate::activate;
pub use set_up::set_up;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::page::OpenedLink;
use crate::model::text::Text;
use crate::server::clock::{DAY, Millis, is_ahead};
use crate::server::context::RequestContext;
use crate::server::db::{Db, Tx, links, users};
use crate::server::error::{Error, Result};
use crate::server::keys::random;
use crate::server::sessions::hash;
use crate::server::turns::Turn;
use crate::server::users::lock_administrators;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Setup,
    Activation,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Setup => "setup",
            Kind::Activation => "activation",
        }
    }

    fn page(self) -> &'static str {
        match self {
            Kind::Setup => "/setup",
            Kind::Activation => "/activate",
        }
    }
}

/// How long a link is valid: three days, to last over a weekend.
const LIFETIME: Millis = 3 * DAY;

/// Creates a link and invalidates the previous ones for the same purpose. The returned URL is
/// the only copy of the token.
///
/// # Errors
/// `unavailable`.
pub async fn create_in(tx: &mut Tx, kind: Kind, user_id: Option<&str>, public_url: &str, at: Millis) -> Result<String> {
    match user_id {
        Some(user_id) => links::end_of_user(tx.on(), at, user_id).await?,
        None => links::end_of_kind(tx.on(), at, kind.name()).await?,
    };
    let token = URL_SAFE_NO_PAD.encode(random::<32>());
    links::insert(tx.on(), &hash(&token), kind.name(), user_id, at, at + LIFETIME).await?;
    Ok(format!("{public_url}{}?token={token}", kind.page()))
}

/// Creates a set-up link if there is no administrator, and invalidates the previous one.
///
/// # Errors
/// `unavailable`.
pub async fn first_set_up(db: &Db, public_url: &str, at: Millis) -> Result<Option<String>> {
    let mut tx = db.begin().await?;
    lock_administrators(&mut tx).await?;
    if administrator_exists_in(&mut tx).await? {
        return Ok(None);
    }
    let link = create_in(&mut tx, Kind::Setup, None, public_url, at).await?;
    tx.commit().await?;
    Ok(Some(link))
}

/// The data of a link's page; `None` for an invalid link. Changes nothing.
///
/// # Errors
/// `unavailable`.
pub async fn open(context: &RequestContext, kind: Kind, token: &str) -> Result<Option<OpenedLink>> {
    if kind == Kind::Setup && administrator_exists(&context.panel.db).await? {
        return Ok(None);
    }
    Ok(find(context, kind, token).await?.map(|(_, email)| OpenedLink { email }))
}

/// Whether an administrator exists.
///
/// # Errors
/// `unavailable`.
pub async fn administrator_exists(db: &Db) -> Result<bool> {
    Ok(users::find_administrator(db.reader()).await?.is_some())
}

pub(super) async fn administrator_exists_in(tx: &mut Tx) -> Result<bool> {
    Ok(users::find_administrator(tx.on()).await?.is_some())
}

/// A turn in a link's queue, with the bucket that counts its attempts.
pub(super) struct LinkTurn {
    pub bucket: String,
    _turn: Turn,
}

/// The user of a link, and the turn in its queue. Requests without a valid link neither queue
/// nor hash.
pub(super) async fn take_turn(context: &RequestContext, kind: Kind, token: &str) -> Result<(Option<String>, LinkTurn)> {
    let found = user_of(context, kind, token).await?;
    let bucket = format!("link:{}", URL_SAFE_NO_PAD.encode(hash(token)));
    let turn = context.panel.turns.take(&bucket).await?;
    let found = if turn.waited { user_of(context, kind, token).await? } else { found };
    Ok((found, LinkTurn { bucket, _turn: turn }))
}

/// The user of a link, if the link is valid. Changes nothing.
async fn user_of(context: &RequestContext, kind: Kind, token: &str) -> Result<Option<String>> {
    let found = find(context, kind, token).await?;
    found.map(|(user_id, _)| user_id).ok_or_else(invalid_link)
}

/// A user's id and email. Both are absent for a set-up link.
type Owner = (Option<String>, Option<String>);

async fn find(context: &RequestContext, kind: Kind, token: &str) -> Result<Option<Owner>> {
    let db = context.panel.db.reader();
    let now = context.info.now;
    let found = links::find(db, &hash(token), kind.name(), now).await?;
    Ok(found.filter(|(_, _, made_at)| !is_ahead(*made_at, now)).map(|(user_id, email, _)| (user_id, email)))
}

pub(super) async fn use_up(tx: &mut Tx, context: &RequestContext, kind: Kind, token: &str) -> Result<()> {
    let used = links::use_up(tx.on(), context.info.now, &hash(token), kind.name()).await?;
    if used == 1 { Ok(()) } else { Err(invalid_link()) }
}

pub(super) fn invalid_link() -> Error {
    Error::field("token", Text::FieldTokenInvalid)
}
