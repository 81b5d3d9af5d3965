//! The box that ticks every box of its table, and how many are ticked. Both need the program.

use leptos::prelude::*;

use crate::model::text::Text;
use crate::ui::page::t;

/// The box, above its table. Their form is marked by `data-choose`.
#[component]
pub fn ChooseAll() -> impl IntoView {
    view! {
        <p class="choose-all needs-wasm">
            <label class="check">
                <input type="checkbox" data-choose-all="" autocomplete="off"/>
                <span>{t(Text::DeskChooseAll)}</span>
            </label>
            <span class="chosen" data-chosen="" role="status"></span>
        </p>
    }
}
