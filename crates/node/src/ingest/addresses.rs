//! Clients by their addresses, and a bounded table of them.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::limits::RATED_ADDRESSES;

/// The bits of an IPv6 address that name a network; a host is free to choose the others.
const NETWORK_BITS: u128 = u128::MAX << 64;

/// The address under which a client is counted: an IPv4 address as it is, an IPv6 address as its /64, because one host
/// has all addresses of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The client behind an address that a connection came from, or that a trusted proxy names.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self(Ipv6Addr::from(u128::from(address) & NETWORK_BITS).into()),
            address => Self(address),
        }
    }

    /// All clients that do not fit into a table share this one.
    fn unlisted() -> Self {
        Self(Ipv4Addr::UNSPECIFIED.into())
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

/// One value for each client, for [`RATED_ADDRESSES`] clients at most; the others share one.
#[derive(Debug)]
pub struct AddressTable<V> {
    values: HashMap<ClientAddress, V>,
    unlisted: usize,
}

impl<V> Default for AddressTable<V> {
    fn default() -> Self {
        Self { values: HashMap::new(), unlisted: 0 }
    }
}

impl<V> AddressTable<V> {
    /// The value of a client. A full table first drops the values that are as good as new; it looks for them once in
    /// many calls, because each look goes through all.
    pub fn value_of(
        &mut self,
        client: ClientAddress,
        is_as_new: impl Fn(&V) -> bool,
        new: impl FnOnce() -> V,
    ) -> &mut V {
        let mut is_listed = self.values.len() < RATED_ADDRESSES || self.values.contains_key(&client);
        if !is_listed {
            if self.unlisted.is_multiple_of(RATED_ADDRESSES / 16) {
                self.values.retain(|_, value| !is_as_new(value));
            }
            self.unlisted = self.unlisted.wrapping_add(1);
            is_listed = self.values.len() < RATED_ADDRESSES;
        }
        let client = if is_listed { client } else { ClientAddress::unlisted() };
        self.values.entry(client).or_insert_with(new)
    }

    /// The number of clients that have a value.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether no client has a value.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(address: &str) -> ClientAddress {
        ClientAddress::of(address.parse().unwrap())
    }

    #[test]
    fn one_host_is_one_client() {
        assert_eq!(client("2001:db8:0:1::1"), client("2001:db8:0:1:ffff::2"));
        assert_ne!(client("2001:db8:0:1::1"), client("2001:db8:0:2::1"));
        assert_eq!(client("::ffff:192.0.2.1"), client("192.0.2.1"));
        assert_ne!(client("192.0.2.1"), client("192.0.2.2"));
        assert_eq!(client("2001:db8:0:1::7").to_string(), "2001:db8:0:1::/64");
        assert_eq!(client("::ffff:192.0.2.1").to_string(), "192.0.2.1");
    }

    #[test]
    fn a_full_table_takes_no_more_clients_until_values_are_as_good_as_new() {
        let mut table = AddressTable::default();
        for number in 1..=RATED_ADDRESSES as u32 + 10_000 {
            let client = ClientAddress::of(Ipv4Addr::from(number).into());
            *table.value_of(client, |_| false, || 0) += 1;
        }
        assert_eq!(table.len(), RATED_ADDRESSES + 1);
        assert_eq!(*table.value_of(client("255.0.0.1"), |_| false, || 0), 10_000, "the others share one");
        let mut calls = 0;
        while *table.value_of(client("255.0.0.1"), |_| true, || 0) > 0 {
            calls += 1;
            assert!(calls <= RATED_ADDRESSES, "the table never made room");
        }
    }
}
