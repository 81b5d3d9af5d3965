//! The browser's program: the dynamic parts of server-rendered pages.
//!
//! Nothing is hydrated. The program renders overlays into their own element, and finds
//! server-rendered elements by selectors when it needs them. So extensions and translators that
//! change the page can't break it, and the program contains neither pages nor their texts.
//!
//! | file | what is in it |
//! |---|---|
//! | [`program`] | the start |
//! | [`auth_store`] | the signed-in user, as the old panel's Zustand store had it |
//! | [`storage`] | its mirror in `localStorage` |
//! | [`session_life`] | the session's expiry and end |
//! | [`tabs`] | the channel between tabs |
//! | [`pulse`] | detects that this page stood still and reads old messages |
//! | [`forms`], [`form`] | submitting the page's forms |
//! | [`countdown`], [`copy`], [`password_help`], [`picture`] | help while a form is filled in |
//! | [`in_place`] | refreshing the page without leaving it |
//! | [`header`] | the user at the top of the page |
//! | [`preferences`], [`keep`] | language and theme; typed text survives a change of language |
//! | [`components`] | overlays, and markup shared by pages and overlays |
//! | [`leaving`] | the flag of a pending sign-out |
//! | [`browser`], [`dom`] | operations on the window and on elements |
//! | [`plain`] | the page without its program |

pub mod auth_store;
pub mod browser;
pub mod choosing;
pub mod components;
pub mod copy;
pub mod countdown;
pub mod dom;
pub mod form;
pub mod forms;
pub mod header;
pub mod in_place;
pub mod keep;
pub mod leaving;
pub mod page;
pub mod password_help;
pub mod picture;
pub mod plain;
pub mod preferences;
pub mod program;
pub mod pulse;
pub mod session_life;
pub mod storage;
pub mod tabs;

#[cfg(all(test, target_arch = "wasm32"))]
mod testing;
