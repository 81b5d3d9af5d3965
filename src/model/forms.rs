//! The list of all forms: the path each posts to, its page, and the fields that may be returned
//! after an error. Pages, the route inventory and the redirects read this list.

use super::form::REDIRECT_FIELD;

/// A form. Without scripts the browser posts it, and an error redirects back to its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// The path it posts to.
    pub action: &'static str,
    /// Its page, for requests without a usable `Referer`.
    pub page: &'static str,
    /// The form's data that the page's URL needs.
    pub address: Address,
    /// The fields that may be filled in again after an error. Never a password.
    pub typed: &'static [&'static str],
    /// The field with a sealed value that can be used for another attempt.
    pub sealed: Option<&'static str>,
}

/// How a form's field becomes part of its page's URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// The path alone.
    Path,
    /// The field is added to the query. A path is added only if it is one of ours.
    Query(&'static str),
    /// The form is on every page, and its `redirect` field names the page.
    Redirect,
}

const fn form(action: &'static str, page: &'static str) -> Form {
    Form { action, page, address: Address::Path, typed: &[], sealed: None }
}

/// Signing in.
pub const LOGIN: Form = Form {
    address: Address::Query(REDIRECT_FIELD),
    typed: &["email", "rememberMe"],
    ..form("/api/auth/login", "/login")
};
/// Signing in at the session limit, with a ticket.
pub const CHOOSE: Form = Form {
    address: Address::Query(REDIRECT_FIELD),
    sealed: Some("ticket"),
    ..form("/api/auth/login/choose", "/login")
};
/// Signing out. It must work when everything else fails.
pub const LOGOUT: Form = form("/api/auth/logout", "/login");
/// Extending the session.
pub const EXTEND: Form = form("/api/auth/extend", "/login");
/// Proving the password again.
pub const CONFIRM: Form = Form { address: Address::Query(REDIRECT_FIELD), ..form("/api/auth/confirm", "/confirm") };
/// Creating the first administrator.
pub const SETUP: Form =
    Form { address: Address::Query("token"), typed: &["email", "name"], ..form("/api/setup", "/setup") };
/// Setting the first password of an invited user.
pub const ACTIVATE: Form = Form { address: Address::Query("token"), ..form("/api/activate", "/activate") };
/// Choosing language and theme, on every page.
pub const PREFERENCES: Form =
    Form { address: Address::Redirect, typed: &["language", "theme"], ..form("/api/preferences", "/") };
/// Changing the profile.
pub const PROFILE: Form =
    Form { typed: &["name", "email", "phone", "language", "theme"], ..form("/api/account/profile", "/account") };
/// Changing the password.
pub const PASSWORD: Form = form("/api/account/password", "/account");
/// Choosing the new password that an administrator requires.
pub const NEW_PASSWORD: Form = form("/api/account/new-password", "/new-password");
/// Uploading a picture; multipart.
pub const PICTURE: Form = form("/api/account/picture", "/account");
/// Removing the picture.
pub const REMOVE_PICTURE: Form = form("/api/account/picture/remove", "/account");
/// Ending one of the user's own sessions.
pub const END_SESSION: Form = form("/api/account/sessions/end", "/account");
/// Ending the user's sessions except the current one.
pub const END_OTHER_SESSIONS: Form = form("/api/account/sessions/end-others", "/account");
/// Ending all of the user's sessions.
pub const END_ALL_SESSIONS: Form = form("/api/account/sessions/end-all", "/account");

/// Saving the policy.
pub const POLICY: Form = Form {
    typed: &[
        "idleTimeoutMinutes",
        "idleAppliesToRemembered",
        "rememberMe",
        "rememberMeDays",
        "maxAttempts",
        "attemptWindowMinutes",
        "lockoutMinutes",
        "addressLimit",
        "sessionLimit",
        "passwordMinLength",
        "retentionDays",
    ],
    ..form("/api/settings/policy", "/settings")
};
/// What saving the policy would end.
pub const POLICY_PREVIEW: Form = form("/api/settings/policy/preview", "/settings");

