//! A request's way through the server, in order.
//!
//! | file | what is in it |
//! |---|---|
//! | [`router`] | every route and layer on one screen |
//! | [`observe`] | the request's id, and its log line |
//! | [`headers`] | the headers of every answer |
//! | [`host`], [`scheme`] | where the request was sent to; HTTPS or not |
//! | [`present`], [`refusal`], [`render`] | how answers leave: envelope, page, or the way back to a form |
//! | [`framing`], [`upload`] | method, size and type; a picture's body |
//! | [`old_worker`] | the end of what an earlier application left in browsers |
//! | [`sender`], [`csrf`] | two layers against cross-site requests |
//! | [`identity`], [`navigation`] | who is asking; pages that are led elsewhere |
//! | [`page`] | what a page shows |
//! | [`reads`], [`events`], [`pictures`], [`assets`] | handlers |
//! | [`front`] | the application that `main` hands over |
//! | [`redirect`], [`set_cookies`] | a 303; cookies of layers |

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
mod render;
pub mod router;
mod scheme;
pub mod sender;
mod set_cookies;
mod upload;
