//! # kafkasder-panel: the front door of an association's panel
//!
//! | room | what is in it |
//! |---|---|
//! | [`model`] | words both sides share: plain types, parsers, rules |
//! | [`api`] | the wire: server functions at fixed URLs |
//! | [`ui`] | the browser: store, components, pages |
//! | [`app`] | shell, contexts, every page route on one screen |
//! | `server` | the machine: everything that only the server has |
//!
//! Imports point one way: `ui → api → server → db`, and all may use `model`.

#![recursion_limit = "256"]

pub mod api;
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

/// Takes over the page that the server has rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // A program that has panicked does nothing more: its page goes on without it.
    std::panic::set_hook(Box::new(|panic| {
        ui::plain::give_up();
        console_error_panic_hook::hook(panic);
    }));
    leptos::mount::hydrate_body(app::App);
}
