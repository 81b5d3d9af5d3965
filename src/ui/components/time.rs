//! Times: the server renders UTC, and the program converts it to the user's time zone.

use leptos::prelude::*;

use crate::model::lang::Lang;
use crate::ui::dom;
use crate::ui::page::lang;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A time in words; `at` is RFC 3339 in UTC.
#[component]
pub fn Time(at: String) -> impl IntoView {
    let text = plain(&at, lang());
    view! { <time datetime=at>{text}</time> }
}

/// Converts the times within an element to the user's time zone.
pub fn localise(root: &web_sys::Element, lang: Lang) {
    for time in dom::all(root, "time[datetime]") {
        let text = local(&time.get_attribute("datetime").unwrap_or_default(), lang);
        if text.is_some() && text != time.text_content() {
            time.set_text_content(text.as_deref());
        }
    }
}

/// Returns a time in the user's time zone. Only in the browser.
pub fn in_words(at: &str, lang: Lang) -> String {
    local(at, lang).unwrap_or_else(|| plain(at, lang))
}

/// Formats as `24 Nov 2026, 22:01 UTC` or `24.11.2026 22:01 UTC`; an invalid time is returned as it
/// is.
fn plain(at: &str, lang: Lang) -> String {
    let parts = || {
        let (year, month, day) = (at.get(0..4)?, at.get(5..7)?, at.get(8..10)?);
        let time = at.get(11..16)?;
        Some(match lang {
            Lang::Tr => format!("{day}.{month}.{year} {time} UTC"),
            Lang::En => {
                let name = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
                format!("{} {name} {year}, {time} UTC", day.trim_start_matches('0'))
            }
        })
    };
    parts().unwrap_or_else(|| at.to_owned())
}

/// Formats in the user's time zone, by the browser's `Intl`.
fn local(at: &str, lang: Lang) -> Option<String> {
    let date = js_sys::Date::new(&at.into());
    if date.get_time().is_nan() {
        return None;
    }
    // British English puts the day first, like the server's text.
    let (tag, style) = match lang {
        Lang::En => ("en-GB", "medium"),
        Lang::Tr => ("tr", "short"),
    };
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"dateStyle".into(), &style.into()).ok()?;
    js_sys::Reflect::set(&options, &"timeStyle".into(), &"short".into()).ok()?;
    Some(date.to_locale_string(tag, &options).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_in_utc() {
        let at = "2026-11-04T22:01:09.123Z";
        assert_eq!(plain(at, Lang::En), "4 Nov 2026, 22:01 UTC");
        assert_eq!(plain(at, Lang::Tr), "04.11.2026 22:01 UTC");
        for odd in ["", "soon", "2026-13-04T22:01:09Z", "ğğğğğğğğğğğ"] {
            assert_eq!(plain(odd, Lang::En), odd);
        }
    }
}
