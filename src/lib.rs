//! # kafkasder-panel: sign-in and account pages of an association's panel
//!
//! | module | what is in it |
//! |---|---|
//! | [`model`] | types, parsers and rules shared by server and browser |
//! | [`api`] | server functions at fixed URLs, and the browser's calls to them |
//! | `app` | the pages, rendered only by the server: shell, routes, markup |
//! | [`ui`] | the browser's program, and markup that it shares with the pages |
//! | `server` | everything that runs only on the server |
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

/// The Leptos app that the server renders.
#[cfg(feature = "ssr")]
pub const FRONT: server::http::front::Front = server::http::front::Front {
    shell: |options| leptos::prelude::IntoAny::into_any(app::shell(options)),
    routes: || leptos_axum::generate_route_list(app::App),
};

/// Starts the program. Called by the loader in the page's head; see `app::program`.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // After a panic the program stops, and the page continues as plain HTML.
    std::panic::set_hook(Box::new(|panic| {
        ui::plain::give_up();
        console_error_panic_hook::hook(panic);
    }));
    ui::program::start();
}
