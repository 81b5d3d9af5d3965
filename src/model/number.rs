//! Numbers as people read them.

use super::lang::Lang;

/// A number with its digits in groups of three: `12,345` in English, `12.345` in Turkish.
pub fn grouped(lang: Lang, number: u32) -> String {
    let separator = match lang {
        Lang::En => ',',
        Lang::Tr => '.',
    };
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// A number that is counted to `most`: `1,000+` beyond it.
pub fn counted(lang: Lang, number: u32, most: u32) -> String {
    if number > most { grouped(lang, most) + "+" } else { grouped(lang, number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        for (number, english, turkish) in [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1.000"),
            (100_012, "100,012", "100.012"),
            (u32::MAX, "4,294,967,295", "4.294.967.295"),
        ] {
            assert_eq!((grouped(Lang::En, number), grouped(Lang::Tr, number)), (english.into(), turkish.into()));
        }
        assert_eq!((counted(Lang::En, 1000, 1000), counted(Lang::Tr, 1001, 1000)), ("1,000".into(), "1.000+".into()));
    }
}
