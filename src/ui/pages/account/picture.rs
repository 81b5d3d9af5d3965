//! The picture of the person who is signed in: chosen, seen, sent, taken away.

use leptos::ev::{Event, SubmitEvent};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wasm_bindgen::JsCast;

use crate::api::account::{RemovePicture, remove_picture};
use crate::api::client;
use crate::api::upload::{PICTURE, send_picture};
use crate::model::failure::{Code, Failure};
use crate::model::form::REDIRECT_FIELD;
use crate::model::profile::MAX_PICTURE;
use crate::model::text::Text;
use crate::ui::auth_store::auth_store;
use crate::ui::components::avatar::Avatar;
use crate::ui::components::field::{FieldFrame, described_by, invalid};
use crate::ui::components::form_alert::FormAlert;
use crate::ui::components::form_state::{FormState, query};
use crate::ui::components::post_form::CsrfField;
use crate::ui::file::{self, Chosen};
use crate::ui::page::{lang, t};

/// The field's name and id.
const FIELD: &str = "picture";

/// The panel of the picture.
#[component]
pub fn Picture() -> impl IntoView {
    let store = auth_store();
    let user = Memo::new(move |_| store.state().with(|s| s.user.clone()));
    let has_picture = move || user.with(|user| user.as_ref().is_some_and(|user| user.avatar.is_some()));
    let state = FormState::of_form(PICTURE);
    let removal = FormState::of_form(RemovePicture::PATH);
    let preview = RwSignal::new(None::<String>);
    let progress = RwSignal::new(None::<f64>);
    let said = RwSignal::new(match query("saved").as_deref() {
        Some("picture") => Some(t(Text::PictureSaved)),
        Some("no-picture") => Some(t(Text::PictureRemoved)),
        _ => None,
    });
    let (saved, removed) = (t(Text::PictureSaved), t(Text::PictureRemoved));

    let choose = move |event: Event| {
        preview.set(None);
        state.failure.set(None);
        said.set(None);
        match file::chosen(&event) {
            Some(chosen) if chosen.size() > MAX_PICTURE as f64 => state.failure.set(Some(Code::PayloadTooLarge.into())),
            Some(chosen) => chosen.read(move |url| preview.set(Some(url))),
            None => {}
        }
    };
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlFormElement>().ok());
        let Some(form) = form else { return };
        if Chosen::of_form(&form, FIELD).is_some_and(|chosen| chosen.size() > MAX_PICTURE as f64) {
            return state.failure.set(Some(Code::PayloadTooLarge.into()));
        }
        state.failure.set(None);
        said.set(None);
        state.send(async move {
            progress.set(Some(0.0));
            let sent = client::call(|| send_picture(&form, move |part| progress.set(Some(part)))).await;
            progress.set(None);
            store.changed(sent?);
            form.reset();
            preview.set(None);
            state.done();
            said.set(Some(saved));
            Ok::<(), Failure>(())
        });
    };
    let remove = move |event: SubmitEvent| {
        event.prevent_default();
        said.set(None);
        removal.send(async move {
            store.changed(client::call(remove_picture).await?);
            removal.done();
            said.set(Some(removed));
            Ok(())
        });
    };
    let lang = lang();
    let preview_text = t(Text::PicturePreview);
    let (label, busy_label, progress_label) =
        (t(Text::PictureSubmit), t(Text::PictureSending), t(Text::PictureProgress));
    let shown = move || match preview.get() {
        // A file that is none, whatever its name says, has nothing to show.
        Some(url) => Some(
            view! { <img class="avatar" src=url alt=preview_text on:error=move |_| preview.set(None)/> }.into_any(),
        ),
        None => user.get().map(|user| view! { <Avatar user/> }.into_any()),
    };
    let says = move || said.get().filter(|_| state.failure.with(Option::is_none));
    view! {
        <section class="panel" aria-labelledby="picture-title">
            <h2 id="picture-title">{t(Text::PictureTitle)}</h2>
            <div role="status">
                {move || says().map(|text| view! { <p class="notice notice-success">{text}</p> })}
            </div>
            <div class="picture">
                {shown}
                <p class="muted">{t(Text::PictureLead)}</p>
            </div>
            <form class="form" method="post" action=PICTURE enctype="multipart/form-data" on:submit=send>
                // The first part: the server looks for the token before the picture.
                <CsrfField/>
                <input type="hidden" name=REDIRECT_FIELD value="/account?saved=picture"/>
                <FormAlert state/>
                <FieldFrame state name=FIELD label=Text::PictureField hint=Some(t(Text::PictureHint).to_owned())>
                    <input
                        class="input input-file"
                        id=FIELD
                        name=FIELD
                        type="file"
                        accept="image/jpeg,image/png,image/webp,image/gif"
                        aria-invalid=invalid(state, FIELD)
                        aria-describedby=described_by(state, FIELD, Some(Text::PictureHint))
                        on:change=choose
                    />
                </FieldFrame>
                {move || progress.get().map(|part| view! {
                    <progress class="progress" max="1" value=part aria-label=progress_label></progress>
                })}
                <button
                    class="button button-primary"
                    disabled=move || state.busy.get()
                    aria-busy=move || state.busy.get().then_some("true")
                >
                    {move || if state.busy.get() { busy_label } else { label }}
                </button>
            </form>
            {move || has_picture().then(|| view! {
                <form class="form" method="post" action=RemovePicture::PATH on:submit=remove>
                    <CsrfField/>
                    <input type="hidden" name=REDIRECT_FIELD value="/account?saved=no-picture"/>
                    <FormAlert state=removal/>
                    <button class="button button-quiet" disabled=move || removal.busy.get()>
                        {Text::PictureRemove.to(lang)}
                    </button>
                </form>
            })}
        </section>
    }
}
