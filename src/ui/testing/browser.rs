//! Changes of the browser that are reverted after a test.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};

use super::{departures, local_storage, run, turn};

/// A change's number, and the function that reverts it.
type Change = (usize, Box<dyn FnOnce()>);

thread_local! {
    /// The changes of the running test.
    static CHANGES: RefCell<Vec<Change>> = const { RefCell::new(Vec::new()) };
    static CHANGED: Cell<usize> = const { Cell::new(0) };
}

/// A change of the browser that all tests share. Dropping it reverts the change. A panic in
/// WebAssembly drops nothing; then [`fresh`] reverts it.
pub struct Changed(usize);

impl Changed {
    fn until(put_back: impl FnOnce() + 'static) -> Changed {
        let id = CHANGED.get();
        CHANGED.set(id + 1);
        CHANGES.with_borrow_mut(|changes| changes.push((id, Box::new(put_back))));
        Changed(id)
    }

    /// Redefines a property. In the descriptor, `before` is the original property.
    pub fn property(of: &str, name: &str, descriptor: &str) -> Changed {
        let script = format!(
            "const before = Object.getOwnPropertyDescriptor({of}, '{name}');
             Object.defineProperty({of}, '{name}', {{ configurable: true, {descriptor} }});
             return () => before ? Object.defineProperty({of}, '{name}', before) : delete {of}.{name};"
        );
        let put_back: js_sys::Function = run(&script).unchecked_into();
        Changed::until(move || _ = put_back.call0(&JsValue::NULL).unwrap())
    }
}

impl Drop for Changed {
    fn drop(&mut self) {
        let change = CHANGES.with_borrow_mut(|changes| {
            let at = changes.iter().position(|(id, _)| *id == self.0)?;
            Some(changes.remove(at).1)
        });
        if let Some(put_back) = change {
            put_back();
        }
    }
}

/// The first line of every test: reverts all changes that earlier tests left behind.
pub fn fresh() {
    while let Some((_, put_back)) = CHANGES.with_borrow_mut(Vec::pop) {
        put_back();
    }
    local_storage().clear().unwrap();
    web_sys::window().unwrap().session_storage().unwrap().unwrap().clear().unwrap();
    let root = document().document_element().unwrap();
    for mark in ["data-covered", "data-theme"] {
        root.remove_attribute(mark).unwrap();
    }
    departures();
}

/// Creates a value in a new reactive owner, which lives until the change is dropped.
pub async fn mounted<T: 'static>(make: impl FnOnce() -> T + 'static) -> (Changed, T) {
    let made = Rc::new(RefCell::new(None));
    let root = document().create_element("div").unwrap().unchecked_into();
    let page = mount_to(root, {
        let made = made.clone();
        move || _ = made.replace(Some(make()))
    });
    turn().await;
    let made = made.take().unwrap();
    (Changed::until(move || drop(page)), made)
}

/// Adds an element to the page until it is dropped.
pub fn shown() -> (Changed, web_sys::Element) {
    let element = document().create_element("div").unwrap();
    document().body().unwrap().append_child(&element).unwrap();
    let shown = element.clone();
    (Changed::until(move || shown.remove()), element)
}

/// Makes the browser block storage; `body` is the body of the getter of `window.localStorage`.
pub fn block_storage(body: &str) -> Changed {
    Changed::property("window", "localStorage", &format!("get() {{ {body} }}"))
}

/// Makes storage full.
pub fn fill_storage() -> Changed {
    Changed::property("Storage.prototype", "setItem", "writable: true, value() { throw new Error('full') }")
}

/// Shifts the browser's system clock by these milliseconds.
pub fn skew_clock(ms: i32) -> Changed {
    Changed::property("Date", "now", &format!("writable: true, value: () => before.value.call(Date) + {ms}"))
}

/// Removes Web Locks from the browser.
pub fn remove_locks() -> Changed {
    Changed::property("navigator", "locks", "value: undefined")
}
