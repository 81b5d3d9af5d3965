//! Roles, permissions and the ends of sessions in words.

use crate::model::lang::Lang;
use crate::model::session::EndReason;
use crate::model::text::Text;

/// A role's name; `None` for one this build does not know.
pub fn role(role: &str) -> Option<Text> {
    Some(match role {
        "admin" => Text::RoleAdmin,
        "manager" => Text::RoleManager,
        "member" => Text::RoleMember,
        "viewer" => Text::RoleViewer,
        "staff" => Text::RoleStaff,
        _ => return None,
    })
}

/// What a permission of administration allows; `None` for all others.
pub fn administration(permission: &str) -> Option<Text> {
    Some(match permission {
        "users:manage" => Text::PermissionUsersManage,
        "sessions:manage" => Text::PermissionSessionsManage,
        "settings:manage" => Text::PermissionSettingsManage,
        "audit:view" => Text::PermissionAuditView,
        _ => return None,
    })
}

/// The area of the panel that a permission opens; `None` for all others.
pub fn area(permission: &str) -> Option<Text> {
    Some(match permission {
        "beneficiaries:access" => Text::AreaBeneficiaries,
        "donations:access" => Text::AreaDonations,
        "aid_applications:access" => Text::AreaAidApplications,
        "scholarships:access" => Text::AreaScholarships,
        "messages:access" => Text::AreaMessages,
        "finance:access" => Text::AreaFinance,
        "reports:access" => Text::AreaReports,
        "settings:access" => Text::AreaSettings,
        "workflow:access" => Text::AreaWorkflow,
        "partners:access" => Text::AreaPartners,
        _ => return None,
    })
}

/// Why a session ended, as a short sentence without its full stop.
pub fn end_reason(reason: EndReason) -> Text {
    match reason {
        EndReason::Logout => Text::EndLogout,
        EndReason::Idle => Text::EndIdle,
        EndReason::Expired => Text::EndExpired,
        EndReason::Replaced => Text::EndReplaced,
        EndReason::Revoked => Text::EndRevoked,
        EndReason::PasswordChanged => Text::EndPasswordChanged,
        EndReason::AccountDisabled => Text::EndAccountDisabled,
        EndReason::AccountDeleted => Text::EndAccountDeleted,
        EndReason::SessionLimit => Text::EndSessionLimit,
        EndReason::TokenReuse => Text::EndTokenReuse,
    }
}

/// Browser and device in one, e.g. `Chrome 156 · Windows`, or that they are unknown.
pub fn browser(browser: &str, device: &str, lang: Lang) -> String {
    let known: Vec<&str> = [browser, device].into_iter().filter(|part| !part.is_empty()).collect();
    if known.is_empty() { Text::BrowserUnknown.to(lang).to_owned() } else { known.join(" · ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::permission::{PERMISSIONS, ROLES};

    #[test]
    fn whatever_can_be_granted_has_words() {
        for name in ROLES {
            assert!(role(name).is_some(), "{name}");
        }
        for name in PERMISSIONS {
            assert_ne!(administration(name).is_some(), area(name).is_some(), "{name}");
        }
        assert_eq!((role("root"), area("root:everything")), (None, None));
    }
}
