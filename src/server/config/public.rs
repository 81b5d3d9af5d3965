//! The address people use, and what follows from it.

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
        "https" | "http" if !bare || url.host().is_none() => Err(wanted.to_owned()),
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

/// On loopback `localhost` and `127.0.0.1` are alike.
pub fn origins(public: &Url) -> Vec<String> {
    let mut origins = vec![public.origin().ascii_serialization()];
    let twin = match public.host_str() {
        Some("localhost") => "127.0.0.1",
        Some("127.0.0.1") => "localhost",
        _ => return origins,
    };
    let mut other = public.clone();
    if other.set_host(Some(twin)).is_ok() {
        origins.push(other.origin().ascii_serialization());
    }
    origins
}
