//! Where a request comes from: the socket, or what trusted proxies say.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;

use super::super::config::Config;

/// Whether an address is a proxy whose word counts.
pub fn is_trusted(ip: IpAddr, config: &Config) -> bool {
    config.trusted_proxies.iter().any(|network| network.contains(&ip))
}

/// The socket's address; behind trusted proxies the right-most entry of
/// `X-Forwarded-For` that is not one of them. Nothing else is believed.
pub fn client_address(headers: &HeaderMap, peer: IpAddr, config: &Config) -> IpAddr {
    let mut address = peer;
    let entries: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|v| v.to_str().unwrap_or_default().split(','))
        .map(str::trim)
        .collect();
    for entry in entries.iter().rev() {
        if !is_trusted(address, config) {
            break;
        }
        // What is no address ends the search: beyond it everything may be made up.
        let Some(ip) = entry.parse::<IpAddr>().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|s| s.ip())) else {
            break;
        };
        address = ip.to_canonical();
    }
    address
}

/// The bucket of an address: IPv6 counts by /64, which one customer has whole.
pub fn address_bucket(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("{}/64", Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
    }
}
