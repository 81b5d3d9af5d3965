//! The policy's keys: their labels, hints and warnings.

use leptos::prelude::*;

use crate::app::components::number_field::NumberField;
use crate::app::components::select_field::SelectField;
use crate::model::policy::{BOUNDS, Policy};
use crate::model::text::{self, Text};
use crate::ui::components::form::FormState;
use crate::ui::page::{lang, t};

/// A key of the policy, with its label.
#[derive(Clone, Copy)]
pub struct Setting {
    pub key: &'static str,
    pub label: Text,
}

const fn setting(key: &'static str, label: Text) -> Setting {
    Setting { key, label }
}

/// Every key, in groups.
pub const SETTINGS: [(Text, &[Setting]); 5] = [
    (
        Text::SettingsGroupSessions,
        &[
            setting("idleTimeoutMinutes", Text::SettingIdleTimeoutMinutes),
            setting("sessionLimit", Text::SettingSessionLimit),
        ],
    ),
    (
        Text::SettingsGroupRemember,
        &[
            setting("rememberMe", Text::SettingRememberMe),
            setting("rememberMeDays", Text::SettingRememberMeDays),
            setting("idleAppliesToRemembered", Text::SettingIdleAppliesToRemembered),
        ],
    ),
    (
        Text::SettingsGroupGuessing,
        &[
            setting("maxAttempts", Text::SettingMaxAttempts),
            setting("attemptWindowMinutes", Text::SettingAttemptWindowMinutes),
            setting("lockoutMinutes", Text::SettingLockoutMinutes),
            setting("addressLimit", Text::SettingAddressLimit),
        ],
    ),
    (Text::SettingsGroupPasswords, &[setting("passwordMinLength", Text::SettingPasswordMinLength)]),
    (Text::SettingsGroupRecords, &[setting("retentionDays", Text::SettingRetentionDays)]),
];

/// The label of a key.
pub fn label(key: &str) -> Option<Text> {
    SETTINGS.iter().flat_map(|(_, settings)| *settings).find(|setting| setting.key == key).map(|setting| setting.label)
}

/// A key's value as a form has it: digits, `true` or `false`.
pub fn value_of(policy: &Policy, key: &str) -> String {
    serde_json::to_value(policy).ok().and_then(|json| json.get(key).map(ToString::to_string)).unwrap_or_default()
}

/// A value in words.
pub fn words(value: &str) -> String {
    match value {
        "true" => t(Text::SettingOn).to_owned(),
        "false" => t(Text::SettingOff).to_owned(),
        number => number.to_owned(),
    }
}

/// Why a value is weaker than NIST or OWASP advise.
fn warning(key: &str, policy: &Policy) -> Option<Text> {
    match key {
        "idleTimeoutMinutes" if policy.idle_timeout_minutes > 60 => Some(Text::SettingsWarningIdle),
        "attemptWindowMinutes" if policy.attempt_window_minutes < 5 => Some(Text::SettingsWarningWindow),
        "lockoutMinutes" if policy.lockout_minutes < 5 => Some(Text::SettingsWarningLockout),
        "addressLimit" if policy.address_limit > 1000 => Some(Text::SettingsWarningAddress),
        "sessionLimit" if policy.session_limit == 0 => Some(Text::SettingsWarningUnlimited),
        _ => None,
    }
}

/// The field of a key, with what else there is to say about it.
#[component]
pub fn Row(
    setting: Setting,
    /// The value in force.
    stored: String,
    shipped: String,
    policy: Policy,
    state: FormState,
    /// Whether somebody else has saved meanwhile.
    conflict: bool,
) -> impl IntoView {
    let Setting { key, label } = setting;
    let bounds = BOUNDS.iter().find(|(name, ..)| *name == key);
    let field = match bounds {
        Some((_, min, max)) => {
            let hint = text::settings_bounds(lang(), max, min, &shipped);
            view! { <NumberField state name=key label hint value=stored.clone()/> }.into_any()
        }
        None => {
            let options = [("true", Text::SettingOn), ("false", Text::SettingOff)];
            let options = options.map(|(value, words)| (value.to_owned(), t(words).to_owned())).to_vec();
            let value = if stored == "true" { "true" } else { "false" };
            view! { <SelectField state name=key label options value/> }.into_any()
        }
    };
    let now = (conflict && state.typed_or(key, &stored) != stored)
        .then(|| view! { <p class="notice notice-warning">{text::settings_now(lang(), words(&stored))}</p> });
    let warning = warning(key, &policy).map(|text| view! { <p class="notice notice-warning">{t(text)}</p> });
    let reset = (stored != shipped).then(|| {
        view! {
            <button class="button button-quiet settings-reset" type="submit" name="restore" value=key>
                {text::settings_reset_key(lang(), words(&shipped))}
                <span class="visually-hidden">": "{t(label)}</span>
            </button>
        }
    });
    view! { <div class="setting">{field} {reset} {now} {warning}</div> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_the_policy_has_a_row() {
        let json = serde_json::to_value(Policy::default()).unwrap();
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        for key in &keys {
            assert!(label(key).is_some(), "{key}");
        }
        assert_eq!(SETTINGS.iter().map(|(_, settings)| settings.len()).sum::<usize>(), keys.len());
    }
}
