//! The bytes of bodies in memory, counted against their limits as they arrive: those of all clients together, and those
//! of each address. Within both, large bodies leave a part to small ones, so that starts and events of a session find
//! room however many downloaded sessions come in.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::error::IngestError;
use crate::ingest::addresses::ClientAddress;
use crate::limits::{
    ADDRESS_BODIES_BYTES, ADDRESS_SMALL_BODIES_BYTES, BODIES_IN_FLIGHT_BYTES, SMALL_BODIES_BYTES,
    SMALL_BODY_BYTES,
};

/// The number of addresses above which the list drops those without a connection.
const LISTED_ADDRESSES: usize = 1_024;

/// The bodies in flight of all clients.
#[derive(Debug)]
pub(crate) struct Bodies {
    all: Arc<Room>,
    addresses: Mutex<Addresses>,
}

/// The room of each address that has a connection.
#[derive(Debug)]
struct Addresses {
    rooms: HashMap<ClientAddress, Weak<Room>>,
    tidied_at: usize,
}

/// A limit of bytes, and the bytes in use.
#[derive(Debug)]
struct Room {
    limit_bytes: usize,
    /// The part of the limit that large bodies may not take.
    small_bytes: usize,
    small: AtomicUsize,
    large: AtomicUsize,
}

/// The bodies in flight of one address.
#[derive(Debug, Clone)]
pub struct AddressBodies {
    all: Arc<Room>,
    own: Arc<Room>,
}

/// The bytes of one body, released on drop.
#[derive(Debug)]
pub struct BodyBudget {
    of: AddressBodies,
    taken: usize,
    is_large: bool,
}

impl Default for Bodies {
    fn default() -> Self {
        let addresses = Addresses { rooms: HashMap::new(), tidied_at: LISTED_ADDRESSES };
        Self {
            all: Arc::new(Room::new(BODIES_IN_FLIGHT_BYTES, SMALL_BODIES_BYTES)),
            addresses: Mutex::new(addresses),
        }
    }
}

impl Bodies {
    /// The bodies of one address; each connection calls this once, and each request that a trusted proxy passes on.
    pub(crate) fn of(&self, client: ClientAddress) -> AddressBodies {
        let mut addresses = self.addresses.lock();
        if addresses.rooms.len() >= addresses.tidied_at {
            addresses.rooms.retain(|_, room| room.strong_count() > 0);
            addresses.tidied_at = LISTED_ADDRESSES.max(2 * addresses.rooms.len());
        }
        let listed = addresses.rooms.get(&client).and_then(Weak::upgrade);
        let own = listed.unwrap_or_else(|| {
            let room = Arc::new(Room::new(ADDRESS_BODIES_BYTES, ADDRESS_SMALL_BODIES_BYTES));
            addresses.rooms.insert(client, Arc::downgrade(&room));
            room
        });
        AddressBodies { all: self.all.clone(), own }
    }
}

impl Room {
    fn new(limit_bytes: usize, small_bytes: usize) -> Self {
        Self { limit_bytes, small_bytes, small: AtomicUsize::new(0), large: AtomicUsize::new(0) }
    }

    /// Adds bytes, and returns whether they fit; they are added in either case.
    fn take(&self, is_large: bool, bytes: usize) -> bool {
        if is_large {
            let large = self.large.fetch_add(bytes, Ordering::Relaxed) + bytes;
            let small = self.small.load(Ordering::Relaxed);
            large <= self.limit_bytes - self.small_bytes && large + small <= self.limit_bytes
        } else {
            let small = self.small.fetch_add(bytes, Ordering::Relaxed) + bytes;
            small + self.large.load(Ordering::Relaxed) <= self.limit_bytes
        }
    }

