//! Unicode's normalisation forms (UAX #15), and characters as users see them (UAX #29).

/// NFC: composes characters that keyboards and systems type differently.
pub fn nfc(text: &str) -> String {
    normalised(text, Form::Nfc)
}

/// NFKC: the same, and replaces compatibility variants.
pub fn nfkc(text: &str) -> String {
    normalised(text, Form::Nfkc)
}

#[derive(Clone, Copy)]
enum Form {
    Nfc,
    Nfkc,
}

#[cfg(not(target_arch = "wasm32"))]
fn normalised(text: &str, form: Form) -> String {
    use unicode_normalization::UnicodeNormalization;
    match form {
        Form::Nfc => text.nfc().collect(),
        Form::Nfkc => text.nfkc().collect(),
    }
}

/// Uses the browser's tables. Including them would make the program a tenth larger.
#[cfg(target_arch = "wasm32")]
fn normalised(text: &str, form: Form) -> String {
    let form = match form {
        Form::Nfc => "NFC",
        Form::Nfkc => "NFKC",
    };
    js_sys::JsString::from(text).normalize(form).into()
}

/// The first user-perceived character: a letter with its marks, a flag, a family emoji. Empty
/// for an empty text.
#[cfg(not(target_arch = "wasm32"))]
pub fn first_character(text: &str) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    text.graphemes(true).next().unwrap_or_default().to_owned()
}

/// The same with the browser's tables. Browsers without `Intl.Segmenter` (Firefox before 125)
/// return the first code point.
#[cfg(target_arch = "wasm32")]
pub fn first_character(text: &str) -> String {
    use js_sys::{Array, Intl, Object, Reflect, global};
    let known = Reflect::get(&global(), &"Intl".into()).and_then(|intl| Reflect::get(&intl, &"Segmenter".into()));
    if !known.is_ok_and(|class| class.is_function()) {
        return text.chars().take(1).collect();
    }
    // Without options, the segmenter splits by user-perceived characters.
    let first = Intl::Segmenter::new(&Array::new(), &Object::new()).segment(text).containing(0);
    first.map(|first| first.segment().into()).unwrap_or_default()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn characters_are_user_perceived() {
        for (text, first) in FIRST_CHARACTERS {
            assert_eq!(first_character(text), first, "{text:?}");
        }
    }
}

/// Both sides must agree. Otherwise hydration changes the page.
#[cfg(test)]
const FIRST_CHARACTERS: [(&str, &str); 13] = [
    ("", ""),
    ("Ayşe", "A"),
    ("İrem", "İ"),
    ("E\u{301}\u{327}va", "E\u{301}\u{327}"),
    ("🇹🇷🇩🇪", "🇹🇷"),
    ("👨\u{200d}👩\u{200d}👧\u{200d}👦x", "👨\u{200d}👩\u{200d}👧\u{200d}👦"),
    ("👍🏽👍", "👍🏽"),
    ("1\u{fe0f}\u{20e3}2", "1\u{fe0f}\u{20e3}"),
    ("❤\u{fe0f}\u{200d}🔥a", "❤\u{fe0f}\u{200d}🔥"),
    (
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}a",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    ),
    ("\u{1112}\u{1161}\u{11ab}\u{1100}", "\u{1112}\u{1161}\u{11ab}"),
    ("नि", "नि"),
    ("क\u{94d}षि", "क\u{94d}षि"),
];

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn characters_are_user_perceived() {
        for (text, first) in FIRST_CHARACTERS {
            assert_eq!(first_character(text), first, "{text:?}");
        }
    }

    #[wasm_bindgen_test]
    fn the_browsers_normalisation_matches_unicode() {
        assert_eq!(nfc("S\u{327}ule e\u{301} ＡＢ"), "\u{15e}ule \u{e9} ＡＢ");
        assert_eq!(nfkc("ﬁ ＡＢ①"), "fi AB1");
        assert_eq!(nfc(&"🦊".repeat(3)).chars().count(), 3);
    }
}
