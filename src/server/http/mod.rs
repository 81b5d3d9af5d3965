//! The layers that a request passes, in order.
//!
//! | file | what is in it |
//! |---|---|
//! | [`router`] | every route and layer on one screen |
//! | [`observe`] | the request's id and log line |
//! | [`headers`] | the headers of every response |
//! | [`host`], [`scheme`] | the request's host; HTTP or HTTPS |
//! | [`present`], [`refusal`], [`render`] | errors as an envelope, as a page, or as a redirect back to a form |
//! | [`framing`], [`upload`] | method, size and type; the body of a picture |
//! | [`old_worker`] | removing an earlier application's service worker from browsers |
//! | [`sender`], [`csrf`] | the two protections against cross-site requests |
//! | [`identity`], [`navigation`] | authentication; redirects of pages |
//! | [`page`] | loading a page's data |
//! | [`reads`], [`events`], [`pictures`], [`assets`] | handlers |
//! | [`front`] | the application that `main` passes in |
//! | [`redirect`], [`set_cookies`] | the 303 response; cookies that layers set |

mod assets;
mod csrf;
mod events;
mod framing;
pub mod front;
mod headers;
mod host;
mod identity;
mod navigation;
mod observe;
mod old_worker;
mod page;
mod pictures;
mod present;
mod reads;
mod redirect;
pub mod refusal;
mod refused;
mod render;
mod resume;
pub mod router;
mod scheme;
pub mod sender;
mod set_cookies;
mod upload;
