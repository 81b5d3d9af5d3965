//! Flash messages: a sealed cookie, valid for a minute, that the next page shows once.

use http::HeaderValue;

use crate::model::email::shown;
use crate::model::flash::Flash;
use crate::model::session::EndReason;
use crate::server::cookie::{open, seal};
use crate::server::request::RequestInfo;
use crate::server::state::Panel;

/// How long the browser keeps the flash cookie, in seconds.
const FLASH_SECONDS: i64 = 60;

/// The flash message of a request.
pub fn flash(panel: &Panel, info: &RequestInfo) -> Option<Flash> {
    let keys = panel.keys.all().iter().map(|keys| &keys.flash);
    open::<Flash>(panel.cookies.flash, keys, info.flash.as_deref()?).map(|(flash, _)| flash)
}

/// The cookie that makes the sign-in page say "your account is ready", with the email filled
/// in.
pub fn ready_cookie(panel: &Panel, email: &str) -> Option<HeaderValue> {
    let typed = [("email".to_owned(), shown(email))].into();
    flash_cookie(panel, &Flash { ready: true, typed, ..Flash::default() })
}

/// The cookie that makes the sign-in page say why a session is over. `None` if the user ended
/// it in this browser.
pub fn ended_cookie(panel: &Panel, reason: Option<EndReason>) -> Option<HeaderValue> {
    let ended = reason.filter(|reason| ![EndReason::Logout, EndReason::Replaced].contains(reason))?;
    flash_cookie(panel, &Flash { ended: Some(ended), ..Flash::default() })
}

/// The sealed cookie of a flash message.
pub fn flash_cookie(panel: &Panel, flash: &Flash) -> Option<HeaderValue> {
    let sealed = seal(panel.cookies.flash, &panel.keys.newest().flash, flash).ok()?;
    Some(panel.cookies.flash_cookie(&sealed, FLASH_SECONDS))
}

/// The cookie that makes the next page say how many sessions the form has ended.
pub fn count_cookie(panel: &Panel, ended: usize) -> Option<HeaderValue> {
    flash_cookie(panel, &Flash { ended_count: Some(ended), ..Flash::default() })
}
