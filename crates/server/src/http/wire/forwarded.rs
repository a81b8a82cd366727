//! For whom a trusted proxy passes a request on, by `X-Forwarded-For` and `Forwarded` (RFC 7239).
//!
//! Each proxy adds behind what it got, so the headers are read from their end: up to the first address that is not a
//! trusted proxy, because what stands before that is the word of a stranger.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::FORWARDED;
use playhead_node::ingest::proxies::TrustedProxies;
use playhead_node::limits::PROXY_HOPS;

/// The header with addresses alone.
pub(crate) const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of the client of a request that came from `peer`: the peer itself, unless it is a trusted proxy that names
/// another one. If two headers name different ones, the proxy has set one of them at most, and nothing says which: then
/// it is the proxy.
pub(crate) fn client_of(peer: IpAddr, headers: &HeaderMap, proxies: &TrustedProxies) -> IpAddr {
    if !proxies.trust(peer) {
        return peer;
    }
    let in_list = named(peer, proxies, headers, X_FORWARDED_FOR, |line| {
        line.split(',').filter(|entry| !entry.trim().is_empty()).map(address).collect()
    });
    let in_elements = named(peer, proxies, headers, FORWARDED.as_str(), |line| {
        // Where a line has no meaning, neither has what stands before it.
        nodes(line).map_or_else(|| vec![None], |nodes| nodes.iter().map(|node| address((*node)?)).collect())
    });
    match (in_list, in_elements) {
        (Some(client), None) | (None, Some(client)) => client,
        (Some(client), Some(same)) if client == same => client,
        _ => peer,
    }
}

/// The client as one header names it; `None` without that header.
fn named(
    peer: IpAddr,
    proxies: &TrustedProxies,
    headers: &HeaderMap,
    name: &str,
    read: impl Fn(&str) -> Vec<Option<IpAddr>>,
) -> Option<IpAddr> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    let mut client = (!lines.is_empty()).then_some(peer)?;
    let entries = lines.iter().rev().flat_map(|line| {
        let entries = line.to_str().map_or_else(|_| vec![None], &read);
        entries.into_iter().rev()
    });
    for entry in entries.take(PROXY_HOPS) {
        // What is no address was said by the trusted proxy behind it, or by somebody before that: it ends there.
        let Some(address) = entry else { break };
        client = address;
        if !proxies.trust(address) {
            break;
        }
    }
    Some(client)
}

/// An address with or without a port, as proxies write it: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`,
/// `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let (address, port) = match text.strip_prefix('[') {
        Some(inside) => {
            let (address, behind) = inside.split_once(']')?;
            let address: std::net::Ipv6Addr = address.parse().ok()?;
            (IpAddr::from(address), if behind.is_empty() { None } else { Some(behind.strip_prefix(':')?) })
        }
        None => match text.parse() {
            Ok(address) => (address, None),
            Err(_) => {
                let (address, port) = text.split_once(':')?;
                let address: std::net::Ipv4Addr = address.parse().ok()?;
                (address.into(), Some(port))
            }
        },
    };
    // A port may be hidden behind a name that begins with an underscore.
    let is_port = |port: &str| port.starts_with('_') || port.parse::<u16>().is_ok();
    port.is_none_or(is_port).then(|| address.to_canonical())
}

