//! The client's address: from the socket, or from trusted proxies.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;

use crate::server::config::Config;

/// Whether an address belongs to a trusted proxy.
pub fn is_trusted(ip: IpAddr, config: &Config) -> bool {
    config.trusted_proxies.iter().any(|network| network.contains(&ip))
}

/// The socket's address. Behind trusted proxies, the right-most entry of `X-Forwarded-For` that
/// is not a trusted proxy. Other entries can be forged and are ignored.
pub fn client_address(headers: &HeaderMap, peer: IpAddr, config: &Config) -> IpAddr {
    let mut address = peer;
    for entry in items(headers, "x-forwarded-for").iter().rev() {
        if !is_trusted(address, config) {
            break;
        }
        // An invalid entry ends the search: everything to its left may be forged.
        let Some(ip) = parse_address(entry) else { break };
        address = ip.to_canonical();
    }
    address
}

/// The items of a list header, from all its lines in order. Empty items are ignored (RFC 9110,
/// section 5.6.1).
pub fn items(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let items = |line: Cow<str>| line.split(',').map(|item| item.trim().to_owned()).collect::<Vec<_>>();
    lines.flat_map(items).filter(|item| !item.is_empty()).collect()
}

/// Parses an address in any spelling that proxies use: with a port, in brackets, or with the
/// zone of a link-local address.
fn parse_address(entry: &str) -> Option<IpAddr> {
    let with_port = || entry.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let bare = bare.split_once('%').map_or(bare, |(address, _zone)| address);
    bare.parse::<IpAddr>().ok().or_else(with_port)
}

/// The rate limit bucket of an address. IPv6 counts by /64, because one customer usually has a
/// whole /64.
pub fn address_bucket(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("{}/64", Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
    }
}
