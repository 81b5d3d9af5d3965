//! One-time links: the set-up of the first administrator and activations.
//!
//! Of a link only its token's hash is kept. Opening one changes nothing; its
//! POST spends it, and of parallel POSTs one wins.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::audit::Action;
use super::clock::{DAY, MINUTE, Millis, is_ahead};
use super::db::{Db, Tx, execute, fetch_optional, queries};
use super::error::Result;
use super::keys::random;
use super::lockout::buckets::{self, Limit};
use super::lockout::turns::Turn;
use super::pages::ready_cookie;
use super::passwords::NewPassword;
use super::request::Asked;
use super::sessions::hash;
use super::users::{NewUser, UserColumns, add_in, hold_administrators};
use super::{lockout, policy};
use crate::model::account::{Activation, FirstAdministrator, Ready};
use crate::model::email::Email;
use crate::model::failure::{Code, Failure};
use crate::model::profile::person_name;
use crate::model::snapshot::OpenedLink;
use crate::model::text::Text;

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

/// How many passwords a link may be tried with: nobody needs so many, and each
/// that meets the plain rules is judged at a cost.
const TRIES: Limit = Limit { attempts: 30, window: 15 * MINUTE, lock: None };

/// How long a link can be used: three days carry an invitation over a weekend.
const LIFETIME: Millis = 3 * DAY;