/// What each element of `Forwarded` has for `for`; `None` if the line is not of that form. A client could open quotes that
/// would take in what the proxy adds, so nothing of such a line counts.
fn nodes(line: &str) -> Option<Vec<Option<&str>>> {
    let mut nodes = Vec::new();
    let mut node = None;
    let mut rest = line.trim();
    while !rest.is_empty() {
        let is_pair = rest.find(['=', ';', ',', '"']).is_some_and(|place| rest[place..].starts_with('='));
        if is_pair {
            let (name, behind) = rest.split_once('=')?;
            let (value, behind) = match behind.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"')?,
                None => behind.split_at(behind.find([';', ',', '"']).unwrap_or(behind.len())),
            };
            if value.contains('\\') {
                return None;
            }
            if name.trim().eq_ignore_ascii_case("for") && node.replace(value).is_some() {
                return None;
            }
            rest = behind.trim_start();
        }
        match rest.chars().next() {
            None => break,
            Some(';') => {}
            Some(',') => nodes.push(node.take()),
            Some(_) => return None,
        }
        rest = rest[1..].trim_start();
    }
    nodes.push(node);
    Some(nodes)
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    /// Who counts behind the proxies 10.0.0.0/8 and 2001:db8:ffff::/48, of which 10.0.0.1 passes the request on.
    fn client(headers: &[(&str, &str)]) -> String {
        client_behind("10.0.0.1", headers)
    }

    fn client_behind(peer: &str, headers: &[(&str, &str)]) -> String {
        let networks = ["10.0.0.0/8", "2001:db8:ffff::/48"].map(|network| network.parse().unwrap());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let proxies = TrustedProxies::of(networks.into()).unwrap();
        client_of(peer.parse().unwrap(), &map, &proxies).to_string()
    }

    #[test]
    fn the_last_address_that_is_no_trusted_proxy_counts() {
        let list = |value: &str| client(&[("X-Forwarded-For", value)]);
        assert_eq!(list("192.0.2.1"), "192.0.2.1");
        assert_eq!(list("203.0.113.9, 192.0.2.1, 10.0.0.2,10.0.0.3"), "192.0.2.1");
        assert_eq!(list("192.0.2.1, 2001:db8:ffff::2"), "192.0.2.1");
        assert_eq!(list("10.0.0.9, 10.0.0.2"), "10.0.0.9", "a client among the proxies");
        assert_eq!(list(" ,192.0.2.1 , "), "192.0.2.1");
        assert_eq!(list(""), "10.0.0.1");
        assert_eq!(client(&[]), "10.0.0.1");
        let two = [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-For", "192.0.2.2, 10.0.0.2")];
        assert_eq!(client(&two), "192.0.2.2", "the second line stands behind the first");
        let many = (0..100).map(|host| format!("198.51.100.{host}")).collect::<Vec<_>>().join(", ");
        assert_eq!(list(&many), "198.51.100.99");
        let proxies = (0..100).map(|host| format!("10.0.1.{host}")).collect::<Vec<_>>().join(", ");
        assert_eq!(list(&format!("192.0.2.1, {proxies}")), format!("10.0.1.{}", 100 - PROXY_HOPS));
    }

    #[test]
    fn what_a_stranger_says_is_not_heard() {
        let headers = [("X-Forwarded-For", "198.51.100.1"), ("Forwarded", "for=198.51.100.1")];
        assert_eq!(client_behind("192.0.2.1", &headers), "192.0.2.1");
        assert_eq!(client_behind("2001:db8::1", &headers), "2001:db8::1");
        assert_eq!(client_behind("::ffff:10.0.0.1", &headers), "198.51.100.1");
    }

    #[test]
    fn addresses_have_ports_and_brackets() {
        let list = |value: &str| client(&[("X-Forwarded-For", value)]);
        assert_eq!(list("192.0.2.1:4711"), "192.0.2.1");
        assert_eq!(list("2001:db8::7"), "2001:db8::7");
        assert_eq!(list("[2001:db8::7]"), "2001:db8::7");
        assert_eq!(list("[2001:db8::7]:4711"), "2001:db8::7");
        assert_eq!(list("\"[2001:db8::7]:4711\""), "2001:db8::7");
        assert_eq!(list("::ffff:192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn garbage_counts_as_the_proxy_that_passed_it_on() {
        let garbage = [
            "unknown",
            "-",
            "localhost",
            "192.0.2",
            "192.0.2.1:",
            "192.0.2.1:port",
            "192.0.2.1:99999",
            "[2001:db8::1",
            "2001:db8::1]",
            "[192.0.2.1]",
            "[::1]80",
            "fe80::1%eth0",
            "192.0.2.1;x",
            "\u{661}.0.2.1",
            "1,2",
            "\"",
        ];
        for entry in garbage {
            let list = |value: String| client(&[("X-Forwarded-For", &value)]);
            assert_eq!(list(entry.to_owned()), "10.0.0.1", "{entry}");
            assert_eq!(list(format!("192.0.2.1, {entry}")), "10.0.0.1", "{entry}");
            if entry.is_ascii() {
                assert_eq!(list(format!("{entry}, 10.0.0.2")), "10.0.0.2", "{entry}");
                assert_eq!(list(format!("{entry}, 192.0.2.1")), "192.0.2.1", "{entry}");
            }
        }
    }

    #[test]
    fn the_standard_header_says_the_same() {
        let said = |value: &str| client(&[("Forwarded", value)]);
        assert_eq!(said("for=192.0.2.1"), "192.0.2.1");
        assert_eq!(said("by=10.0.0.1; FOR=\"192.0.2.1:80\" ;proto=https"), "192.0.2.1");
        assert_eq!(said("for=\"[2001:db8::7]:4711\";host=\"a,b;c\", for=10.0.0.2"), "2001:db8::7");
        assert_eq!(said("for=\"[2001:db8::7]:_hidden\""), "2001:db8::7");
        assert_eq!(said("for=192.0.2.1, for=_secret"), "10.0.0.1");
        assert_eq!(said("for=192.0.2.1, proto=https"), "10.0.0.1");
        assert_eq!(said("for=unknown, for=10.0.0.2"), "10.0.0.2");
        assert_eq!(said("for=192.0.2.1, for=192.0.2.2;for=192.0.2.3"), "10.0.0.1");
    }

    #[test]
    fn quotes_of_a_client_do_not_hide_what_the_proxy_adds() {
        let said = |value: &str| client(&[("Forwarded", value)]);
        for opened in ["for=\"198.51.100.1", "for=198.51.100.1;x=\"", "x=\"\\", "\"", "for=\"198.51.100.1\\"]
        {
            for added in ["for=192.0.2.1", "for=\"192.0.2.1:80\"", "for=\"[2001:db8::7]\";by=\"10.0.0.1\""] {
                let client = said(&format!("{opened}, {added}"));
                assert_ne!(client, "198.51.100.1", "{opened}, {added}");
            }
        }
        let lines = [("Forwarded", "for=\"198.51.100.1"), ("Forwarded", "for=192.0.2.1")];
        assert_eq!(client(&lines), "192.0.2.1");
    }

    #[test]
    fn headers_that_contradict_each_other_name_nobody() {
        let both = |list: &str, element: &str| client(&[("X-Forwarded-For", list), ("Forwarded", element)]);
        assert_eq!(both("192.0.2.1", "for=192.0.2.1"), "192.0.2.1");
        assert_eq!(both("192.0.2.1", "for=\"192.0.2.1:80\", for=10.0.0.3"), "192.0.2.1");
        assert_eq!(both("192.0.2.1", "for=198.51.100.1"), "10.0.0.1");
        assert_eq!(both("192.0.2.1", "nonsense"), "10.0.0.1");
    }
}
