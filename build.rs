//! Generates the code that `src/model/text.rs` includes from `locales/*.json`: a constant for each
//! plain text, and a function for each text with placeholders or plural forms.

use std::collections::BTreeMap;
use std::fmt::Write;

type Texts = BTreeMap<String, String>;

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

    let (mut constants, mut functions) = (String::new(), String::new());
    for (key, english) in &en {
        let turkish = &tr[key];
        assert!(
            placeholders(english) == placeholders(turkish),
            "the placeholders of {key} differ between the languages"
        );
        if let Some(base) = key.strip_suffix("_one") {
            let other = format!("{base}_other");
            let text = |texts: &Texts| texts.get(&other).unwrap_or_else(|| panic!("{other} is missing")).clone();
            functions += &plural(base, [english, turkish], [&text(&en), &text(&tr)]);
        } else if key.strip_suffix("_other").is_some_and(|base| en.contains_key(&format!("{base}_one"))) {
            // Written with its `_one`.
        } else if placeholders(english).is_empty() {
            writeln!(
                constants,
                "    /// {english}\n    pub const {}: Text = Text({english:?}, {turkish:?});",
                variant(key)
            )
            .expect("a String takes all text");
        } else {
            functions += &with_values(key, english, turkish);
        }
    }
    // Constants and not a table: the browser's program holds only what it names.
    let code = format!(
        "/// A text in English and Turkish, by its key in `locales/`.\n#[derive(Clone, Copy, Debug, PartialEq, Eq)]\n\
         pub struct Text(&'static str, &'static str);\n\n\
         #[allow(non_upper_case_globals, reason = \"a text is named as a variant would be\")]\nimpl Text {{\n{constants}}}\n\n\
         {functions}"
    );
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(format!("{out}/text.rs"), code).expect("OUT_DIR is writable");
}

/// `pub fn key(lang, name: impl Display, …) -> String`.
fn with_values(key: &str, english: &str, turkish: &str) -> String {
    let names = placeholders(english);
    format!(
        "/// {english}\npub fn {key}(lang: Lang{}) -> String {{\n    Text({english:?}, {turkish:?}).fill(lang, &[{}])\n}}\n\n",
        arguments(&names),
        values(&names)
    )
}

/// The same with a count, which chooses between two texts and has its digits in groups.
fn plural(key: &str, one: [&String; 2], other: [&String; 2]) -> String {
    let names = placeholders(other[0]);
    assert!(names.contains(&"count"), "{key}_other says no {{count}}");
    let further: Vec<&str> = names.iter().copied().filter(|name| *name != "count").collect();
    format!(
        "/// {}\npub fn {key}(lang: Lang, count: u32{}) -> String {{\n    let text = match plural(lang, count) {{\n        \
         Plural::One => Text({:?}, {:?}),\n        Plural::Other => Text({:?}, {:?}),\n    }};\n    text.fill(lang, &[{}])\n}}\n\n",
        other[0],
        arguments(&further),
        one[0],
        one[1],
        other[0],
        other[1],
        values(&names).replace("&count)", "&grouped(lang, count))")
    )
}

fn arguments(names: &[&str]) -> String {
    names.iter().map(|name| format!(", {name}: impl Display")).collect()
}

/// The pairs of placeholder and value.
fn values(names: &[&str]) -> String {
    names.iter().map(|name| format!("(\"{{{name}}}\", &{name})")).collect::<Vec<_>>().join(", ")
}

fn read(lang: &str) -> Texts {
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
