//! Every form there is: where it posts, where it comes back to, and what of it may
//! travel back. Pages, the route inventory and the way back all read this list.

use super::form::REDIRECT_FIELD;

/// A form. Without scripts the browser posts it, and a refusal leads back to its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Where it posts to.
    pub action: &'static str,
    /// The page it comes back to, where no `Referer` says which it was on.
    pub page: &'static str,
    /// What of it the page's address needs again.
    pub address: Address,
    /// The fields that may travel back into it after a refusal. Never a password.
    pub typed: &'static [&'static str],
    /// The field that holds a sealed value, which is good for another try.
    pub sealed: Option<&'static str>,
}

/// How a form's own field becomes part of its page's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// The page is its path.
    Path,
    /// A field goes back into the query; a path only if it is one of ours.
    Query(&'static str),
    /// The form is on every page, and its `redirect` says which that was.
    Redirect,
}

const fn form(action: &'static str, page: &'static str) -> Form {
    Form { action, page, address: Address::Path, typed: &[], sealed: None }
}

/// Signs in.
pub const LOGIN: Form = Form {
    address: Address::Query(REDIRECT_FIELD),
    typed: &["email", "rememberMe"],
    ..form("/api/auth/login", "/login")
};
/// Signs in at the session limit, by a ticket.
pub const CHOOSE: Form = Form {
    address: Address::Query(REDIRECT_FIELD),
    sealed: Some("ticket"),
    ..form("/api/auth/login/choose", "/login")
};
/// Signs out. It must work when everything else fails.
pub const LOGOUT: Form = form("/api/auth/logout", "/login");
/// Says that somebody is there.
pub const EXTEND: Form = form("/api/auth/extend", "/login");
/// Proves the password again.
pub const CONFIRM: Form = form("/api/auth/confirm", "/login");
/// Makes the first administrator.
pub const SETUP: Form =
    Form { address: Address::Query("token"), typed: &["email", "name"], ..form("/api/setup", "/setup") };
/// Sets the first password of somebody who was invited.
pub const ACTIVATE: Form = Form { address: Address::Query("token"), ..form("/api/activate", "/activate") };
/// Chooses language and theme, on every page.
pub const PREFERENCES: Form =
    Form { address: Address::Redirect, typed: &["language", "theme"], ..form("/api/preferences", "/") };
/// Changes one's profile.
pub const PROFILE: Form =
    Form { typed: &["name", "email", "phone", "language", "theme"], ..form("/api/account/profile", "/account") };
/// Changes one's password.
pub const PASSWORD: Form = form("/api/account/password", "/account");
/// Takes in one's picture; multipart.
pub const PICTURE: Form = form("/api/account/picture", "/account");
/// Takes one's picture away.
pub const REMOVE_PICTURE: Form = form("/api/account/picture/remove", "/account");
/// Ends one of one's own sessions.
pub const END_SESSION: Form = form("/api/account/sessions/end", "/account");
/// Ends one's sessions but this one.
pub const END_OTHER_SESSIONS: Form = form("/api/account/sessions/end-others", "/account");
/// Ends all of one's sessions.
pub const END_ALL_SESSIONS: Form = form("/api/account/sessions/end-all", "/account");

/// Every form.
pub const FORMS: [Form; 15] = [
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
    PICTURE,
    REMOVE_PICTURE,
    END_SESSION,
    END_OTHER_SESSIONS,
    END_ALL_SESSIONS,
];

/// The form that posts to a path.
pub fn by_action(path: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.action == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_posts_to_a_path_of_its_own_and_no_password_travels_back() {
        for form in &FORMS {
            assert_eq!(by_action(form.action), Some(form));
            assert!(!form.typed.iter().any(|field| field.to_lowercase().contains("password")), "{}", form.action);
        }
    }
}
