//! One-time links: the set-up of the first administrator and activations.
//!
//! Of a link only its token's hash is kept. Opening one changes nothing; its
//! POST spends it, and of parallel POSTs one wins.
//!
//! | file | what is in it |
//! |---|---|
//! | here | making, opening and spending links |
//! | [`set_up`] | the first administrator |
//! | [`activate`] | the first password of somebody who was invited |
//! | [`password`] | the password that a link is tried with |

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
use crate::server::users::hold_administrators;

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

/// How long a link can be used: three days carry an invitation over a weekend.
const LIFETIME: Millis = 3 * DAY;

/// Makes a link; ends the ones it takes the place of. The link is the only copy of its token.
///
/// # Errors
/// `unavailable`.
pub async fn make_in(tx: &mut Tx, kind: Kind, user_id: Option<&str>, public_url: &str, at: Millis) -> Result<String> {
    match user_id {
        Some(user_id) => links::end_of_user(tx.on(), at, user_id).await?,
        None => links::end_of_kind(tx.on(), at, kind.name()).await?,
    };
    let token = URL_SAFE_NO_PAD.encode(random::<32>());
    links::insert(tx.on(), &hash(&token), kind.name(), user_id, at, at + LIFETIME).await?;
    Ok(format!("{public_url}{}?token={token}", kind.page()))
}

/// A new set-up link while there is no administrator; ends the one before.
///
/// # Errors
/// `unavailable`.
pub async fn first_set_up(db: &Db, public_url: &str, at: Millis) -> Result<Option<String>> {
    let mut tx = db.begin().await?;
    hold_administrators(&mut tx).await?;
    if administrator_exists_in(&mut tx).await? {
        return Ok(None);
    }
    let link = make_in(&mut tx, Kind::Setup, None, public_url, at).await?;
    tx.commit().await?;
    Ok(Some(link))
}

/// A link for the page it leads to, unless it can't be used. Changes nothing.
///
/// # Errors
/// `unavailable`.
pub async fn open(context: &RequestContext, kind: Kind, token: &str) -> Result<Option<OpenedLink>> {
    if kind == Kind::Setup && administrator_exists(&context.panel.db).await? {
        return Ok(None);
    }
    Ok(find(context, kind, token).await?.map(|(_, email)| OpenedLink { email }))
}

/// Whether anybody is an administrator.
///
/// # Errors
/// `unavailable`.
pub async fn administrator_exists(db: &Db) -> Result<bool> {
    Ok(users::an_administrator(db.reader()).await?.is_some())
}

pub(super) async fn administrator_exists_in(tx: &mut Tx) -> Result<bool> {
    Ok(users::an_administrator(tx.on()).await?.is_some())
}

/// A turn at a link, with the bucket its tries are counted in.
pub(super) struct LinkTurn {
    pub bucket: String,
    _turn: Turn,
}

/// The user a link is for, and the turn at it. Strangers without a link wait for
/// nothing and hash nothing.
pub(super) async fn enter(context: &RequestContext, kind: Kind, token: &str) -> Result<(Option<String>, LinkTurn)> {
    let found = look(context, kind, token).await?;
    let bucket = format!("link:{}", URL_SAFE_NO_PAD.encode(hash(token)));
    let turn = context.panel.turns.take(&bucket).await?;
    let found = if turn.waited { look(context, kind, token).await? } else { found };
    Ok((found, LinkTurn { bucket, _turn: turn }))
}

/// The user a link is for, if it can still be used; changes nothing.
async fn look(context: &RequestContext, kind: Kind, token: &str) -> Result<Option<String>> {
    let found = find(context, kind, token).await?;
    found.map(|(user_id, _)| user_id).ok_or_else(|| unusable())
}

/// A user's id and address, both absent where the link is nobody's.
type Owner = (Option<String>, Option<String>);

async fn find(context: &RequestContext, kind: Kind, token: &str) -> Result<Option<Owner>> {
    let db = context.panel.db.reader();
    let now = context.info.now;
    let found = links::find(db, &hash(token), kind.name(), now).await?;
    Ok(found.filter(|(_, _, made_at)| !is_ahead(*made_at, now)).map(|(user_id, email, _)| (user_id, email)))
}

pub(super) async fn spend(tx: &mut Tx, context: &RequestContext, kind: Kind, token: &str) -> Result<()> {
    let spent = links::spend(tx.on(), context.info.now, &hash(token), kind.name()).await?;
    if spent == 1 { Ok(()) } else { Err(unusable()) }
}

pub(super) fn unusable() -> Error {
    Error::field("token", Text::FieldTokenInvalid)
}
