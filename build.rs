//! Generates the constants of `Text` in `src/model/text.rs` from `locales/*.json`.

use std::collections::BTreeMap;
use std::fmt::Write;

fn main() {
    println!("cargo:rerun-if-changed=locales");
    println!("cargo:rerun-if-changed=migrations");
    let [en, tr] = ["en", "tr"].map(read);
    assert!(
        en.keys().eq(tr.keys()),
        "locales/en.json and locales/tr.json must have the same keys; these are in one only: {:?}",
        en.keys()
            .filter(|k| !tr.contains_key(*k))
            .chain(tr.keys().filter(|k| !en.contains_key(*k)))
            .collect::<Vec<_>>()
    );

    let mut texts = String::new();
    for (key, english) in &en {
        let turkish = &tr[key];
        assert!(
            placeholders(english) == placeholders(turkish),
            "the placeholders of {key} differ between the languages"
        );
        writeln!(texts, "    /// {english}\n    pub const {}: Text = Text({english:?}, {turkish:?});", variant(key))
            .expect("a String takes all text");
    }
    // Constants and not a table: the browser's program holds only what it names.
    let code = format!(
        "/// A text in English and Turkish, by its key in `locales/`.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n\
         pub struct Text(&'static str, &'static str);\n\n\
         #[allow(non_upper_case_globals, reason = \"a text is named as a variant would be\")]\nimpl Text {{\n{texts}}}\n"
    );
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(format!("{out}/text.rs"), code).expect("OUT_DIR is writable");
}

fn read(lang: &str) -> BTreeMap<String, String> {
    let path = format!("locales/{lang}.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// `error_not_found` → `ErrorNotFound`.
fn variant(key: &str) -> String {
    key.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// The `{name}` parts of a text, sorted: languages may order them differently.
fn placeholders(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    found.sort_unstable();
    found
}
