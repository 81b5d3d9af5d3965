//! Browser tests: `cargo test --target wasm32-unknown-unknown`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::{KEY, Mirror, read, remove, write};
use crate::ui::testing::{block_storage, fill_storage, fresh, local_storage, person};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_mirror_has_exactly_six_fields() {
    fresh();
    assert!(write(&Mirror::of(&person("u1"))));
    let json = local_storage().get_item(KEY).unwrap().unwrap();
    let kept = js_sys::JSON::parse(&json).unwrap();
    let mut names: Vec<String> = js_sys::Object::keys(kept.unchecked_ref::<js_sys::Object>())
        .iter()
        .filter_map(|name| name.as_string())
        .collect();
    names.sort();
    assert_eq!(names, ["avatar", "email", "name", "permissions", "role", "userId"]);
    assert!(js_sys::Reflect::get(&kept, &"avatar".into()).is_ok_and(|avatar| avatar.is_null()));
    remove();
}

#[wasm_bindgen_test]
fn a_written_mirror_is_read_until_it_is_removed() {
    fresh();
    let mirror = Mirror::of(&person("u2"));
    assert!(write(&mirror));
    assert_eq!(read(), Some(mirror));
    assert!(remove());
    assert_eq!(read(), None);
}

#[wasm_bindgen_test]
fn a_corrupt_mirror_is_removed() {
    fresh();
    let six = r#"{"userId":"u","email":"e","name":"n","role":"r","permissions":[],"avatar":null"#;
    for corrupt in ["", "{", "null", "\"u1\"", "{}", r#"{"userId":"u1"}"#, &format!(r#"{six},"accessToken":"x"}}"#)] {
        local_storage().set_item(KEY, corrupt).unwrap();
        assert_eq!(read(), None, "{corrupt}");
        assert_eq!(local_storage().get_item(KEY).unwrap(), None, "{corrupt}");
    }
    local_storage().set_item(KEY, &format!("{six}}}")).unwrap();
    assert!(read().is_some());
    remove();
}

#[wasm_bindgen_test]
fn blocked_storage_reads_as_empty_without_a_panic() {
    fresh();
    let mirror = Mirror::of(&person("u3"));
    for refusal in [
        "throw new DOMException('no', 'SecurityError')",
        "return null",
        "return { getItem() { throw new Error('no') } }",
    ] {
        let _blocked = block_storage(refusal);
        assert_eq!(read(), None);
        assert!(!write(&mirror));
        assert!(!remove());
    }
}

#[wasm_bindgen_test]
fn full_storage_removes_the_old_mirror() {
    fresh();
    local_storage().set_item(KEY, "older").unwrap();
    let full = fill_storage();
    let kept = write(&Mirror::of(&person("u4")));
    drop(full);
    assert!(!kept);
    assert_eq!(local_storage().get_item(KEY).unwrap(), None);
}
