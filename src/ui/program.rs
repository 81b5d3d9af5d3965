//! The program begins, on a page that the server has rendered.

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

/// The element that overlays are put into.
pub const OVERLAYS_ID: &str = "overlays";

/// Makes what all of the program shares, in one owner that lives as long as the
/// page, and ties it to the page.
pub fn wake() {
    // A page without a body has nothing to begin on.
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
            countdown::wind(main, seed.lang, Form::lifted);
            for field in dom::all(main, "[name=newPassword]") {
                if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
                    forms.judge(input);
                }
            }
        }),
    );
    // The last effect runs last: by then everything listens.
    Effect::new(|_| browser::mark_hydrated());
}

/// What the page has brought along; on one without it, nobody is known.
fn read_seed() -> Seed {
    let seed = document().get_element_by_id(SEED_ID).and_then(|seed| seed.text_content());
    seed.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// The place for overlays, also where somebody has removed it.
fn overlays() -> Option<Element> {
    dom::on_page(&format!("#{OVERLAYS_ID}")).or_else(|| {
        let place = dom::element("div", "", "")?;
        place.set_id(OVERLAYS_ID);
        dom::body()?.prepend_with_node_1(&place).ok()?;
        Some(place)
    })
}
