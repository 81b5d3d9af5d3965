//! Invisible characters: users can neither type them again nor tell them apart.

/// Whether a character leaves its place empty: white space or an invisible character.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_hidden(c)
}

/// Whether a character is invisible and is not a typed space: control and format characters
/// (including directions and joiners), line separators, fillers, variation selectors, tags, and
/// Unicode's default-ignorable characters.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            // The blank of Braille, and the fillers of Hangul and Khitan.
            | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{16fe4}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffc}'
            // Joiners of hieroglyphs, shorthand and musical notes.
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether every character of a text is visible. Characters that shape the one before count as
/// part of it: joiners, which Persian and Malayalam names and family emoji need, variation
/// selectors, and the tags of three flags.
pub fn is_visible(text: &str) -> bool {
    let text = SUBDIVISION_FLAGS.iter().fold(text.to_owned(), |text, flag| text.replace(flag, "\u{1f3f4}"));
    let mut before = ' ';
    text.chars().all(|c| {
        let fits = match c {
            _ if is_selector(c) => !is_blank(before),
            _ if is_joiner(c) => !is_blank(before) || is_selector(before),
            c => !is_hidden(c),
        };
        before = c;
        fits
    })
}

/// England, Scotland and Wales: the only ones that Unicode recommends.
const SUBDIVISION_FLAGS: [&str; 3] = [
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

/// A variation selector, including those of Mongolian.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{e0100}'..='\u{e01ef}')
}

/// A joiner, a non-joiner, or Mongolian's vowel separator.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{180e}')
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_recognised() {
        for c in "\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200d}\u{200e}\u{202e}\u{2060}\u{2066}\u{2800}\u{3164}\
                  \u{ffa0}\u{fe0f}\u{feff}\u{fffb}\u{16fe4}\u{1d159}\u{1d173}\u{e0001}\u{e0041}\u{e0100}\u{e0fff}\0\n\u{7f}\u{85}"
            .chars()
        {
            assert!(is_hidden(c) && is_blank(c), "{c:?}");
        }
        for c in " \u{a0}\u{1680}\u{2000}\u{200a}\u{202f}\u{205f}\u{3000}".chars() {
            assert!(is_blank(c) && !is_hidden(c), "{c:?}");
        }
        for c in "aİşß-'.1م한あ漢🦊\u{301}\u{20e3}\u{600}\u{e000}".chars() {
            assert!(!is_blank(c), "{c:?}");
        }
    }

    #[test]
    fn shaping_characters_belong_to_the_one_before() {
        for fine in [
            "Ayşe Işık",
            "می\u{200c}خواهم",
            "മോഹന\u{d4d}\u{200d}",
            "👨\u{200d}👩\u{200d}👧 Ali",
            "❤\u{fe0f}\u{200d}🔥",
            "👁\u{fe0f}\u{200d}🗨\u{fe0f}",
            "1\u{fe0f}\u{20e3}",
            "邊\u{e0100}",
            "ᠰᠠᠷ\u{180e}ᠠ",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ] {
            assert!(is_visible(fine), "{fine:?}");
        }
        for bad in [
            "\u{200d}Ali",
            "Ali \u{200c}Veli",
            "A\u{200d}\u{200d}li",
            "A\u{200d}\u{fe0f}li",
            "A\u{fe0f}\u{fe0f}li",
            "\u{fe0f}",
            "A\u{200b}li",
            "Ali\u{feff}",
            "A\u{ad}li",
            "A\u{2800}li",
            "A\u{3164}li",
            "A\u{202e}li",
            "A\u{e0041}li",
            "🏴\u{e0041}\u{e007f}",
            "a\nb",
        ] {
            assert!(!is_visible(bad), "{bad:?}");
        }
    }
}
