//! The user's picture. The program adds preview and upload: see [`picture`](crate::ui::picture).

use leptos::prelude::*;

use crate::app::components::avatar::Avatar;
use crate::app::request::{form_of, query};
use crate::model::form::REDIRECT_FIELD;
use crate::model::forms;
use crate::model::text::Text;
use crate::model::user::User;
use crate::ui::components::field::{FieldFrame, described_by, invalid};
use crate::ui::components::form::{CsrfField, FormAlert, SubmitButton};
use crate::ui::page::t;

/// The field's name and id.
const FIELD: &str = "picture";

/// The panel of the picture.
#[component]
pub fn Picture(user: User) -> impl IntoView {
    let has_picture = user.avatar.is_some();
    let (state, removal) = (form_of(forms::PICTURE.action), form_of(forms::REMOVE_PICTURE.action));
    let said = match query("saved").as_deref() {
        Some("picture") => Some(t(Text::PictureSaved)),
        Some("no-picture") => Some(t(Text::PictureRemoved)),
        _ => None,
    };
    let said = said.filter(|_| !state.is_refused() && !removal.is_refused());
    view! {
        <section class="panel" id="picture-panel" aria-labelledby="picture-title">
            <h2 id="picture-title" tabindex="-1">{t(Text::PictureTitle)}</h2>
            <div role="status" data-notice="picture">
                {said.map(|text| view! { <p class="notice notice-success">{text}</p> })}
            </div>
            <div class="picture" data-preview-text=t(Text::PicturePreview)>
                <Avatar user=Some(user)/>
                <p class="muted">{t(Text::PictureLead)}</p>
            </div>
            <form class="form" method="post" action=forms::PICTURE.action enctype="multipart/form-data" data-form="">
                // The token is the first part, because the server checks it before it reads the
                // picture.
                <CsrfField/>
                <input type="hidden" name=REDIRECT_FIELD value="/account?saved=picture#picture-panel"/>
                <FormAlert state/>
                <FieldFrame state name=FIELD label=Text::PictureField hint=Some(t(Text::PictureHint).to_owned())>
                    <input
                        class="input input-file"
                        id=FIELD
                        name=FIELD
                        type="file"
                        accept="image/jpeg,image/png,image/webp,image/gif"
                        aria-invalid=invalid(state, FIELD)
                        aria-describedby=described_by(state, FIELD, true)
                    />
                </FieldFrame>
                <progress class="progress picture-progress" max="1" value="0" aria-label=t(Text::PictureProgress) hidden=true></progress>
                <SubmitButton label=Text::PictureSubmit busy_label=Text::PictureSending class="button button-primary"/>
            </form>
            {has_picture.then(|| view! {
                <form class="form" method="post" action=forms::REMOVE_PICTURE.action data-form="">
                    <CsrfField/>
                    <input type="hidden" name=REDIRECT_FIELD value="/account?saved=no-picture#picture-panel"/>
                    <FormAlert state=removal/>
                    <SubmitButton label=Text::PictureRemove busy_label=Text::Saving class="button button-quiet"/>
                </form>
            })}
        </section>
    }
}
