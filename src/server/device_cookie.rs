//! The `device` cookie: in this browser, this user has signed in before.
//!
//! It opens nothing. It only decides where wrong passwords are counted: in a
//! bucket of the browser's own, so that a stranger who keeps the identifier
//! locked does not keep its owner out (see [`lockout`](super::lockout)).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::server::clock::{DAY, Millis, is_ahead};
use crate::server::cookie::{open, seal};
use crate::server::keys::random;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// How long one counts: as long as browsers keep it at most.
const LIFETIME: Millis = 400 * DAY;

/// What the sealed cookie holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeviceClaim {
    pub user_id: String,
    /// Random; it names the bucket.
    pub device_id: String,
    /// `users.device_epoch` when it was given: a new password raises it, and
    /// every older cookie is dead.
    pub epoch: i64,
    /// When it was given, or renewed; `None` in cookies of before this was noted.
    #[serde(default)]
    pub given_at: Option<Millis>,
}

/// The device a request comes from, if its cookie is this user's, of this epoch
/// and not of a time to come. Anything else (another's, older, forged, two of the
/// name) is as if there were none.
pub fn of_user(panel: &Panel, info: &RequestInfo, user_id: &str, epoch: i64) -> Option<DeviceClaim> {
    let keys = panel.keys.all().iter().map(|keys| &keys.device);
    let (claim, _) = open::<DeviceClaim>(panel.cookies.device, keys, info.device.as_deref()?)?;
    let in_time = claim.given_at.is_none_or(|at| !is_ahead(at, info.now) && info.now < at + LIFETIME);
    (claim.user_id == user_id && claim.epoch == epoch && in_time).then_some(claim)
}

/// The cookie of a successful sign-in: the browser's own device again, for
/// another 400 days, or a new one.
pub fn at_sign_in(panel: &Panel, info: &RequestInfo, user_id: &str, epoch: i64) -> HeaderValue {
    match of_user(panel, info, user_id, epoch) {
        Some(claim) => set(panel, DeviceClaim { given_at: Some(info.now), ..claim }),
        None => fresh(panel, user_id, epoch, info.now),
    }
}

/// A new device of a user: after a password change, for the browser it was made
/// in, with the epoch that the change has raised.
pub fn fresh(panel: &Panel, user_id: &str, epoch: i64, now: Millis) -> HeaderValue {
    let device_id = URL_SAFE_NO_PAD.encode(random::<16>());
    set(panel, DeviceClaim { user_id: user_id.to_owned(), device_id, epoch, given_at: Some(now) })
}

fn set(panel: &Panel, claim: DeviceClaim) -> HeaderValue {
    // Two texts and two numbers are always JSON.
    let sealed = seal(panel.cookies.device, &panel.keys.newest().device, &claim).unwrap_or_default();
    panel.cookies.device_cookie(&sealed)
}
