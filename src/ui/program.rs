//! Starts the program on a server-rendered page.

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::auth_store::AuthStore;
use super::components::overlays::Overlays;
use super::components::time;
use super::form::Form;
use super::forms::Forms;
use super::preferences::Shown;
use super::session_life::SessionLife;
use super::{browser, countdown, dom, header, in_place};
use crate::model::seed::{SEED_ID, Seed};

/// The element that contains the overlays.
pub const OVERLAYS_ID: &str = "overlays";

/// Creates the program's shared state in one owner that lives as long as the page, and connects it
/// to the page.
pub fn start() {
    // A page without a body has no place for the program.
    let Some(place) = overlays().and_then(|place| place.dyn_into::<HtmlElement>().ok()) else { return };
    let program = mount_to(place, || {
        begin();
        view! { <Overlays/> }
    });
    program.forget();
}

fn begin() {
    let seed = read_seed();
    provide_context(seed.lang);
    let shown = Shown::provide(&seed);
    let store = AuthStore::provide(&seed.who);
    let life = SessionLife::provide(store, &seed.who);
    let forms = Forms { life, shown, lang: seed.lang };
    forms.listen();
    header::follow(store);
    in_place::begin(
        shown,
        Box::new(move |main| {
            time::localise(main, seed.lang);
            countdown::start_all(main, seed.lang, Form::lifted);
            for field in dom::all(main, "[name=newPassword]") {
                if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
                    forms.check_password(input);
                }
            }
        }),
    );
    // Effects run in order, so all listeners exist by then.
    Effect::new(|_| browser::mark_hydrated());
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