/// Adding a person.
pub const ADD_PERSON: Form =
    Form { typed: &["email", "name", "role", "labels", "phone"], ..form("/api/users/create", "/users/new") };
/// Changing a person. Its page is the person's.
pub const CHANGE_PERSON: Form = Form {
    address: Address::Redirect,
    typed: &["email", "name", "role", "labels", "phone"],
    ..form("/api/users/update", "/users")
};
/// Disabling people.
pub const DISABLE: Form =
    Form { address: Address::Redirect, typed: &["reason"], ..form("/api/users/disable", "/users") };
/// Enabling people.
pub const ENABLE: Form = Form { address: Address::Redirect, ..form("/api/users/enable", "/users") };
/// Requiring new passwords.
pub const REQUIRE_PASSWORD: Form = Form { address: Address::Redirect, ..form("/api/users/require-password", "/users") };
/// Lifting people's lockouts.
pub const UNLOCK: Form = Form { address: Address::Redirect, ..form("/api/users/unlock", "/users") };
/// Making links for passwords.
pub const RESET_LINK: Form = Form { address: Address::Redirect, ..form("/api/users/reset-link", "/users") };
/// Removing people's pictures.
pub const REMOVE_PICTURES: Form = Form { address: Address::Redirect, ..form("/api/users/remove-picture", "/users") };
/// Deleting people.
pub const DELETE_PEOPLE: Form = Form { address: Address::Redirect, ..form("/api/users/delete", "/users") };
/// Assigning a role and labels.
pub const ASSIGN: Form = Form { address: Address::Redirect, ..form("/api/users/assign", "/users") };

/// Making or changing a role.
pub const SAVE_ROLE: Form = Form { address: Address::Redirect, ..form("/api/roles/save", "/roles") };
/// Deleting roles.
pub const DELETE_ROLES: Form = Form { address: Address::Redirect, ..form("/api/roles/delete", "/roles") };

/// The acts on people whose outcome their pages show.
pub const PEOPLE_ACTS: [&str; 11] = [
    "/api/sessions/end",
    ADD_PERSON.action,
    CHANGE_PERSON.action,
    DISABLE.action,
    ENABLE.action,
    UNLOCK.action,
    REQUIRE_PASSWORD.action,
    RESET_LINK.action,
    REMOVE_PICTURES.action,
    DELETE_PEOPLE.action,
    ASSIGN.action,
];

/// Ending sessions of anybody.
pub const END_SESSIONS: Form = Form { address: Address::Redirect, ..form("/api/sessions/end", "/sessions") };
/// Lifting lockouts.
pub const LIFT_LOCKOUTS: Form = Form { address: Address::Redirect, ..form("/api/lockouts/lift", "/lockouts") };

/// Every form.
pub const FORMS: [Form; 32] = [
    LOGIN,
    CHOOSE,
    LOGOUT,
    EXTEND,
    CONFIRM,
    SETUP,
    ACTIVATE,
    PREFERENCES,
    PROFILE,
    PASSWORD,
    NEW_PASSWORD,
    PICTURE,
    REMOVE_PICTURE,
    END_SESSION,
    END_OTHER_SESSIONS,
    END_ALL_SESSIONS,
    POLICY,
    POLICY_PREVIEW,
    ADD_PERSON,
    CHANGE_PERSON,
    DISABLE,
    ENABLE,
    UNLOCK,
    REQUIRE_PASSWORD,
    RESET_LINK,
    REMOVE_PICTURES,
    DELETE_PEOPLE,
    ASSIGN,
    SAVE_ROLE,
    DELETE_ROLES,
    END_SESSIONS,
    LIFT_LOCKOUTS,
];

/// The form that posts to a path.
pub fn by_action(path: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.action == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_have_distinct_paths_and_never_return_passwords() {
        for form in &FORMS {
            assert_eq!(by_action(form.action), Some(form));
            assert!(!form.typed.iter().any(|field| field.to_lowercase().ends_with("password")), "{}", form.action);
        }
    }
}
