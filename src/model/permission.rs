//! Permissions (`area:action`) and the roles that are named sets of them.

/// Every permission there is, in the order lists show them.
pub const PERMISSIONS: [&str; 14] = [
    "users:manage",
    "sessions:manage",
    "settings:manage",
    "audit:view",
    "beneficiaries:access",
    "donations:access",
    "aid_applications:access",
    "scholarships:access",
    "messages:access",
    "finance:access",
    "reports:access",
    "settings:access",
    "workflow:access",
    "partners:access",
];

/// How many of [`PERMISSIONS`] are the administrator's alone; the rest are the panel's areas.
const ADMINISTRATION: usize = 4;

/// The roles as shipped; the first is the choice offered first.
pub const ROLES: [&str; 5] = ["staff", "viewer", "member", "manager", "admin"];

/// The permissions a role gives, or `None` for a role that does not exist.
pub fn of_role(role: &str) -> Option<&'static [&'static str]> {
    Some(match role {
        "admin" => &PERMISSIONS,
        "manager" => &PERMISSIONS[ADMINISTRATION..],
        "member" => &PERMISSIONS[ADMINISTRATION..ADMINISTRATION + 5],
        "viewer" => &["reports:access"],
        "staff" => &["messages:access"],
        _ => return None,
    })
}

/// What a user may do: the role's permissions and the personal ones, each once,
/// in catalogue order. Unknown names grant nothing.
pub fn effective(role: &str, personal: &[String]) -> Vec<String> {
    let from_role = of_role(role).unwrap_or_default();
    PERMISSIONS
        .iter()
        .filter(|p| from_role.contains(p) || personal.iter().any(|own| own == *p))
        .map(|p| (*p).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_as_shipped() {
        assert_eq!(of_role("admin").unwrap().len(), 14);
        assert_eq!(of_role("manager").unwrap().len(), 10);
        assert_eq!(
            of_role("member").unwrap(),
            [
                "beneficiaries:access",
                "donations:access",
                "aid_applications:access",
                "scholarships:access",
                "messages:access"
            ]
        );
        assert_eq!(of_role("viewer").unwrap(), ["reports:access"]);
        assert_eq!(of_role("staff").unwrap(), ["messages:access"]);
        assert!(of_role("root").is_none());
        assert!(ROLES.iter().all(|r| of_role(r).is_some()));
    }

    #[test]
    fn only_the_administrator_administers() {
        for role in ROLES.iter().filter(|r| **r != "admin") {
            for permission in &PERMISSIONS[..ADMINISTRATION] {
                assert!(!of_role(role).unwrap().contains(permission), "{role} {permission}");
            }
        }
    }

    #[test]
    fn personal_permissions_add_and_unknown_ones_do_not() {
        let personal = ["reports:access".to_owned(), "root:everything".to_owned(), "messages:access".to_owned()];
        assert_eq!(effective("staff", &personal), ["messages:access", "reports:access"]);
        assert!(effective("root", &[]).is_empty());
    }
}
