//! The browser's program: what moves on pages that the server has rendered.
//!
//! Nothing is hydrated. What the program shows of its own (overlays) it renders into
//! an element of its own; what the server has rendered it finds by selectors, when it
//! needs it. So nothing that an extension or a translator does to a page can break it,
//! and pages, lists and their texts are in nobody's program.
//!
//! | file | what is in it |
//! |---|---|
//! | [`program`] | how it begins |
//! | [`auth_store`] | the Zustand store's twin |
//! | [`storage`] | its mirror in `localStorage` |
//! | [`session_life`] | when the session ends, and what then |
//! | [`tabs`] | the one channel between tabs |
//! | [`pulse`] | whether this page has stood still, and hears what is old |
//! | [`forms`], [`form`] | every form of a page, sent by the program |
//! | [`countdown`], [`password_help`], [`picture`] | what helps while forms are filled in |
//! | [`in_place`] | the page is brought up to date without leaving it |
//! | [`header`] | who one is, at the top of the page |
//! | [`preferences`], [`keep`] | language and theme; what is typed survives a change of language |
//! | [`components`] | overlays, and the markup that pages and overlays share |
//! | [`leaving`] | the mark of a sign-out that the server has not heard of |
//! | [`browser`], [`dom`] | the few things only a browser's window does; short words for its elements |
//! | [`plain`] | the page without its program |
//! | [`page`], [`words`] | the page's language; roles and permissions in words |

pub mod auth_store;
pub mod browser;
pub mod components;
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
pub mod words;

#[cfg(all(test, target_arch = "wasm32"))]
mod testing;
