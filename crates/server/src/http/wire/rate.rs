//! How much one address may send (report contract, section 5). Off unless set: behind a proxy, or one household's
//! router, many players share an address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use playhead_node::limits::RATED_ADDRESSES;

/// Seconds over which the rate is evened out: pages load in bursts.
const BURST_SECONDS: f64 = 10.0;

/// Counts requests by address.
#[derive(Debug)]
pub(crate) struct AddressRates {
    per_second: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    requests: f64,
    at: Instant,
}

impl AddressRates {
    /// A limit of so many requests a second for each address; `None` when there is no limit.
    pub(crate) fn new(per_second: u32) -> Option<Self> {
        (per_second > 0).then(|| Self { per_second: per_second.into(), buckets: Mutex::default() })
    }

    /// Counts one request; `false` when it is one too many.
    pub(crate) fn allows(&self, address: IpAddr, now: Instant) -> bool {
        let mut buckets = self.buckets.lock();
        if buckets.len() >= RATED_ADDRESSES && !buckets.contains_key(&address) {
            // Addresses that have been quiet for the whole burst are as good as new.
            let quiet = Duration::from_secs_f64(BURST_SECONDS);
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < quiet);
        }
        // When even that makes no room, the addresses that are not listed share one count.
        let is_listed = buckets.len() < RATED_ADDRESSES || buckets.contains_key(&address);
        let address = if is_listed { address } else { IpAddr::from([0, 0, 0, 0]) };
        let most = self.per_second * BURST_SECONDS;
        let bucket = buckets.entry(address).or_insert(Bucket { requests: most, at: now });
        let passed = now.duration_since(bucket.at).as_secs_f64();
        bucket.requests = (bucket.requests + passed * self.per_second).min(most);
        bucket.at = now;
        if bucket.requests < 1.0 {
            return false;
        }
        bucket.requests -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let rates = AddressRates::new(2).unwrap();
        let (start, address) = (Instant::now(), IpAddr::from([10, 0, 0, 1]));
        let allowed = |at: Instant| (0..100).filter(|_| rates.allows(address, at)).count();
        assert_eq!(allowed(start), 20);
        assert_eq!(allowed(start + Duration::from_secs(3)), 6);
        assert_eq!(allowed(start + Duration::from_secs(3_600)), 20);
        assert!(rates.allows(IpAddr::from([10, 0, 0, 2]), start), "another address has its own count");
    }

    #[test]
    fn the_list_of_addresses_does_not_grow_without_bound() {
        let rates = AddressRates::new(1).unwrap();
        let now = Instant::now();
        for number in 0..RATED_ADDRESSES as u32 + 1_000 {
            rates.allows(IpAddr::from(number.to_be_bytes()), now);
        }
        assert!(rates.buckets.lock().len() <= RATED_ADDRESSES + 1);
        assert!(!rates.allows(IpAddr::from([255, 0, 0, 1]), now), "unlisted addresses share one count");
        assert!(rates.allows(IpAddr::from([255, 0, 0, 1]), now + Duration::from_secs(60)));
    }
}
