//! Permissions (`area:action`) and roles, which are named sets of them.
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
        matches!(self, P::UsersManage | P::SessionsManage | P::SettingsManage | P::AuditView)
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

    pub const fn union(self, others: Permissions) -> Permissions {
        Permissions(self.0 | others.0)
    }

    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// In the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        P::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}

/// A role: a name with a set of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    pub name: &'static str,
    pub permissions: Permissions,
}

/// What a member may do; a manager may do it too.
const MEMBER: Permissions =
    Permissions::of(&[P::Beneficiaries, P::Donations, P::AidApplications, P::Scholarships, P::Messages]);

/// The built-in roles. The first is the default choice.
pub const ROLES: [Role; 5] = [
    Role { name: "staff", permissions: Permissions::of(&[P::Messages]) },
    Role { name: "viewer", permissions: Permissions::of(&[P::Reports]) },
    Role { name: "member", permissions: MEMBER },
    Role {
        name: "manager",
        permissions: MEMBER.union(Permissions::of(&[P::Finance, P::Reports, P::Settings, P::Workflow, P::Partners])),
    },
    ADMINISTRATOR,
];

/// The role that always exists.
pub const ADMINISTRATOR: Role = Role { name: "admin", permissions: Permissions::of(&P::ALL) };

impl Role {
    /// The role with a name, if it exists.
    pub fn by_name(name: &str) -> Option<Role> {
        ROLES.into_iter().find(|role| role.name == name)
    }
}

/// The permissions of a role plus the personal grants. An unknown role or permission grants
/// nothing.
pub fn effective<'a>(role: &str, personal: impl IntoIterator<Item = &'a str>) -> Permissions {
    let by_role = Role::by_name(role).map(|role| role.permissions).unwrap_or_default();
    by_role.union(Permissions::of_names(personal))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(permissions: Permissions) -> Vec<&'static str> {
        permissions.iter().map(Permission::name).collect()
    }

    #[test]
    fn permission_names_survive_a_round_trip() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_name(permission.name()), Some(permission));
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.name());
        }
        assert_eq!(Permission::from_name("root:everything"), None);
    }

    #[test]
    fn built_in_roles_have_the_contracts_permissions() {
        let of = |role: &str| names(Role::by_name(role).unwrap().permissions);
        assert_eq!(of("admin").len(), 14);
        assert_eq!(of("manager").len(), 10);
        assert_eq!(
            of("member"),
            [
                "beneficiaries:access",
                "donations:access",
                "aid_applications:access",
                "scholarships:access",
                "messages:access"
            ]
        );
        assert_eq!(of("viewer"), ["reports:access"]);
        assert_eq!(of("staff"), ["messages:access"]);
        assert!(Role::by_name("root").is_none());
    }

    #[test]
    fn only_administrators_have_administrative_permissions() {
        for role in ROLES.iter().filter(|role| role.name != "admin") {
            assert!(!role.permissions.iter().any(Permission::administers), "{}", role.name);
        }
        assert_eq!(ADMINISTRATOR.permissions.iter().filter(|p| p.administers()).count(), 4);
    }

    #[test]
    fn personal_permissions_are_added_and_unknown_ones_ignored() {
        let personal = ["reports:access", "root:everything", "messages:access"];
        assert_eq!(names(effective("staff", personal)), ["messages:access", "reports:access"]);
        assert!(names(effective("root", [])).is_empty());
    }
}
