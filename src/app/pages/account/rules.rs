//! The rules for a new password. While the user types, the program shows their state: see
//! [`password_help`](crate::ui::password_help).

use leptos::prelude::*;

use crate::model::text::Text;
use crate::ui::page::{lang, t};
use crate::ui::password_help::length_text;

/// The list of rules.
#[component]
pub fn Rules(
    /// The policy's `passwordMinLength`.
    min_length: u32,
) -> impl IntoView {
    view! {
        <ul class="rules" aria-label=t(Text::PasswordRules) data-min=min_length.to_string()>
            <Rule name="length" text=length_text(min_length as usize, "", lang())/>
            <Rule name="personal" text=t(Text::FieldPasswordPersonal).to_owned()/>
            <Rule name="same" text=t(Text::FieldPasswordSame).to_owned()/>
            <li class="rule">{t(Text::PasswordGuessed)}</li>
        </ul>
    }
}

#[component]
fn Rule(name: &'static str, text: String) -> impl IntoView {
    view! {
        <li class="rule" data-rule=name>
            <span>
                <span data-text="">{text}</span>
                <span class="visually-hidden" data-kept=t(Text::PasswordRuleKept) data-broken=t(Text::PasswordRuleBroken)></span>
            </span>
        </li>
    }
}
