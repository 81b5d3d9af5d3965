//! The grid: a row for each permission, a column for each role.

use leptos::prelude::*;

use crate::app::components::filter::address;
use crate::model::permission::{ADMINISTRATOR, Permission, Permissions};
use crate::model::roles::RoleItem;
use crate::model::text::{self, Text};
use crate::model::words;
use crate::ui::page::{lang, t};

/// Who may do what, by role.
#[component]
pub fn Grid(roles: Vec<RoleItem>, rights: Permissions) -> impl IntoView {
    let heads = roles.iter().map(|role| view! { <Head role=role.clone() rights/> }).collect_view();
    let rows = Permission::ALL.map(|permission| {
        let cells = roles
            .iter()
            .map(|role| {
                let has = role.permissions.contains(&permission);
                let words = t(if has { Text::RolesYes } else { Text::RolesNo });
                view! {
                    <td class="grid-cell" class:grid-yes=has data-label=role.label.clone()>
                        <span class="grid-mark" aria-hidden="true"></span>
                        <span class="visually-hidden">{words}</span>
                    </td>
                }
            })
            .collect_view();
        view! {
            <tr>
                <th class="grid-row" scope="row">
                    <span class="grid-permission">{t(words::permission(permission))}</span>
                    <span class="table-email">{t(words::about_permission(permission))}</span>
                </th>
                {cells}
            </tr>
        }
    });
    view! {
        <div class="panel" id="roles">
            // Scrolls sideways where many roles do not fit, also by keyboard.
            <div class="grid-frame" tabindex="0" role="region" aria-label=t(Text::RolesTitle)>
                <table class="grid">
                    <thead>
                        <tr>
                            <th class="grid-row" scope="col">{t(Text::RolesPermission)}</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows.into_iter().collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}

#[component]
fn Head(role: RoleItem, rights: Permissions) -> impl IntoView {
    let people = text::role_people(lang(), role.people);
    let list = address("/users", [("role", role.name.as_str())]);
    let change = (role.name != ADMINISTRATOR && role.is_within(rights)).then(|| {
        let about = text::roles_change_of(lang(), &role.label);
        let edit = format!("{}#role", address("/roles", [("edit", role.name.as_str())]));
        view! { <a class="table-link" href=edit aria-label=about>{t(Text::RolesChange)}</a> }
    });
    view! {
        <th class="grid-head" scope="col">
            <span class="grid-name">{role.label}</span>
            <a class="table-link" href=list>{people}</a>
            {change}
        </th>
    }
}
