//! A dialog over the page: the browser's own, which keeps the focus inside.

use leptos::ev::{Event, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;

use crate::ui::browser;

/// A dialog that is open for as long as it is on the page. Its title and its
/// text have the ids `{id}-title` and `{id}-text`.
///
/// Escape does `on_escape`, else nothing. Where it covers, the page behind is
/// not shown at all, by a style that spares [`DialogFrame`]s alone.
#[component]
pub fn DialogFrame(
    id: &'static str,
    /// `dialog`, or `alertdialog` for what cannot wait.
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
        // Fails only on one that is open already.
        dialog.show_modal().ok();
        if covers {
            browser::cover();
        }
    });
    // The page comes back first: the browser returns the focus to where it was
    // only if it can be seen there.
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
    // What no key has asked for, such as the back gesture, closes nothing either.
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
