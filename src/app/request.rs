//! What a page's markup may ask about the request that it answers: a few small
//! contexts, put there by `server/http/render`. All are empty while the server lists
//! its routes, when there is no request.

use leptos::prelude::use_context;

use crate::model::code::Code;
use crate::model::failure::Failure;
use crate::model::flash::Flash;
use crate::model::page::{Here, PageData};
use crate::model::seed::Who;
use crate::model::user::User;
use crate::ui::components::form::FormState;

/// Who is asking.
pub fn who() -> Who {
    use_context().unwrap_or_default()
}

/// The person who is signed in.
pub fn user() -> Option<User> {
    match who() {
        Who::SignedIn { user, .. } => Some(*user),
        Who::Nobody | Who::Unknown => None,
    }
}

/// What the page shows.
pub fn page_data() -> PageData {
    use_context().unwrap_or_default()
}

/// Where the page was asked for.
pub fn here() -> Here {
    use_context().unwrap_or_default()
}

/// A parameter of the page's query.
pub fn query(name: &str) -> Option<String> {
    here().query_field(name)
}

/// What the form before this page has left.
pub fn flash() -> Flash {
    use_context::<Option<Flash>>().flatten().unwrap_or_default()
}

/// The code that a form came back with.
pub fn error() -> Option<Code> {
    query("error").and_then(|name| Code::from_name(&name))
}

/// The one form of a page: with the `error` of the URL, if that is a code, and what
/// the post that came back left in the flash.
pub fn form_of_page() -> FormState {
    form_state("")
}

/// One of a page's several forms, by where it posts to: only what came back from
/// there is its own.
pub fn form_of(action: &str) -> FormState {
    form_state(action)
}

fn form_state(form: &str) -> FormState {
    let flash = flash();
    let code = error().filter(|_| form.is_empty() || flash.form == form);
    // A flash of another refusal would put its numbers under the wrong text.
    let belongs = flash.code == code;
    let failure = code.map(|code| match belongs {
        true => Failure {
            fields: flash.fields,
            remaining_attempts: flash.remaining_attempts,
            remaining_seconds: flash.remaining_seconds,
            ..Failure::new(code)
        },
        false => Failure::new(code),
    });
    let typed = if belongs || flash.ready { flash.typed } else { Default::default() };
    FormState::new(form, failure, typed)
}
