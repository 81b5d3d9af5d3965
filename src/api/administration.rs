//! The administrator's acts.

use leptos::prelude::*;
use leptos::server_fn::codec::Post;

use crate::model::codec::{Envelope, FormOrJson};
use crate::model::desk::{EndedOutcome, Lifting, SessionEnding};
use crate::model::failure::Failure;
use crate::model::jobs::Answer;
use crate::model::outcome::Outcome;
use crate::model::people::{
    Assignment, CreatedPerson, Deletion, Disabling, LinkRequest, NewPerson, PeopleAct, PersonChange,
};
use crate::model::roles::{RoleChange, RoleDeletion, RoleItem};
use crate::model::settings::{PolicyForm, PolicyPreview};
use crate::model::user::User;

/// `POST /api/settings/policy`: saves the policy.
///
/// # Errors
/// `validation_failed`, `conflict`, `reauth_required`, `unavailable`.
#[server(prefix = "/api", endpoint = "settings/policy", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn save_policy(policy: PolicyForm) -> Result<PolicyForm, Failure> {
    use crate::server::administration::policy::change;
    use crate::server::http::refusal::answer;
    answer(async |context| change(context, &policy).await).await
}

/// `POST /api/settings/policy/preview`: how many sessions saving would end.
///
/// # Errors
/// `validation_failed`, `reauth_required`, `unavailable`.
#[server(prefix = "/api", endpoint = "settings/policy/preview", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn preview_policy(policy: PolicyForm) -> Result<PolicyPreview, Failure> {
    use crate::server::administration::policy::preview;
    use crate::server::http::refusal::answer;
    answer(async |context| preview(context, &policy).await).await
}

/// `POST /api/users/create`: adds a person and makes the activation link.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/create", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn add_person(person: NewPerson) -> Result<CreatedPerson, Failure> {
    use crate::server::administration::people::add::add;
    use crate::server::http::refusal::answer;
    answer(async |context| add(context, &person).await).await
}

/// `POST /api/users/update`: changes a person. `conflict` if somebody else did meanwhile.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/update", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn change_person(person: PersonChange) -> Result<User, Failure> {
    use crate::server::administration::people::change::change;
    use crate::server::http::refusal::answer;
    answer(async |context| change(context, &person).await).await
}

/// `POST /api/users/disable`: disables people and ends their sessions.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/disable", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn disable_people(people: Disabling) -> Result<Answer, Failure> {
    use crate::server::administration::people::acts::{Act, several};
    use crate::server::administration::people::chosen::Chosen;
    use crate::server::http::refusal::answer;
    answer(async |context| {
        several(
            context,
            &Chosen { ids: people.ids.as_deref(), filter: people.filter.as_ref(), expected: people.expected },
            Act::disable(people.reason.as_deref())?,
        )
        .await
    })
    .await
}

/// `POST /api/users/enable`: enables people.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/enable", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn enable_people(people: PeopleAct) -> Result<Answer, Failure> {
    use crate::server::administration::people::acts::{Act, several};
    use crate::server::administration::people::chosen::Chosen;
    use crate::server::http::refusal::answer;
    answer(async |context| {
        several(
            context,
            &Chosen { ids: people.ids.as_deref(), filter: people.filter.as_ref(), expected: people.expected },
            Act::Enable,
        )
        .await
    })
    .await
}

/// `POST /api/users/unlock`: lifts the lockouts of people.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/unlock", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn unlock_people(people: PeopleAct) -> Result<Answer, Failure> {
    use crate::server::administration::people::acts::{Act, several};
    use crate::server::administration::people::chosen::Chosen;
    use crate::server::http::refusal::answer;
    answer(async |context| {
        several(
            context,
            &Chosen { ids: people.ids.as_deref(), filter: people.filter.as_ref(), expected: people.expected },
            Act::Unlock,
        )
        .await
    })
    .await
}

/// `POST /api/users/require-password`: requires new passwords of people.
///
/// # Errors
/// `validation_failed`, `conflict`, `reauth_required`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/require-password", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn require_passwords(people: PeopleAct) -> Result<Answer, Failure> {
    use crate::server::administration::people::acts::{Act, several};
    use crate::server::administration::people::chosen::Chosen;
    use crate::server::http::refusal::answer;
    answer(async |context| {
        several(
            context,
            &Chosen { ids: people.ids.as_deref(), filter: people.filter.as_ref(), expected: people.expected },
            Act::RequirePassword,
        )
        .await
    })
    .await
}

