//! Names of roles, permissions and reasons for a session's end.

use super::lang::Lang;
use super::people::PersonState;
use super::permission::Permission;
use super::session::EndReason;
use super::text::Text;

/// Returns a role's name; `None` for a role that this build does not know.
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

/// Returns a role's name in a language, or its identifier if this build does not know it.
pub fn role_name(name: &str, lang: Lang) -> String {
    role(name).map_or_else(|| name.to_owned(), |text| text.to(lang).to_owned())
}

/// Returns the state of an account.
pub fn person_state(state: PersonState) -> Text {
    match state {
        PersonState::Active => Text::StateActive,
        PersonState::Invited => Text::StateInvited,
        PersonState::Disabled => Text::StateDisabled,
        PersonState::Locked => Text::StateLocked,
    }
}

/// Returns what a permission allows, or the area of the panel that it opens.
pub fn permission(permission: Permission) -> Text {
    match permission {
        Permission::UsersManage => Text::PermissionUsersManage,
        Permission::SessionsManage => Text::PermissionSessionsManage,
        Permission::SettingsManage => Text::PermissionSettingsManage,
        Permission::AuditView => Text::PermissionAuditView,
        Permission::Beneficiaries => Text::AreaBeneficiaries,
        Permission::Donations => Text::AreaDonations,
        Permission::AidApplications => Text::AreaAidApplications,
        Permission::Scholarships => Text::AreaScholarships,
        Permission::Messages => Text::AreaMessages,
        Permission::Finance => Text::AreaFinance,
        Permission::Reports => Text::AreaReports,
        Permission::Settings => Text::AreaSettings,
        Permission::Workflow => Text::AreaWorkflow,
        Permission::Partners => Text::AreaPartners,
    }
}

/// Returns the name of a user's field; `None` for one that this build does not know.
pub fn field(name: &str) -> Option<Text> {
    Some(match name {
        "email" => Text::FieldEmail,
        "name" => Text::FieldName,
        "role" => Text::FieldRole,
        "permissions" => Text::PermissionsTitle,
        "labels" => Text::FieldLabels,
        "phone" => Text::FieldPhone,
        "picture" => Text::PictureTitle,
        _ => return None,
    })
}

/// Returns what a permission is for, in a sentence.
pub fn about_permission(permission: Permission) -> Text {
    match permission {
        Permission::UsersManage => Text::AboutUsersManage,
        Permission::SessionsManage => Text::AboutSessionsManage,
        Permission::SettingsManage => Text::AboutSettingsManage,
        Permission::AuditView => Text::AboutAuditView,
        Permission::Beneficiaries => Text::AboutBeneficiaries,
        Permission::Donations => Text::AboutDonations,
        Permission::AidApplications => Text::AboutAidApplications,
        Permission::Scholarships => Text::AboutScholarships,
        Permission::Messages => Text::AboutMessages,
        Permission::Finance => Text::AboutFinance,
        Permission::Reports => Text::AboutReports,
        Permission::Settings => Text::AboutSettings,
        Permission::Workflow => Text::AboutWorkflow,
        Permission::Partners => Text::AboutPartners,
    }
}

/// The actions of the audit, in the order of the filter.
pub const AUDIT_ACTIONS: [(&str, Text); 23] = [
    ("sign_in", Text::ActionSignIn),
    ("sign_in_failed", Text::ActionSignInFailed),
    ("session_limit_reached", Text::ActionSessionLimitReached),
    ("locked", Text::ActionLocked),
    ("unlocked", Text::ActionUnlocked),
    ("sign_out", Text::ActionSignOut),
    ("confirmed", Text::ActionConfirmed),
    ("session_ended", Text::ActionSessionEnded),
    ("user_created", Text::ActionUserCreated),
    ("user_activated", Text::ActionUserActivated),
    ("user_disabled", Text::ActionUserDisabled),
    ("user_enabled", Text::ActionUserEnabled),
    ("user_changed", Text::ActionUserChanged),
    ("user_deleted", Text::ActionUserDeleted),
    ("reset_link_made", Text::ActionResetLinkMade),
    ("audit_exported", Text::ActionAuditExported),
    ("password_required", Text::ActionPasswordRequired),
    ("refused", Text::ActionRefused),
    ("role_saved", Text::ActionRoleSaved),
    ("role_deleted", Text::ActionRoleDeleted),
    ("policy_changed", Text::ActionPolicyChanged),
    ("password_changed", Text::ActionPasswordChanged),
    ("profile_changed", Text::ActionProfileChanged),
];

/// Returns an action of the audit in words.
pub fn audit_action(name: &str, lang: Lang) -> String {
    let known = AUDIT_ACTIONS.iter().find(|(known, _)| *known == name);
    known.map_or_else(|| name.to_owned(), |(_, text)| text.to(lang).to_owned())
}

/// Returns why a session ended, as a short sentence without a full stop.
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

/// Returns browser and device, e.g. `Chrome 156 · Windows`, or that they are unknown.
pub fn browser(browser: &str, device: &str, lang: Lang) -> String {
    let known: Vec<&str> = [browser, device].into_iter().filter(|part| !part.is_empty()).collect();
    if known.is_empty() { Text::BrowserUnknown.to(lang).to_owned() } else { known.join(" · ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::permission::SHIPPED;

    #[test]
    fn every_built_in_role_has_a_name() {
        for shipped in SHIPPED {
            assert!(role(shipped).is_some(), "{shipped}");
        }
        assert_eq!(role("root"), None);
    }
}
