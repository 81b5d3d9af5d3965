//! The browser: the store of who is signed in, its mirror, components, pages.
//!
//! | file | what is in it |
//! |---|---|
//! | [`auth_store`] | the Zustand store's twin |
//! | [`storage`] | its mirror in `localStorage` |
//! | [`other_tabs`] | how tabs agree on who is signed in |
//! | [`preferences`], [`keep`] | language and theme; what is typed survives a change of language |
//! | [`file`] | a chosen file, before it is sent |
//! | [`session_life`] | when the session ends, and what then |
//! | [`leaving`] | the mark of a sign-out that the server has not heard of |
//! | [`browser`] | the few things only a browser's window does |
//! | [`plain`] | the page without its program |
//! | [`page`] | what a component may ask about the page it is on |
//! | [`words`] | roles and permissions in words |

pub mod auth_store;
pub mod browser;
pub mod components;
pub mod file;
pub mod keep;
pub mod leaving;
pub mod other_tabs;
pub mod page;
pub mod pages;
pub mod plain;
pub mod preferences;
pub mod session_life;
pub mod storage;
pub mod words;

#[cfg(all(test, target_arch = "wasm32"))]
mod testing;
