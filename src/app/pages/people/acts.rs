//! The acts on several people, for those who are ticked and for everybody found.

use leptos::prelude::*;

use crate::model::forms::{DISABLE, ENABLE, REQUIRE_PASSWORD, UNLOCK};
use crate::model::roles::RoleChoice;
use crate::model::text::Text;
use crate::ui::page::t;

/// The buttons of a form that posts to "Assign", and the fields of that.
#[component]
pub fn Acts(roles: Vec<RoleChoice>) -> impl IntoView {
    let act = |action: &'static str, label: Text| {
        view! { <button class="button button-quiet" type="submit" formaction=action>{t(label)}</button> }
    };
    let roles = roles.into_iter().map(|role| view! { <option value=role.name>{role.label}</option> });
    view! {
        <div class="actions">
            {act(DISABLE.action, Text::ActDisable)}
            {act(ENABLE.action, Text::ActEnable)}
            {act(UNLOCK.action, Text::ActUnlock)}
            {act(REQUIRE_PASSWORD.action, Text::ActRequirePassword)}
        </div>
        <div class="toolbar">
            <div class="field">
                <label class="field-label" for="assign-role">{t(Text::FieldRole)}</label>
                <select class="input" id="assign-role" name="assign.role">
                    <option value="">{t(Text::ActRoleUnchanged)}</option>
                    {roles.collect_view()}
                </select>
            </div>
            <div class="field">
                <label class="field-label" for="assign-add">{t(Text::ActAddLabels)}</label>
                <input class="input" id="assign-add" name="assign.addLabels" type="text" autocomplete="off"/>
            </div>
            <div class="field">
                <label class="field-label" for="assign-remove">{t(Text::ActRemoveLabels)}</label>
                <input class="input" id="assign-remove" name="assign.removeLabels" type="text" autocomplete="off"/>
            </div>
            <button class="button" type="submit">{t(Text::ActAssign)}</button>
        </div>
    }
}
