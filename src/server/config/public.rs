//! The public URL, and the origins and hosts that follow from it.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use url::{Host, Url};

use super::Invalid;

pub fn public_url(text: &str, insecure: bool) -> Result<Url, Invalid> {
    let wanted = "PUBLIC_URL must be the address people use, like https://panel.example.org, without a path";
    let url = Url::parse(text).map_err(|_| wanted.to_owned())?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    match url.scheme() {
        "https" | "http" if !bare || url.host_str().and_then(Authority::parse).is_none() => Err(wanted.to_owned()),
        "https" => Ok(url),
        "http" if insecure || is_loopback(&url) => Ok(url),
        "http" => Err("PUBLIC_URL must be https: over plain http anybody on the way can take sessions (DANGER_INSECURE_HTTP=1 allows it)".to_owned()),
        _ => Err(wanted.to_owned()),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// The names of the loopback interface, which are equivalent.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The public origin first, and on loopback the same origin under its other names.
pub fn origins(public: &Url) -> Vec<String> {
    let mut origins = vec![public.origin().ascii_serialization()];
    let is_public = |name: &&str| public.host_str() == Some(name);
    if LOOPBACK.iter().any(is_public) {
        for name in LOOPBACK.iter().filter(|name| !is_public(name)) {
            let mut other = public.clone();
            if other.set_host(Some(name)).is_ok() {
                origins.push(other.origin().ascii_serialization());
            }
        }
    }
    origins
}

/// A host and port, as in a `Host` header or URL, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority<'a> {
    host: Cow<'a, str>,
    /// `None` if absent.
    port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// Parses `name`, `name:port`, `[v6]` or `[v6]:port`. Rejects anything else, including a
    /// user or a list.
    pub fn parse(text: &'a str) -> Option<Authority<'a>> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (ip, port) = rest.split_once(']')?;
                (format!("[{}]", ip.parse::<Ipv6Addr>().ok()?).into(), port)
            }
            None => {
                let (name, port) = text.split_at(text.find(':').unwrap_or(text.len()));
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
                let upper = name.bytes().any(|byte| byte.is_ascii_uppercase());
                let host = || if upper { name.to_ascii_lowercase().into() } else { Cow::from(name) };
                (!name.is_empty() && name.bytes().all(plain)).then(|| (host(), port))?
            }
        };
        let port = match port.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            None if port.is_empty() => None,
            _ => return None,
        };
        Some(Authority { host, port })
    }

    fn owned(self) -> Authority<'static> {
        Authority { host: self.host.into_owned().into(), port: self.port }
    }
}

/// Every spelling of the hosts that requests may be sent to. The default port of the scheme may
/// be absent.
pub fn authorities(origins: &[String]) -> Vec<Authority<'static>> {
    let urls = origins.iter().filter_map(|origin| Url::parse(origin).ok());
    urls.flat_map(|url| {
        let named = url.host_str().and_then(Authority::parse).map(Authority::owned);
        let with_port = named.clone().map(|named| Authority { port: url.port_or_known_default(), ..named });
        [with_port, named.filter(|_| url.port().is_none())].into_iter().flatten()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_has_one_spelling() {
        let same =
            |one: &str, other: &str| assert_eq!(Authority::parse(one).unwrap(), Authority::parse(other).unwrap());
        same("Panel.Example.ORG:443", "panel.example.org:443");
        same("[0:0:0:0:0:0:0:1]:3000", "[::1]:3000");
        same("a:0080", "a:80");
        for (one, other) in [("a", "a:80"), ("a", "a."), ("127.0.0.1", "127.0.0.2"), ("[::1]", "[::2]")] {
            assert_ne!(Authority::parse(one).unwrap(), Authority::parse(other).unwrap());
        }
    }

    #[test]
    fn what_names_no_place_is_none() {
        for bad in [
            "", " ", ":", ":80", "a:", "a:b", "a:80:80", "a:+80", "a:-1", "a:65536", "a b", "a,a", "a, a", "u@a",
            "u:p@a:80", "http://a", "a/", "a?", "a#", "a\\b", "ş", "a\u{0}", "[::1", "::1", "::1:80", "[::1]80", "[a]",
            "[]", "[::1]:", "%61", "*", "a\tb", "(a)",
        ] {
            assert_eq!(Authority::parse(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_default_port_may_be_left_out() {
        let all = |origin: &str| authorities(&[origin.to_owned()]);
        let named =
            |texts: &[&'static str]| texts.iter().map(|text| Authority::parse(text).unwrap()).collect::<Vec<_>>();
        assert_eq!(all("https://panel.example.org"), named(&["panel.example.org:443", "panel.example.org"]));
        assert_eq!(all("http://[::1]"), named(&["[::1]:80", "[::1]"]));
        assert_eq!(all("https://panel.example.org:8443"), named(&["panel.example.org:8443"]));
    }
}
