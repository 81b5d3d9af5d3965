//! Browser and device in words, read from a `User-Agent`.
//!
//! `ua-parser`, the parser of the project that keeps this knowledge for every
//! language, with a table of our own: it brings no data along, and all of the
//! project's (a thousand patterns, most for phones of long ago) would cost more
//! memory than the rest of the server. What the table does not know is unknown,
//! and said so. Versions of systems are left out: browsers have frozen them
//! (every Windows calls itself 10, every Mac 10.15), so they would be wrong.

use std::sync::LazyLock;

use ua_parser::{os, user_agent};

/// A browser or a device, as words; each empty when unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// E.g. `Chrome 156`.
    pub browser: String,
    /// E.g. `Windows`.
    pub device: String,
}

/// Pattern and name; the second group is the version. The first that matches
/// counts, so what pretends to be another stands before it.
const BROWSERS: &[(&str, &str)] = &[
    (r"(Edg|EdgA|EdgiOS|Edge)/(\d+)", "Edge"),
    (r"(OPR|OPT|OPX|Opera)/(\d+)", "Opera"),
    (r"(Vivaldi)/(\d+)", "Vivaldi"),
    (r"(SamsungBrowser)/(\d+)", "Samsung Internet"),
    (r"(YaBrowser)/(\d+)", "Yandex Browser"),
    (r"(HuaweiBrowser)/(\d+)", "Huawei Browser"),
    (r"(MiuiBrowser)/(\d+)", "Mi Browser"),
    (r"(UCBrowser)/(\d+)", "UC Browser"),
    (r"(DuckDuckGo|Ddg)/(\d+)", "DuckDuckGo"),
    (r"(Firefox|FxiOS)/(\d+)", "Firefox"),
    (r"(Chromium|HeadlessChrome|Chrome|CriOS)/(\d+)", "Chrome"),
    (r"(Version)/(\d+)[.\d]* (?:Mobile/\w+ )?Safari/", "Safari"),
    (r"(MSIE |Trident/.*rv:)(\d+)", "Internet Explorer"),
    (r"(AppleWebKit)/", "Safari"),
    (r"^(curl)/(\d+)", "curl"),
];

/// Pattern and name, the special before the general.
const DEVICES: &[(&str, &str)] = &[
    (r"iPad", "iPad"),
    (r"iPhone", "iPhone"),
    (r"iPod", "iPod"),
    (r"Windows Phone", "Windows Phone"),
    (r"Android", "Android"),
    (r"OpenHarmony|HarmonyOS", "HarmonyOS"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Macintosh|Mac OS X", "macOS"),
    (r"Ubuntu", "Ubuntu"),
    (r"FreeBSD", "FreeBSD"),
    (r"Linux|X11", "Linux"),
];

static BROWSER: LazyLock<Option<user_agent::Extractor<'static>>> = LazyLock::new(|| {
    let parser = |(regex, name): &(&'static str, &'static str)| user_agent::Parser {
        regex: (*regex).into(),
        family_replacement: Some((*name).into()),
        ..Default::default()
    };
    user_agent::Builder::new().push_all(BROWSERS.iter().map(parser)).ok()?.build().ok()
});

static DEVICE: LazyLock<Option<os::Extractor<'static>>> = LazyLock::new(|| {
    let parser = |(regex, name): &(&'static str, &'static str)| os::Parser {
        regex: (*regex).into(),
        os_replacement: Some((*name).into()),
        ..Default::default()
    };
    os::Builder::new().push_all(DEVICES.iter().map(parser)).ok()?.build().ok()
});

/// Reads a `User-Agent`.
pub fn read(user_agent: &str) -> Words {
    let browser = BROWSER.as_ref().and_then(|table| table.extract(user_agent));
    let device = DEVICE.as_ref().and_then(|table| table.extract(user_agent));
    Words {
        browser: browser.map_or_else(String::new, |found| match found.major {
            Some(version) => format!("{} {version}", found.family),
            None => found.family.into_owned(),
        }),
        device: device.map_or_else(String::new, |found| found.os.into_owned()),
    }
}

/// Both in one, e.g. `Chrome 156 · Windows`; empty when nothing is known of it.
pub fn in_words(user_agent: &str) -> String {
    let words = read(user_agent);
    [words.browser, words.device].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_valid() {
        assert!(BROWSER.is_some());
        assert!(DEVICE.is_some());
    }

    #[test]
    fn common_browsers_have_names() {
        const APPLE: &str = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
        const BLINK: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, words) in [
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/156.0.0.0 Safari/537.36"),
                "Chrome 156 · Windows",
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0"
                ),
                "Edge 156 · Windows",
            ),
            (
                format!("Mozilla/5.0 (X11; Linux x86_64) {BLINK} HeadlessChrome/156.0.0.0 Safari/537.36"),
                "Chrome 156 · Linux",
            ),
            (
                format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/156.0.0.0 Safari/537.36"),
                "Chrome 156 · ChromeOS",
            ),
            (
                format!("Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/156.0.0.0 Mobile Safari/537.36"),
                "Chrome 156 · Android",
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 10; K) {BLINK} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36"
                ),
                "Samsung Internet 29 · Android",
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/156.0.0.0 Safari/537.36 OPR/130.0.0.0"
                ),
                "Opera 130 · Windows",
            ),
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {BLINK} Chrome/154.0.0.0 YaBrowser/26.1.0.0 Safari/537.36"
                ),
                "Yandex Browser 26 · Windows",
            ),
            (
                format!("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/26.0 Safari/605.1.15"),
                "Safari 26 · macOS",
            ),
            (
                format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {APPLE} Version/18.0 Mobile/15E148 Safari/604.1"
                ),
                "Safari 18 · iPhone",
            ),
            (
                format!(
                    "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) {APPLE} CriOS/156.0.0.0 Mobile/15E148 Safari/604.1"
                ),
                "Chrome 156 · iPad",
            ),
            (
                format!(
                    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {APPLE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15"
                ),
                "Firefox 145 · iPhone",
            ),
            (
                "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".to_owned(),
                "Firefox 145 · Ubuntu",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko".to_owned(),
                "Internet Explorer 11 · Windows",
            ),
            ("curl/8.14.1".to_owned(), "curl 8"),
            (String::new(), ""),
            ("<script>alert(1)</script>".to_owned(), ""),
        ] {
            assert_eq!(in_words(&user_agent), words, "{user_agent}");
        }
    }

    #[test]
    fn browser_and_device_are_told_apart() {
        let words = read("Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0");
        assert_eq!(words, Words { browser: "Firefox 145".to_owned(), device: "Android".to_owned() });
    }
}