/// `POST /api/users/reset-link`: makes links with which people choose a password.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/reset-link", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn reset_links(people: LinkRequest) -> Result<Answer, Failure> {
    use crate::server::administration::people::acts::{Act, several};
    use crate::server::administration::people::chosen::Chosen;
    use crate::server::http::refusal::answer;
    answer(async |context| several(context, &Chosen::ids(&people.ids), Act::ResetLink).await).await
}

/// `POST /api/users/remove-picture`: removes the pictures of people.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/remove-picture", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn remove_pictures(people: PeopleAct) -> Result<Answer, Failure> {
    use crate::server::administration::people::acts::{Act, several};
    use crate::server::administration::people::chosen::Chosen;
    use crate::server::http::refusal::answer;
    answer(async |context| {
        several(
            context,
            &Chosen { ids: people.ids.as_deref(), filter: people.filter.as_ref(), expected: people.expected },
            Act::RemovePicture,
        )
        .await
    })
    .await
}

/// `POST /api/users/delete`: deletes people.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/delete", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn delete_people(people: Deletion) -> Result<Answer, Failure> {
    use crate::server::administration::people::acts::delete;
    use crate::server::http::refusal::answer;
    answer(async |context| delete(context, &people).await).await
}

/// `POST /api/users/assign`: assigns a role and labels.
///
/// # Errors
/// `validation_failed`, `forbidden`, `reauth_required`, `conflict`, `unavailable`.
#[server(prefix = "/api", endpoint = "users/assign", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn assign(people: Assignment) -> Result<Answer, Failure> {
    use crate::server::administration::people::acts::{Act, several};
    use crate::server::administration::people::chosen::Chosen;
    use crate::server::http::refusal::answer;
    answer(async |context| {
        several(
            context,
            &Chosen { ids: people.ids.as_deref(), filter: people.filter.as_ref(), expected: people.expected },
            Act::assign(&people)?,
        )
        .await
    })
    .await
}

/// `POST /api/roles/save`: makes or changes a role.
///
/// # Errors
/// `validation_failed`, `forbidden`, `conflict`, `not_found`, `reauth_required`, `unavailable`.
#[server(prefix = "/api", endpoint = "roles/save", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn save_role(role: RoleChange) -> Result<RoleItem, Failure> {
    use crate::server::administration::roles::save;
    use crate::server::http::refusal::answer;
    answer(async |context| save(context, &role).await).await
}

/// `POST /api/roles/delete`: deletes roles that nobody has.
///
/// # Errors
/// `validation_failed`, `reauth_required`, `unavailable`.
#[server(prefix = "/api", endpoint = "roles/delete", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn delete_roles(roles: RoleDeletion) -> Result<Outcome, Failure> {
    use crate::server::administration::roles::delete;
    use crate::server::http::refusal::answer;
    answer(async |context| delete(context, &roles).await).await
}

/// `POST /api/sessions/end`: ends sessions of anybody.
///
/// # Errors
/// `invalid_request`, `conflict`, `reauth_required`, `unavailable`.
#[server(prefix = "/api", endpoint = "sessions/end", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn end_sessions(sessions: SessionEnding) -> Result<Answer<EndedOutcome>, Failure> {
    use crate::server::administration::sessions::end;
    use crate::server::http::refusal::answer;
    answer(async |context| end(context, &sessions).await).await
}

/// `POST /api/lockouts/lift`: lifts lockouts.
///
/// # Errors
/// `validation_failed`, `unavailable`.
#[server(prefix = "/api", endpoint = "lockouts/lift", input = Post<FormOrJson>, output = Post<Envelope>)]
pub async fn lift_lockouts(lockouts: Lifting) -> Result<Outcome, Failure> {
    use crate::server::administration::lockouts::lift_all;
    use crate::server::http::refusal::answer;
    answer(async |context| lift_all(context, &lockouts.items).await).await
}
