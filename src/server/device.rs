//! Browser and device names, read from a `User-Agent`.
//!
//! The table contains literal substrings. A browser or device that is not in the table stays
//! empty. Versions of operating systems are left out because browsers have frozen them: every
//! Windows reports 10 and every Mac 10.15.

/// A browser's and a device's name. Each is empty if unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// E.g. `Chrome 156`.
    pub browser: String,
    /// E.g. `Windows`.
    pub device: String,
}

/// The substrings before the version, and the browser's name. The first match counts, so a
/// browser that imitates another comes before it.
const BROWSERS: &[(&[&str], &str)] = &[
    (&["Edg/", "EdgA/", "EdgiOS/", "Edge/"], "Edge"),
    (&["OPR/", "OPT/", "OPX/", "Opera/"], "Opera"),
    (&["Vivaldi/"], "Vivaldi"),
    (&["SamsungBrowser/"], "Samsung Internet"),
    (&["YaBrowser/"], "Yandex Browser"),
    (&["HuaweiBrowser/"], "Huawei Browser"),
    (&["MiuiBrowser/"], "Mi Browser"),
    (&["UCBrowser/"], "UC Browser"),
    (&["DuckDuckGo/", "Ddg/"], "DuckDuckGo"),
    (&["Firefox/", "FxiOS/"], "Firefox"),
    (&["Chromium/", "HeadlessChrome/", "Chrome/", "CriOS/"], "Chrome"),
    (&["Version/"], "Safari"),
    (&["MSIE ", "Trident/7.0; rv:"], "Internet Explorer"),
];

/// The substrings, and the device's name. Specific entries come before general ones.
const DEVICES: &[(&[&str], &str)] = &[
    (&["iPad"], "iPad"),
    (&["iPhone"], "iPhone"),
    (&["iPod"], "iPod"),
    (&["Windows Phone"], "Windows Phone"),
    (&["Android"], "Android"),
    (&["OpenHarmony", "HarmonyOS"], "HarmonyOS"),
    (&["Windows"], "Windows"),
    (&["CrOS"], "ChromeOS"),
    (&["Macintosh", "Mac OS X"], "macOS"),
    (&["Ubuntu"], "Ubuntu"),
    (&["FreeBSD"], "FreeBSD"),
    (&["Linux", "X11"], "Linux"),
];

/// Reads a `User-Agent`.
pub fn read(user_agent: &str) -> Description {
    let device = DEVICES.iter().find(|(marks, _)| marks.iter().any(|mark| user_agent.contains(mark)));
    Description {
        browser: browser(user_agent),
        device: device.map_or_else(String::new, |(_, name)| (*name).to_owned()),
    }
}

fn browser(user_agent: &str) -> String {
    let named = BROWSERS.iter().find_map(|(marks, name)| {
        let version = marks.iter().find_map(|mark| version(user_agent, mark))?;
        Some(format!("{name} {version}"))
    });
    let curl = || user_agent.strip_prefix("curl/").map(|rest| format!("curl {}", digits(rest)));
    let webkit = || user_agent.contains("AppleWebKit/").then(|| "Safari".to_owned());
    named.or_else(curl).or_else(webkit).unwrap_or_default()
}

/// The number after a substring.
fn version<'a>(user_agent: &'a str, mark: &str) -> Option<&'a str> {
    let versions = user_agent.match_indices(mark).map(|(at, _)| digits(&user_agent[at + mark.len()..]));
    versions.into_iter().find(|version| !version.is_empty())
}

fn digits(text: &str) -> &str {
    &text[..text.bytes().take_while(u8::is_ascii_digit).count()]
}

/// Browser and device in one text, e.g. `Chrome 156 · Windows`. Empty if both are unknown.
pub fn describe(user_agent: &str) -> String {
    let words = read(user_agent);
    [words.browser, words.device].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_browsers_are_recognised() {
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
            ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)".to_owned(), "Internet Explorer 8 · Windows"),
            (format!("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE}"), "Safari · macOS"),
            ("curl/8.14.1".to_owned(), "curl 8"),
            ("libcurl/8.14.1 Chrome/ Edg/x".to_owned(), ""),
            (String::new(), ""),
            ("<script>alert(1)</script>".to_owned(), ""),
        ] {
            assert_eq!(describe(&user_agent), words, "{user_agent}");
        }
    }

    #[test]
    fn browser_and_device_are_separate() {
        let words = read("Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0");
        assert_eq!(words, Description { browser: "Firefox 145".to_owned(), device: "Android".to_owned() });
    }
}
