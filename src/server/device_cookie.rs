//! The `device` cookie: proves that a user has signed in on this browser before.
//!
//! It grants no access. It only decides where wrong passwords are counted: in a separate bucket
//! of the browser. An attacker who keeps the email locked therefore does not lock out its owner
//! (see [`lockout`](super::lockout)).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::server::clock::{DAY, Millis, is_ahead};
use crate::server::cookie::{open, seal};
use crate::server::keys::random;
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// How long a cookie is valid: as long as browsers keep it at most.
const LIFETIME: Millis = 400 * DAY;

/// The payload of the sealed cookie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeviceClaim {
    pub user_id: String,
    /// Random; part of the bucket's name.
    pub device_id: String,
    /// `users.device_epoch` when the cookie was issued. A new password increments it, which
    /// invalidates all older cookies.
    pub epoch: i64,
    /// When the cookie was issued or renewed. `None` in cookies from before this field existed.
    #[serde(default)]
    pub given_at: Option<Millis>,
}

/// The device of a request, if its cookie belongs to this user and epoch, and has not expired
/// and is not dated in the future. Any other cookie (another user's, outdated, forged, or two
/// of the name) counts as absent.
pub fn device_of(panel: &Panel, info: &RequestInfo, user_id: &str, epoch: i64) -> Option<DeviceClaim> {
    let keys = panel.keys.all().iter().map(|keys| &keys.device);
    let (claim, _) = open::<DeviceClaim>(panel.cookies.device, keys, info.device.as_deref()?)?;
    let in_time = claim.given_at.is_none_or(|at| !is_ahead(at, info.now) && info.now < at + LIFETIME);
    (claim.user_id == user_id && claim.epoch == epoch && in_time).then_some(claim)
}

/// The cookie of a successful sign-in: the browser's current device for another 400 days, or a
/// new one.
pub fn sign_in_cookie(panel: &Panel, info: &RequestInfo, user_id: &str, epoch: i64) -> HeaderValue {
    match device_of(panel, info, user_id, epoch) {
        Some(claim) => set(panel, DeviceClaim { given_at: Some(info.now), ..claim }),
        None => new_device_cookie(panel, user_id, epoch, info.now),
    }
}

/// A new device for a user. Used after a password change, with the epoch that the change
/// incremented.
pub fn new_device_cookie(panel: &Panel, user_id: &str, epoch: i64, now: Millis) -> HeaderValue {
    let device_id = URL_SAFE_NO_PAD.encode(random::<16>());
    set(panel, DeviceClaim { user_id: user_id.to_owned(), device_id, epoch, given_at: Some(now) })
}

fn set(panel: &Panel, claim: DeviceClaim) -> HeaderValue {
    // Two strings and two numbers always serialize to JSON.
    let sealed = seal(panel.cookies.device, &panel.keys.newest().device, &claim).unwrap_or_default();
    panel.cookies.device_cookie(&sealed)
}
