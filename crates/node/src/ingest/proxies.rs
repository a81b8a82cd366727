//! Proxies that an operator trusts to say for whom they pass requests on.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::limits::TRUSTED_PROXIES;

/// The bits of an IPv6 address that has an IPv4 address in it, before that.
const MAPPED_BITS: u8 = 96;

/// An address or a network, such as `10.0.0.7`, `10.0.0.0/8` or `2001:db8::/32`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// The text names no network whose addresses can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct WrongNetwork(String);

impl FromStr for Network {
    type Err = WrongNetwork;

    fn from_str(text: &str) -> Result<Self, WrongNetwork> {
        let wrong = |why: &str| {
            WrongNetwork(format!(
                "`{text}` {why}; write an address such as 10.0.0.7 or 2001:db8::7, or a network such as 10.0.0.0/8"
            ))
        };
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong("is neither an address nor a network"))?;
        let most = width_of(address);
        let bits = match bits {
            None => most,
            Some(bits) if bits.bytes().all(|digit| digit.is_ascii_digit()) => {
                let bits = bits.parse().ok().filter(|bits| *bits <= most);
                bits.ok_or_else(|| wrong(&format!("has no prefix of 1 to {most} bits")))?
            }
            Some(_) => return Err(wrong(&format!("has no prefix of 1 to {most} bits"))),
        };
        let network = Self { address, bits }.canonical();
        if network.bits == 0 {
            return Err(wrong("would trust every address"));
        }
        let first = Self { address: network.first(), ..network };
        if first != network {
            return Err(WrongNetwork(format!("`{text}` has an address behind its prefix; write {first}")));
        }
        Ok(network)
    }
}

impl Network {
    /// The same in IPv4, if it is a network of IPv4 addresses that are written as IPv6.
    fn canonical(self) -> Self {
        match (self.address.to_canonical(), self.address) {
            (address @ IpAddr::V4(_), IpAddr::V6(_)) if self.bits >= MAPPED_BITS => {
                Self { address, bits: self.bits - MAPPED_BITS }
            }
            _ => self,
        }
    }

    fn first(self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                Ipv4Addr::from(u32::from(address) & mask(self.bits).unbounded_shr(96) as u32).into()
            }
            IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & mask(self.bits)).into(),
        }
    }

    /// Whether a canonical address is one of the network.
    fn has(self, address: IpAddr) -> bool {
        width_of(address) == width_of(self.address) && Self { address, ..self }.first() == self.address
    }
}

const fn width_of(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// So many bits of 128, from the highest on.
fn mask(bits: u8) -> u128 {
    !u128::MAX.unbounded_shr(bits.into())
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)?;
        if self.bits < width_of(self.address) { write!(f, "/{}", self.bits) } else { Ok(()) }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The proxies that are trusted; none unless an operator names some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// The proxies with these addresses.
    ///
    /// # Errors
    ///
    /// If there are too many.
    pub fn of(networks: Vec<Network>) -> Result<Self, WrongNetwork> {
        if networks.len() > TRUSTED_PROXIES {
            return Err(WrongNetwork(format!("there are more than {TRUSTED_PROXIES} trusted proxies")));
        }
        Ok(Self(networks))
    }

    /// The addresses and networks.
    pub fn networks(&self) -> &[Network] {
        &self.0
    }

    /// Whether an address is that of a trusted proxy.
    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.has(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusted(networks: &[&str]) -> TrustedProxies {
        TrustedProxies::of(networks.iter().map(|network| network.parse().unwrap()).collect()).unwrap()
    }

    #[test]
    fn the_addresses_of_a_network_are_trusted_and_no_others() {
        let proxies =
            trusted(&["10.0.0.7", "172.16.0.0/12", "2001:db8:5::/48", "::1", "::ffff:192.0.2.0/120"]);
        let trust = |address: &str| proxies.trust(address.parse().unwrap());
        for address in [
            "10.0.0.7",
            "172.31.255.255",
            "172.16.0.0",
            "2001:db8:5:ffff::1",
            "::1",
            "::ffff:10.0.0.7",
            "192.0.2.9",
        ] {
            assert!(trust(address), "{address}");
        }
        for address in ["10.0.0.8", "172.32.0.0", "2001:db8:6::1", "::2", "0.0.0.1", "::a00:7", "192.0.3.0"] {
            assert!(!trust(address), "{address}");
        }
        assert!(!TrustedProxies::default().trust("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_names_no_network_is_refused_with_the_reason() {
        let cases = [
            ("", "neither an address nor a network"),
            ("localhost", "neither an address nor a network"),
            ("10.0.0", "neither an address nor a network"),
            ("[::1]", "neither an address nor a network"),
            ("10.0.0.7:80", "neither an address nor a network"),
            ("10.0.0.0/33", "no prefix of 1 to 32 bits"),
            ("10.0.0.0/", "no prefix of 1 to 32 bits"),
            ("10.0.0.0/+8", "no prefix of 1 to 32 bits"),
            ("::/129", "no prefix of 1 to 128 bits"),
            ("0.0.0.0/0", "would trust every address"),
            ("::ffff:0.0.0.0/96", "would trust every address"),
            ("::/0", "would trust every address"),
            ("10.0.0.7/8", "behind its prefix; write 10.0.0.0/8"),
            ("2001:db8::1/32", "behind its prefix; write 2001:db8::/32"),
        ];
        for (text, reason) in cases {
            let error = text.parse::<Network>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
        for text in ["10.0.0.7", "10.0.0.0/8", "2001:db8::/32", "::1"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        assert!(TrustedProxies::of(vec!["::1".parse().unwrap(); TRUSTED_PROXIES + 1]).is_err());
    }
}
