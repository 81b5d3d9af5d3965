//! The policy as administrators read and save it.

use serde::{Deserialize, Deserializer, Serialize};

use super::policy::Policy;

/// The body of `POST /api/settings/policy`; `GET` answers the same without `ends`.
///
/// Numbers are wider than a policy's, so that a value out of bounds is reported at its field. A
/// field left empty in a form is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyForm {
    #[serde(deserialize_with = "number")]
    pub idle_timeout_minutes: Option<i64>,
    pub idle_applies_to_remembered: bool,
    pub remember_me: bool,
    #[serde(deserialize_with = "number")]
    pub remember_me_days: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub max_attempts: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub attempt_window_minutes: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub lockout_minutes: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub address_limit: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub session_limit: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub password_min_length: Option<i64>,
    #[serde(deserialize_with = "number")]
    pub retention_days: Option<i64>,
    /// The version that was read. A policy that was changed since is not overwritten.
    pub version: i64,
    /// How many sessions may end by saving; `None` for any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<u32>,
    /// The key to set to its default, or `all`. Sent by the buttons of the page.
    /// Not named `reset`: a button of that name would hide the method of its form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<String>,
}

/// A field that must be there. Serde would take an absent option for `None`.
fn number<'de, D: Deserializer<'de>>(value: D) -> Result<Option<i64>, D::Error> {
    Option::deserialize(value)
}

/// How many live sessions saving would end now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPreview {
    pub ends: u32,
}

impl PolicyForm {
    /// A policy with its version.
    pub fn of(policy: &Policy, version: i64) -> PolicyForm {
        let number = |value: u32| Some(i64::from(value));
        PolicyForm {
            idle_timeout_minutes: number(policy.idle_timeout_minutes),
            idle_applies_to_remembered: policy.idle_applies_to_remembered,
            remember_me: policy.remember_me,
            remember_me_days: number(policy.remember_me_days),
            max_attempts: number(policy.max_attempts),
            attempt_window_minutes: number(policy.attempt_window_minutes),
            lockout_minutes: number(policy.lockout_minutes),
            address_limit: number(policy.address_limit),
            session_limit: number(policy.session_limit),
            password_min_length: number(policy.password_min_length),
            retention_days: number(policy.retention_days),
            version,
            ends: None,
            restore: None,
        }
    }

    /// The numbers, in the order of [`BOUNDS`](super::policy::BOUNDS).
    pub fn numbers(&self) -> [Option<i64>; 9] {
        [
            self.idle_timeout_minutes,
            self.remember_me_days,
            self.max_attempts,
            self.attempt_window_minutes,
            self.lockout_minutes,
            self.address_limit,
            self.session_limit,
            self.password_min_length,
            self.retention_days,
        ]
    }
}

/// What the settings page shows.
#[derive(Clone, Debug, PartialEq)]
pub struct SettingsPage {
    pub policy: Policy,
    pub version: i64,
    /// The last change; `None` while the policy is as shipped.
    pub last_change: Option<PolicyHistory>,
    /// How many sessions saving would end, if the last attempt to save was refused for that.
    pub ends: Option<u32>,
}

/// A change of the policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyHistory {
    pub at: String,
    /// The name of the person; `None` for the command line.
    pub by: Option<String>,
    /// The keys that changed, with their values before and after.
    pub changes: Vec<(String, String, String)>,
}
