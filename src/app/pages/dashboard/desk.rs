//! For administrators: what there is, and what needs a look. Each number leads to its list.

use leptos::prelude::*;

use crate::model::desk::{Figures, SessionsPage};
use crate::model::number::counted;
use crate::model::text::Text;
use crate::ui::page::{lang, t};

/// The numbers.
#[component]
pub fn Desk(figures: Figures) -> impl IntoView {
    let line = |href: &'static str, label: Text, count: u32, alarming: bool| {
        // Sessions are counted no further; of the others there are fewer.
        let most = if label == Text::DeskLiveSessions { SessionsPage::COUNTED } else { u32::MAX };
        let class = if alarming && count > 0 { "badge badge-warning" } else { "badge" };
        view! {
            <li>
                <a class="table-link" href=href>{t(label)}</a>
                <span class=class>{counted(lang(), count, most)}</span>
            </li>
        }
    };
    view! {
        <section class="panel" id="desk" aria-labelledby="desk-title">
            <h2 id="desk-title">{t(Text::DeskTitle)}</h2>
            <ul class="figures">
                {figures.live_sessions.map(|count| line("/sessions", Text::DeskLiveSessions, count, false))}
                {line("/lockouts", Text::DeskLocked, figures.locked, true)}
                {line("/lockouts?kind=address", Text::DeskLockedAddresses, figures.locked_addresses, true)}
                {line("/users?state=invited", Text::DeskInvited, figures.invited, false)}
                {line("/users?role=admin&state=active", Text::DeskAdministrators, figures.administrators, false)}
                {line("/users?role=admin&lastActive=90", Text::DeskDormant, figures.dormant_administrators, true)}
                {line("/users?state=invited&sort=createdAt", Text::DeskExpiring, figures.expiring_invitations, true)}
            </ul>
        </section>
    }
}
