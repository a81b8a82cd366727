//! The setting that names trusted proxies.

use std::str::FromStr;

use playhead_node::ingest::proxies::{Network, TrustedProxies};
use serde::{Deserialize, Serialize};

/// A list of addresses and networks: separated by commas in a flag, which can come several times, and in the environment;
/// an array in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub(crate) struct ProxyList(TrustedProxies);

impl ProxyList {
    /// The proxies.
    pub(crate) fn proxies(&self) -> &TrustedProxies {
        &self.0
    }

    /// All proxies of several lists.
    ///
    /// # Errors
    ///
    /// If there are too many.
    pub(crate) fn joined(lists: impl IntoIterator<Item = Self>) -> Result<Self, String> {
        let networks = lists.into_iter().flat_map(|list| list.0.networks().to_vec());
        TrustedProxies::of(networks.collect()).map(Self).map_err(|error| error.to_string())
    }
}

impl TryFrom<Vec<String>> for ProxyList {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        let (mut networks, mut faults) = (Vec::new(), Vec::new());
        for name in names {
            match name.trim().parse::<Network>() {
                Ok(network) => networks.push(network),
                Err(error) => faults.push(error.to_string()),
            }
        }
        if !faults.is_empty() {
            return Err(faults.join("; "));
        }
        TrustedProxies::of(networks).map(Self).map_err(|error| error.to_string())
    }
}

impl From<ProxyList> for Vec<String> {
    fn from(list: ProxyList) -> Self {
        list.0.networks().iter().map(Network::to_string).collect()
    }
}

impl FromStr for ProxyList {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.split(',').map(str::to_owned).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_written_and_its_faults_are_told_together() {
        let list: ProxyList = "10.0.0.0/8, 2001:db8::7".parse().unwrap();
        assert_eq!(Vec::from(list.clone()), ["10.0.0.0/8", "2001:db8::7"]);
        let joined = ProxyList::joined([list, "::1".parse().unwrap()]).unwrap();
        assert_eq!(Vec::from(joined), ["10.0.0.0/8", "2001:db8::7", "::1"]);
        let error = "10.0.0.1/8,::1,proxy".parse::<ProxyList>().unwrap_err();
        assert!(error.contains("write 10.0.0.0/8; `proxy` is neither an address"), "{error}");
        assert!("10.0.0.1,".parse::<ProxyList>().is_err());
    }
}
