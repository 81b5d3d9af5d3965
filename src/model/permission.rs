//! Permissions (`area:action`), sets of them, and the names of roles.
//!
//! Strings are used only on the wire and in the database.

use serde::{Deserialize, Serialize};

/// A right of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Permission {
    #[serde(rename = "users:manage")]
    UsersManage,
    #[serde(rename = "sessions:manage")]
    SessionsManage,
    #[serde(rename = "settings:manage")]
    SettingsManage,
    #[serde(rename = "audit:view")]
    AuditView,
    #[serde(rename = "beneficiaries:access")]
    Beneficiaries,
    #[serde(rename = "donations:access")]
    Donations,
    #[serde(rename = "aid_applications:access")]
    AidApplications,
    #[serde(rename = "scholarships:access")]
    Scholarships,
    #[serde(rename = "messages:access")]
    Messages,
    #[serde(rename = "finance:access")]
    Finance,
    #[serde(rename = "reports:access")]
    Reports,
    #[serde(rename = "settings:access")]
    Settings,
    #[serde(rename = "workflow:access")]
    Workflow,
    #[serde(rename = "partners:access")]
    Partners,
}

use Permission as P;

impl Permission {
    /// Every permission, in the order of lists: the administrator's first, then the panel's
    /// areas.
    pub const ALL: [Permission; 14] = [
        P::UsersManage,
        P::SessionsManage,
        P::SettingsManage,
        P::AuditView,
        P::Beneficiaries,
        P::Donations,
        P::AidApplications,
        P::Scholarships,
        P::Messages,
        P::Finance,
        P::Reports,
        P::Settings,
        P::Workflow,
        P::Partners,
    ];

    /// The name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            P::UsersManage => "users:manage",
            P::SessionsManage => "sessions:manage",
            P::SettingsManage => "settings:manage",
            P::AuditView => "audit:view",
            P::Beneficiaries => "beneficiaries:access",
            P::Donations => "donations:access",
            P::AidApplications => "aid_applications:access",
            P::Scholarships => "scholarships:access",
            P::Messages => "messages:access",
            P::Finance => "finance:access",
            P::Reports => "reports:access",
            P::Settings => "settings:access",
            P::Workflow => "workflow:access",
            P::Partners => "partners:access",
        }
    }

    /// Parses the name; `None` if this build does not know it.
    pub fn from_name(name: &str) -> Option<Permission> {
        P::ALL.into_iter().find(|permission| permission.name() == name)
    }

    /// Whether it is reserved for administrators, and not an area of the panel.
    pub const fn administers(self) -> bool {
        match self {
            P::UsersManage | P::SessionsManage | P::SettingsManage | P::AuditView => true,
            P::Beneficiaries
            | P::Donations
            | P::AidApplications
            | P::Scholarships
            | P::Messages
            | P::Finance
            | P::Reports
            | P::Settings
            | P::Workflow
            | P::Partners => false,
        }
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u32);

impl Permissions {
    pub const fn of(permissions: &[Permission]) -> Permissions {
        let (mut bits, mut i) = (0, 0);
        while i < permissions.len() {
            bits |= 1 << permissions[i] as u32;
            i += 1;
        }
        Permissions(bits)
    }

    /// The permissions with these names. Unknown names grant nothing.
    pub fn of_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Permissions {
        names
            .into_iter()
            .filter_map(Permission::from_name)
            .fold(Permissions::default(), |set, permission| set.union(Permissions::of(&[permission])))
    }

    /// Every permission.
    pub const fn all() -> Permissions {
        Permissions::of(&P::ALL)
    }

    pub const fn union(self, others: Permissions) -> Permissions {
        Permissions(self.0 | others.0)
    }

    /// Those that `others` lacks.
    pub const fn without(self, others: Permissions) -> Permissions {
        Permissions(self.0 & !others.0)
    }

    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// In the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        P::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}

/// The role that always exists, with every permission. It can be neither changed nor deleted.
pub const ADMINISTRATOR: &str = "admin";

/// The shipped roles, in the order of lists. The first is the default choice. Their permissions are
/// rows of the database, like those of other roles.
pub const SHIPPED: [&str; 5] = ["staff", "viewer", "member", "manager", ADMINISTRATOR];

/// Whether a text can name a role: 2 to 40 of `a-z`, `0-9`, `_` and `-`.
pub fn is_role_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    (2..=40).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permission_names_survive_a_round_trip() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_name(permission.name()), Some(permission));
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.name());
        }
        assert_eq!(Permission::from_name("root:everything"), None);
    }

    #[test]
    fn sets_ignore_unknown_names_and_keep_the_order_of_lists() {
        let names = ["reports:access", "root:everything", "messages:access", "reports:access"];
        let set = Permissions::of_names(names);
        assert_eq!(set.iter().map(P::name).collect::<Vec<_>>(), ["messages:access", "reports:access"]);
        assert_eq!(Permissions::all().without(set).iter().count(), 12);
        assert_eq!(set.without(Permissions::all()), Permissions::default());
    }

    #[test]
    fn role_names_are_short_and_plain() {
        for good in ["hr", "night-shift_2", &"a".repeat(40)] {
            assert!(is_role_name(good), "{good}");
        }
        for bad in ["", "a", "Admin", "rol ü", "a b", "\u{131}k", &"a".repeat(41)] {
            assert!(!is_role_name(bad), "{bad}");
        }
    }
}
