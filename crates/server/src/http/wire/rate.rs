//! How much one address may send (report contract, section 5). Off unless set: behind one household's router, or a proxy
//! that is not a trusted one, many players share an address.

use std::time::{Duration, Instant};

use parking_lot::Mutex;
use playhead_node::ingest::addresses::{AddressTable, ClientAddress};

/// Seconds over which the rate is evened out: pages load in bursts.
const BURST_SECONDS: f64 = 10.0;

/// Counts requests by address.
#[derive(Debug)]
pub(crate) struct AddressRates {
    per_second: f64,
    buckets: Mutex<AddressTable<Bucket>>,
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
    pub(crate) fn allows(&self, client: ClientAddress, now: Instant) -> bool {
        let mut buckets = self.buckets.lock();
        let most = self.per_second * BURST_SECONDS;
        // An address that has been quiet for the whole burst is as good as new.
        let quiet = Duration::from_secs_f64(BURST_SECONDS);
        let is_as_new = |bucket: &Bucket| now.duration_since(bucket.at) >= quiet;
        let bucket = buckets.value_of(client, is_as_new, || Bucket { requests: most, at: now });
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
    use std::net::IpAddr;

    use playhead_node::limits::RATED_ADDRESSES;

    use super::*;

    fn client(address: [u8; 4]) -> ClientAddress {
        ClientAddress::of(IpAddr::from(address))
    }

    #[test]
    fn a_burst_is_allowed_and_then_the_rate() {
        let rates = AddressRates::new(2).unwrap();
        let (start, address) = (Instant::now(), client([10, 0, 0, 1]));
        let allowed = |at: Instant| (0..100).filter(|_| rates.allows(address, at)).count();
        assert_eq!(allowed(start), 20);
        assert_eq!(allowed(start + Duration::from_secs(3)), 6);
        assert_eq!(allowed(start + Duration::from_secs(3_600)), 20);
        assert!(rates.allows(client([10, 0, 0, 2]), start), "another address has its own count");
    }

    #[test]
    fn the_list_of_addresses_does_not_grow_without_bound() {
        let rates = AddressRates::new(1).unwrap();
        let now = Instant::now();
        for number in 0..RATED_ADDRESSES as u32 + 1_000 {
            rates.allows(client(number.to_be_bytes()), now);
        }
        assert!(rates.buckets.lock().len() <= RATED_ADDRESSES + 1);
        assert!(!rates.allows(client([255, 0, 0, 1]), now), "unlisted addresses share one count");
        assert!(rates.allows(client([255, 0, 0, 1]), now + Duration::from_secs(60)));
    }
}
