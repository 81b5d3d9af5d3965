//! The application that the server renders. `main` hands it over, so that nothing
//! in the server names a page.

use leptos::config::LeptosOptions;
use leptos::prelude::AnyView;
use leptos_axum::AxumRouteListing;

/// The application, as far as the router needs it.
#[derive(Clone, Copy)]
pub struct Front {
    /// The document around every page.
    pub shell: fn(LeptosOptions) -> AnyView,
    /// The pages' routes.
    pub routes: fn() -> Vec<AxumRouteListing>,
}
