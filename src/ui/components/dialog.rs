//! A modal dialog: the browser's `<dialog>`, which traps the focus.

use leptos::ev::{Event, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;

use crate::ui::browser;

/// A dialog that is open while it is in the page. The ids of its title and text are `{id}-title`
/// and `{id}-text`.
///
/// Escape calls `on_escape`, if there is one. With `covers`, CSS hides everything on the page except
/// [`DialogFrame`]s.
#[component]
pub fn DialogFrame(
    id: &'static str,
    /// `dialog`, or `alertdialog` for an urgent one.
    role: &'static str,
    title: &'static str,
    /// Whether the page behind is hidden meanwhile.
    #[prop(optional)]
    covers: bool,
    #[prop(optional)] on_escape: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        // Fails only if the dialog is open already.
        dialog.show_modal().ok();
        if covers {
            browser::cover();
        }
    });
    // Uncovers the page first: the browser returns the focus only to an element that is visible.
    on_cleanup(move || {
        if covers {
            browser::uncover();
        }
        if let Some(dialog) = node.try_get_untracked().flatten() {
            dialog.close();
        }
    });
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            if let Some(on_escape) = on_escape {
                on_escape.run(());
            }
        }
    };
    // Other ways to cancel, such as the back gesture, don't close it either.
    let stay = move |event: Event| event.prevent_default();
    view! {
        <dialog
            node_ref=node
            class=if covers { "dialog dialog-covers" } else { "dialog" }
            role=role
            aria-labelledby=format!("{id}-title")
            aria-describedby=format!("{id}-text")
            on:keydown=key
            on:cancel=stay
        >
            <h2 id=format!("{id}-title") class="dialog-title">{title}</h2>
            {children()}
        </dialog>
    }
}
