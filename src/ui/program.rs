//! Starts the program on a server-rendered page.

use std::time::Duration;

use leptos::mount::mount_to;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::auth_store::AuthStore;
use super::components::overlays::Overlays;
use super::components::time;
use super::form::Form;
use super::forms::Forms;
use super::preferences::Shown;
use super::session_life::SessionLife;
use super::{browser, copy, countdown, dom, header, in_place};
use crate::model::seed::{SEED_ID, Seed};

/// The element that contains the overlays.
pub const OVERLAYS_ID: &str = "overlays";

/// Creates the program's shared state in one owner that lives as long as the page, and connects it
/// to the page.
pub fn start() {
    // A page without a body has no place for the program.
    let Some(place) = overlays().and_then(|place| place.dyn_into::<HtmlElement>().ok()) else { return };
    let program = mount_to(place, || {
        let ready = RwSignal::new(false);
        spawn_local(begin(Owner::current().unwrap_or_default(), ready));
        move || ready.get().then(|| view! { <Overlays/> })
    });
    program.forget();
}

/// Starts the parts of the program. Each is a task of its own, so that the browser can answer the
/// user in between. Until [`Forms::listen`] runs, forms work as plain HTML.
async fn begin(owner: Owner, ready: RwSignal<bool>) {
    next_task().await;
    let seed = read_seed();
    let shown = owner.with(|| {
        provide_context(seed.lang);
        Shown::provide(&seed)
    });
    next_task().await;
    let store = owner.with(|| AuthStore::provide(&seed.who));
    next_task().await;
    let life = owner.with(|| SessionLife::provide(store, &seed.who));
    next_task().await;
    let forms = Forms { life, shown, lang: seed.lang };
    owner.with(|| {
        forms.listen();
        header::follow(store);
    });
    next_task().await;
    in_place::begin(shown, Box::new(move |main| prepare(main, forms)));
    next_task().await;
    ready.set(true);
    next_task().await;
    browser::mark_hydrated();
}

/// Ends the current task. Does nothing on a hidden page, where the next task could wait a second.
async fn next_task() {
    if !document().hidden() {
        browser::pause(Duration::ZERO).await;
    }
}

/// Prepares a new `main` for the user.
fn prepare(main: &Element, forms: Forms) {
    time::localise(main, forms.lang);
    copy::show(main);
    countdown::start_all(main, forms.lang, Form::lifted);
    for field in dom::all(main, "[name=newPassword]") {
        if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
            forms.check_password(input);
        }
    }
}

/// Reads the page's seed; without one, the user is unknown.
fn read_seed() -> Seed {
    let seed = document().get_element_by_id(SEED_ID).and_then(|seed| seed.text_content());
    seed.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// Returns the overlays' element, and creates it if it was removed.
fn overlays() -> Option<Element> {
    dom::on_page(&format!("#{OVERLAYS_ID}")).or_else(|| {
        let place = dom::element("div", "", "")?;
        place.set_id(OVERLAYS_ID);
        dom::body()?.prepend_with_node_1(&place).ok()?;
        Some(place)
    })
}
