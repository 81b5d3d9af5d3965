//! The application that the server renders. `main` passes it in, so that the server module
//! names no view.

use leptos::config::LeptosOptions;
use leptos::prelude::AnyView;
use leptos_axum::AxumRouteListing;

/// The parts of the application that the router needs.
#[derive(Clone, Copy)]
pub struct Front {
    /// The document around every page.
    pub shell: fn(LeptosOptions) -> AnyView,
    /// The pages' routes.
    pub routes: fn() -> Vec<AxumRouteListing>,
}
