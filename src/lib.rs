//! # kafkasder-panel: the front door of an association's panel
//!
//! | room | what is in it |
//! |---|---|
//! | [`model`] | words both sides share: plain types, parsers, rules |
//! | [`api`] | the wire: server functions at fixed URLs |
//! | `app` | the pages, rendered by the server alone: shell, routes, markup |
//! | [`ui`] | the browser's program, and the markup that it shares with pages |
//! | `server` | the machine: everything that only the server has |
//!
//! Imports point one way: `app → ui → api → server → db`, and all may use `model`.

#![recursion_limit = "256"]

pub mod api;
#[cfg(feature = "ssr")]
pub mod app;
pub mod model;
#[cfg(feature = "ssr")]
pub mod server;
pub mod ui;

/// The application, as the server is given it.
#[cfg(feature = "ssr")]
pub const FRONT: server::http::front::Front = server::http::front::Front {
    shell: |options| leptos::prelude::IntoAny::into_any(app::shell(options)),
    routes: || leptos_axum::generate_route_list(app::App),
};

/// The program begins. Called by the loader in the page's head; see `app::program`.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // A program that has panicked does nothing more: its page goes on without it.
    std::panic::set_hook(Box::new(|panic| {
        ui::plain::give_up();
        console_error_panic_hook::hook(panic);
    }));
    ui::program::wake();
}
