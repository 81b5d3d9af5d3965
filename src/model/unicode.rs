//! Unicode's normal forms (UAX #15): one spelling for what looks the same.

/// Composes what keyboards and systems type differently: NFC.
pub fn nfc(text: &str) -> String {
    normalised(text, Form::Nfc)
}

/// The same, and what only looks different becomes one: NFKC.
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

/// Browsers have the tables; bringing them along would be a tenth of the program.
#[cfg(target_arch = "wasm32")]
fn normalised(text: &str, form: Form) -> String {
    let form = match form {
        Form::Nfc => "NFC",
        Form::Nfkc => "NFKC",
    };
    js_sys::JsString::from(text).normalize(form).into()
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn the_browsers_forms_are_unicodes() {
        assert_eq!(nfc("S\u{327}ule e\u{301} ＡＢ"), "\u{15e}ule \u{e9} ＡＢ");
        assert_eq!(nfkc("ﬁ ＡＢ①"), "fi AB1");
        assert_eq!(nfc(&"🦊".repeat(3)).chars().count(), 3);
    }
}
