//! The policy: rules that administrators set and the server enforces.

use serde::{Deserialize, Serialize};

/// The rules. Keys, bounds and defaults are the contract's (`policy set KEY VALUE`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Policy {
    pub idle_timeout_minutes: u32,
    pub idle_applies_to_remembered: bool,
    pub remember_me: bool,
    pub remember_me_days: u32,
    pub max_attempts: u32,
    pub attempt_window_minutes: u32,
    pub lockout_minutes: u32,
    pub address_limit: u32,
    /// The maximum number of live sessions of a user; 0 means unlimited.
    pub session_limit: u32,
    pub password_min_length: u32,
    pub retention_days: u32,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            idle_timeout_minutes: 30,
            idle_applies_to_remembered: false,
            remember_me: true,
            remember_me_days: 30,
            max_attempts: 5,
            attempt_window_minutes: 15,
            lockout_minutes: 30,
            address_limit: 100,
            session_limit: 20,
            password_min_length: 15,
            retention_days: 90,
        }
    }
}

/// The numeric keys and their inclusive bounds.
pub const BOUNDS: [(&str, u32, u32); 9] = [
    ("idleTimeoutMinutes", 5, 1440),
    ("rememberMeDays", 1, 30),
    ("maxAttempts", 3, 10),
    ("attemptWindowMinutes", 1, 60),
    ("lockoutMinutes", 1, 1440),
    ("addressLimit", 10, 10_000),
    ("sessionLimit", 0, 100),
    ("passwordMinLength", 15, 64),
    ("retentionDays", 30, 3650),
];

/// Why a value was refused, for the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    UnknownKey,
    /// A number between these bounds is required.
    OutOfBounds(u32, u32),
    /// `true` or `false` is required.
    NotBoolean,
}

impl Policy {
    /// Parses a stored policy. It is validated like a new one, because a limit out of bounds
    /// could disable the limit.
    ///
    /// # Errors
    /// The reason, for the log.
    pub fn read(json: &str) -> Result<Policy, String> {
        // serde would accept a list as the values in order.
        let json =
            Some(json).filter(|json| json.trim_start().starts_with('{')).ok_or("the policy is no JSON object")?;
        let policy: Policy = serde_json::from_str(json).map_err(|e| format!("the policy can't be read: {e}"))?;
        match policy.out_of_bounds() {
            None => Ok(policy),
            Some((key, value, min, max)) => Err(format!("the policy's {key} is {value}, not from {min} to {max}")),
        }
    }

    /// The first number out of bounds: key, value, minimum, maximum.
    pub fn out_of_bounds(&self) -> Option<(&'static str, u32, u32, u32)> {
        let mut numbers = BOUNDS.iter().zip(self.numbers()).map(|(&(key, min, max), value)| (key, value, min, max));
        numbers.find(|(_, value, min, max)| !(*min..=*max).contains(value))
    }

    /// The numbers, in the order of [`BOUNDS`].
    fn numbers(&self) -> [u32; BOUNDS.len()] {
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

    /// A copy of this policy with one key changed.
    ///
    /// # Errors
    /// An unknown key or an invalid value.
    pub fn with(&self, key: &str, value: &str) -> Result<Policy, Invalid> {
        let mut json = serde_json::to_value(self).unwrap_or_default();
        let slot = json.get_mut(key).ok_or(Invalid::UnknownKey)?;
        *slot = match BOUNDS.iter().find(|(name, ..)| *name == key) {
            Some(&(_, min, max)) => {
                let plain = value.bytes().all(|b| b.is_ascii_digit());
                let number = value.parse::<u32>().ok().filter(|n| plain && (min..=max).contains(n));
                number.ok_or(Invalid::OutOfBounds(min, max))?.into()
            }
            None => value.parse::<bool>().map_err(|_| Invalid::NotBoolean)?.into(),
        };
        serde_json::from_value(json).map_err(|_| Invalid::UnknownKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_bounds_that_contain_its_default() {
        let json = serde_json::to_value(Policy::default()).unwrap();
        for (key, value) in json.as_object().unwrap() {
            match BOUNDS.iter().find(|(name, ..)| name == key) {
                Some((_, min, max)) => assert!((*min..=*max).contains(&(value.as_u64().unwrap() as u32)), "{key}"),
                None => assert!(value.is_boolean(), "{key}"),
            }
        }
    }

    #[test]
    fn stored_policies_are_validated_like_new_ones() {
        assert_eq!(Policy::read("{}"), Ok(Policy::default()));
        for (key, min, max) in BOUNDS {
            for good in [min, max] {
                let read = Policy::read(&format!(r#"{{"{key}":{good}}}"#));
                assert_eq!(serde_json::to_value(read.unwrap()).unwrap()[key], good, "{key}");
            }
            for bad in [i64::from(min) - 1, i64::from(max) + 1, 0xffff_ffff, 0x1_0000_0000] {
                assert!(Policy::read(&format!(r#"{{"{key}":{bad}}}"#)).is_err(), "{key} {bad}");
            }
        }
        for bad in ["", "[]", "null", r#"{"maxAttempts":"5"}"#, r#"{"maxAttempts":5.5}"#, r#"{"rememberMe":1}"#] {
            assert!(Policy::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bounds_are_inclusive() {
        let policy = Policy::default();
        for (key, min, max) in BOUNDS {
            for good in [min, max] {
                policy.with(key, &good.to_string()).unwrap();
            }
            for bad in [
                (i64::from(min) - 1).to_string(),
                (max + 1).to_string(),
                "-1".into(),
                "5.5".into(),
                "".into(),
                "1e1".into(),
                "+20".into(),
                "4294967296".into(),
            ] {
                assert_eq!(policy.with(key, &bad), Err(Invalid::OutOfBounds(min, max)), "{key} {bad}");
            }
        }
        assert_eq!(policy.with("rememberMe", "yes"), Err(Invalid::NotBoolean));
        assert!(!policy.with("rememberMe", "false").unwrap().remember_me);
        assert_eq!(policy.with("nothing", "1"), Err(Invalid::UnknownKey));
    }
}