/// Makes a link; ends the ones it takes the place of. The link is the only copy of its token.
///
/// # Errors
/// `unavailable`.
pub async fn make_in(tx: &mut Tx, kind: Kind, user_id: Option<&str>, public_url: &str, at: Millis) -> Result<String> {
    match user_id {
        Some(user_id) => execute!(tx.on(), queries::LINKS_END_OF_USER, at, user_id)?,
        None => execute!(tx.on(), queries::LINKS_END_OF_KIND, at, kind.name())?,
    };
    let token = URL_SAFE_NO_PAD.encode(random::<32>());
    execute!(tx.on(), queries::LINK_INSERT, &hash(&token)[..], kind.name(), user_id, at, at + LIFETIME)?;
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

/// Makes the first administrator.
///
/// # Errors
/// `validation_failed` naming the field, `token` for a link that can't be used.
pub async fn set_up(asked: &Asked, wanted: &FirstAdministrator) -> Result<Ready> {
    let (panel, lang) = (&asked.panel, asked.visit.lang());
    let (_, turn) = enter(asked, Kind::Setup, &wanted.token).await?;
    let name = person_name(&wanted.name);
    let name = &name.ok_or_else(|| Failure::field("name", Text::FieldNameInvalid.to(lang)))?;
    let email = Email::parse(&wanted.email).ok_or_else(|| Failure::field("email", Text::FieldEmailInvalid.to(lang)))?;
    let password_hash = new_password(asked, &turn, &wanted.password, name, email.local_part()).await?;

    let mut tx = panel.db.begin().await?;
    hold_administrators(&mut tx).await?;
    // Spent first: who holds the row decides, also whether somebody was faster.
    spend(&mut tx, asked, Kind::Setup, &wanted.token).await?;
    if administrator_exists_in(&mut tx).await? {
        return Err(unusable(asked));
    }
    let new = NewUser { email: &email, name, role: "admin", password_hash: Some(&password_hash) };
    let added = add_in(&mut tx, &new, asked.event(Action::UserCreated)).await;
    added.map_err(|failure| match failure.code {
        Code::Conflict => Failure::field("email", Text::FieldEmailTaken.to(lang)),
        _ => failure,
    })?;
    lockout::lift(&mut tx, &email).await?;
    tx.commit().await?;
    Ok(ready(asked, email.as_str()))
}

/// Sets the first password of somebody who was invited.
///
/// # Errors
/// `validation_failed` naming the field, `token` for a link that can't be used.
pub async fn activate(asked: &Asked, wanted: &Activation) -> Result<Ready> {
    let db = &asked.panel.db;
    let (user_id, turn) = enter(asked, Kind::Activation, &wanted.token).await?;
    let user_id = user_id.ok_or_else(|| unusable(asked))?;
    let user = fetch_optional!(db.reader(), UserColumns, queries::USER_BY_ID, user_id.as_str())?
        .ok_or_else(|| unusable(asked))?;
    let local_part = user.email.split('@').next().unwrap_or_default();
    let password_hash = new_password(asked, &turn, &wanted.password, &user.name, local_part).await?;

    let mut tx = db.begin().await?;
    spend(&mut tx, asked, Kind::Activation, &wanted.token).await?;
    if execute!(tx.on(), queries::USER_ACTIVATE, password_hash.as_str(), asked.visit.now, user_id.as_str())? == 0 {
        return Err(unusable(asked));
    }
    asked.event(Action::UserActivated).by(&user_id).of(&user_id).write(&mut tx).await?;
    tx.commit().await?;
    Ok(ready(asked, &user.email))
}

/// A link for the page it leads to, unless it can't be used. Changes nothing.
///
/// # Errors
/// `unavailable`.
pub async fn open(asked: &Asked, kind: Kind, token: &str) -> Result<Option<OpenedLink>> {
    if kind == Kind::Setup && administrator_exists(&asked.panel.db).await? {
        return Ok(None);
    }
    Ok(find(asked, kind, token).await?.map(|(_, email)| OpenedLink { email }))
}

/// On to the sign-in page, which knows the address already.
fn ready(asked: &Asked, email: &str) -> Ready {
    asked.set_cookies(ready_cookie(&asked.panel, email));
    Ready { email: email.to_owned() }
}

/// Checks, charges and hashes a new password: judging one takes time, so a link
/// has so many tries, one at a time.
async fn new_password(asked: &Asked, turn: &LinkTurn, password: &str, name: &str, local_part: &str) -> Result<String> {
    let (panel, now, lang) = (&asked.panel, asked.visit.now, asked.visit.lang());
    let min_length = policy::read(&panel.db).await?.policy.password_min_length;
    let new = NewPassword { password, min_length, name, local_part, field: "password", lang };
    new.check()?;
    // The place before the charge: a 503 counts nowhere.
    let place = panel.hasher.reserve()?;
    let mut tx = panel.db.begin().await?;
    let charged = buckets::charge(&mut tx, &turn.bucket, &Uuid::now_v7().to_string(), TRIES, now).await?;
    charged.map_err(|full| lockout::too_many(full, now, lang))?;
    tx.commit().await?;
    new.hash(place).await
}

/// Whether anybody is an administrator.
///
/// # Errors
/// `unavailable`.
pub async fn administrator_exists(db: &Db) -> Result<bool> {
    Ok(fetch_optional!(db.reader(), (String,), queries::ADMINISTRATOR_EXISTS)?.is_some())
}

async fn administrator_exists_in(tx: &mut Tx) -> Result<bool> {
    Ok(fetch_optional!(tx.on(), (String,), queries::ADMINISTRATOR_EXISTS)?.is_some())
}

/// A turn at a link, with the bucket its tries are counted in.
struct LinkTurn {
    bucket: String,
    _turn: Turn,
}

/// The user a link is for, and the turn at it. Strangers without a link wait for
/// nothing and hash nothing.
async fn enter(asked: &Asked, kind: Kind, token: &str) -> Result<(Option<String>, LinkTurn)> {
    let found = look(asked, kind, token).await?;
    let bucket = format!("link:{}", URL_SAFE_NO_PAD.encode(hash(token)));
    let turn = asked.panel.turns.take(&bucket).await?;
    let found = if turn.waited { look(asked, kind, token).await? } else { found };
    Ok((found, LinkTurn { bucket, _turn: turn }))
}

/// The user a link is for, if it can still be used; changes nothing.
async fn look(asked: &Asked, kind: Kind, token: &str) -> Result<Option<String>> {
    let found = find(asked, kind, token).await?;
    found.map(|(user_id, _)| user_id).ok_or_else(|| unusable(asked))
}

/// A user's id and address, both absent where the link is nobody's; and when it was made.
type Found = (Option<String>, Option<String>, Millis);

/// A user's id and address, both absent where the link is nobody's.
type Owner = (Option<String>, Option<String>);

async fn find(asked: &Asked, kind: Kind, token: &str) -> Result<Option<Owner>> {
    let db = asked.panel.db.reader();
    let now = asked.visit.now;
    let found = fetch_optional!(db, Found, queries::LINK_LOOK, &hash(token)[..], kind.name(), now)?;
    Ok(found.filter(|(_, _, made_at)| !is_ahead(*made_at, now)).map(|(user_id, email, _)| (user_id, email)))
}

async fn spend(tx: &mut Tx, asked: &Asked, kind: Kind, token: &str) -> Result<()> {
    let spent = execute!(tx.on(), queries::LINK_SPEND, asked.visit.now, &hash(token)[..], kind.name())?;
    if spent == 1 { Ok(()) } else { Err(unusable(asked)) }
}

fn unusable(asked: &Asked) -> Failure {
    Failure::field("token", Text::FieldTokenInvalid.to(asked.visit.lang()))
}