    fn give_back(&self, is_large: bool, bytes: usize) {
        let taken = if is_large { &self.large } else { &self.small };
        taken.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl AddressBodies {
    /// Zero bytes, extended as a body arrives.
    pub fn begin(&self) -> BodyBudget {
        BodyBudget { of: self.clone(), taken: 0, is_large: false }
    }
}

impl BodyBudget {
    /// Takes the bytes of a body that have just arrived. A body counts as large from the byte on that makes it so.
    ///
    /// # Errors
    ///
    /// [`IngestError::Busy`] if all bodies, or those of the address, have no more room.
    pub fn take(&mut self, bytes: usize) -> Result<(), IngestError> {
        let mut more = bytes;
        if !self.is_large && self.taken + bytes > SMALL_BODY_BYTES {
            self.give_back();
            more += std::mem::take(&mut self.taken);
            self.is_large = true;
        }
        self.taken += more;
        let has_own_room = self.of.own.take(self.is_large, more);
        let has_room = self.of.all.take(self.is_large, more);
        match (has_own_room, has_room) {
            (true, true) => Ok(()),
            (false, _) => Err(IngestError::Busy("bodies in flight from this address")),
            (true, false) => Err(IngestError::Busy("bodies in flight")),
        }
    }

    /// Whether the body counts as large.
    pub fn is_large(&self) -> bool {
        self.is_large
    }

    fn give_back(&self) {
        self.of.own.give_back(self.is_large, self.taken);
        self.of.all.give_back(self.is_large, self.taken);
    }
}

impl Drop for BodyBudget {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn client(number: u32) -> ClientAddress {
        ClientAddress::of(Ipv4Addr::from(number).into())
    }

    /// Bodies of so many bytes, until one finds no room.
    fn fill(bodies: &AddressBodies, bytes: usize) -> Vec<BodyBudget> {
        let mut taken = Vec::new();
        loop {
            let mut budget = bodies.begin();
            if budget.take(bytes).is_err() {
                return taken;
            }
            taken.push(budget);
        }
    }

    #[test]
    fn bytes_come_back_when_a_submission_is_dropped() {
        let bodies = Bodies::default();
        let one = bodies.of(client(1));
        for _ in 0..2 {
            let large = fill(&one, 1 << 20);
            assert_eq!(large.len() << 20, ADDRESS_BODIES_BYTES - ADDRESS_SMALL_BODIES_BYTES);
            let small = fill(&one, SMALL_BODY_BYTES);
            assert_eq!(small.len() * SMALL_BODY_BYTES, ADDRESS_SMALL_BODIES_BYTES);
        }
        assert_eq!(bodies.all.small.load(Ordering::Relaxed) + bodies.all.large.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn large_bodies_of_many_addresses_leave_room_to_small_ones() {
        let bodies = Bodies::default();
        let addresses: Vec<_> = (1..=8).map(|number| bodies.of(client(number))).collect();
        let large: Vec<_> = addresses.iter().map(|address| fill(address, 1 << 20)).collect();
        let bytes = large.iter().map(|bodies| bodies.len() << 20).sum::<usize>();
        assert_eq!(bytes, BODIES_IN_FLIGHT_BYTES - SMALL_BODIES_BYTES);
        assert!(bodies.of(client(9)).begin().take(SMALL_BODY_BYTES).is_ok());
        assert!(bodies.of(client(9)).begin().take(SMALL_BODY_BYTES + 1).is_err());
    }

    #[test]
    fn a_body_is_large_from_the_byte_on_that_makes_it_so() {
        let bodies = Bodies::default();
        let mut budget = bodies.of(client(1)).begin();
        for _ in 0..SMALL_BODY_BYTES {
            assert!(budget.take(1).is_ok());
        }
        assert!(!budget.is_large());
        assert!(budget.take(1).is_ok() && budget.is_large());
        assert_eq!(bodies.all.small.load(Ordering::Relaxed), 0);
        assert_eq!(bodies.all.large.load(Ordering::Relaxed), SMALL_BODY_BYTES + 1);
    }

    #[test]
    fn addresses_that_have_gone_are_forgotten() {
        let bodies = Bodies::default();
        let kept = bodies.of(client(0));
        for number in 1..10_000 {
            let _gone = bodies.of(client(number));
        }
        assert!(bodies.addresses.lock().rooms.len() <= LISTED_ADDRESSES);
        assert!(Arc::ptr_eq(&kept.own, &bodies.of(client(0)).own));
    }
}
