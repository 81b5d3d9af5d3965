//! The data of the current request for a page's markup: a few small contexts, provided by
//! `server/http/render`. All are empty while the server lists its routes, because there is no
//! request.

use leptos::prelude::use_context;

use crate::model::code::Code;
use crate::model::failure::{DeskDetails, Failure};
use crate::model::flash::Flash;
use crate::model::page::{Here, PageData};
use crate::model::permission::Permission;
use crate::model::seed::Who;
use crate::model::user::User;
use crate::ui::components::form::FormState;

/// Returns the client's sign-in state.
pub fn who() -> Who {
    use_context().unwrap_or_default()
}

/// Returns the signed-in user.
pub fn user() -> Option<User> {
    match who() {
        Who::SignedIn { user, .. } => Some(*user),
        Who::Nobody | Who::Unknown => None,
    }
}

/// Whether the signed-in user has a permission, to show links only to those who may follow them.
pub fn may(permission: Permission) -> bool {
    user().is_some_and(|user| user.permissions.iter().any(|name| name == permission.name()))
}

/// Returns the page's data.
pub fn page_data() -> PageData {
    use_context().unwrap_or_default()
}

/// Returns the requested path and query.
pub fn here() -> Here {
    use_context().unwrap_or_default()
}

/// Returns a parameter of the page's query.
pub fn query(name: &str) -> Option<String> {
    here().query_field(name)
}

/// Returns the flash that the last form left.
pub fn flash() -> Flash {
    use_context::<Option<Flash>>().flatten().unwrap_or_default()
}

/// Returns the error code in the URL.
pub fn error() -> Option<Code> {
    query("error").and_then(|name| Code::from_name(&name))
}

/// Returns the state of a page's only form: the `error` of the URL, if it is a code, and the values
/// in the flash.
pub fn form_of_page() -> FormState {
    form_state("")
}

/// Returns the state of one of a page's forms. A flash belongs to the form that posts to its path.
pub fn form_of(action: &str) -> FormState {
    form_state(action)
}

/// Returns the state of a form whose conflict the page itself explains: the typed values, but no alert.
pub fn form_with_conflict(action: &str) -> FormState {
    let flash = flash();
    match error() == Some(Code::Conflict) && flash.form == action {
        true => FormState::new(action, None, flash.typed),
        false => form_of(action),
    }
}

fn form_state(form: &str) -> FormState {
    let flash = flash();
    let code = error().filter(|_| form.is_empty() || flash.form == form);
    // With another code, the flash's numbers would appear under the wrong text.
    let belongs = flash.code == code;
    let failure = code.map(|code| match belongs {
        true => Failure {
            fields: flash.fields,
            remaining_attempts: flash.remaining_attempts,
            remaining_seconds: flash.remaining_seconds,
            desk: flash.count.map(|count| DeskDetails { count: Some(count), ..DeskDetails::default() }.into()),
            ..Failure::new(code)
        },
        false => Failure::new(code),
    });
    let typed = if belongs || flash.ready { flash.typed } else { Default::default() };
    FormState::new(form, failure, typed)
}
