//! The sessions of an engine, each at a place of its own.
//!
//! A place is four bytes where an id is 32, so the calendar and the lists of an engine name sessions by theirs. A place is
//! given again after its session has gone; the number of the tenancy tells the two apart. The way from an id to its place is a
//! list of hashes with linear probing, eight bytes an entry: a map of ids would take five times as much.

use std::ops::Range;

use playhead_protocol::SessionId;

use crate::accounting::session::Session;

/// A session by its place, for as long as it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handle {
    pub(crate) place: u32,
    /// Counted from 0, and from there again after the last number: nothing remembers one for so long.
    pub(crate) tenancy: u32,
}

/// Entries that an index has at first.
const ENTRIES_MIN: usize = 16;

/// Sessions at their places.
#[derive(Debug, Default)]
pub(crate) struct Table {
    places: Vec<Option<Box<Session>>>,
    free: Vec<u32>,
    index: Index,
    tenancies: u32,
}

impl Table {
    pub(crate) fn len(&self) -> usize {
        self.index.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.index.len == 0
    }

    /// The place of a session.
    pub(crate) fn find(&self, id: &SessionId) -> Option<u32> {
        self.index.find(hash(id), |place| self.get(place).is_some_and(|session| session.id == *id))
    }

    pub(crate) fn get(&self, place: u32) -> Option<&Session> {
        self.places.get(place as usize)?.as_deref()
    }

    pub(crate) fn get_mut(&mut self, place: u32) -> Option<&mut Session> {
        self.places.get_mut(place as usize)?.as_deref_mut()
    }

    /// The place of a handle, unless its session has gone.
    pub(crate) fn place_of(&self, handle: Handle) -> Option<u32> {
        self.get(handle.place).filter(|session| session.tenancy == handle.tenancy).map(|_| handle.place)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Session> {
        self.places.iter().filter_map(|session| session.as_deref())
    }

    /// How many places there are, taken and free.
    pub(crate) fn places(&self) -> usize {
        self.places.len()
    }

    /// The sessions at places of this range.
    pub(crate) fn at(&self, places: Range<usize>) -> impl Iterator<Item = &Session> {
        let end = places.end.min(self.places.len());
        self.places[places.start.min(end)..end].iter().filter_map(|session| session.as_deref())
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (u32, &mut Session)> {
        (0..).zip(&mut self.places).filter_map(|(place, session)| Some((place, session.as_deref_mut()?)))
    }

    /// Gives a session a place; no session of its id may have one.
    pub(crate) fn insert(&mut self, mut session: Box<Session>) -> u32 {
        session.tenancy = self.tenancies;
        self.tenancies = self.tenancies.wrapping_add(1);
        // The limits of memory come long before the last of these numbers.
        let place = self.free.pop().unwrap_or(self.places.len() as u32);
        self.index.insert(hash(&session.id), place);
        match self.places.get_mut(place as usize) {
            Some(free) => *free = Some(session),
            None => self.places.push(Some(session)),
        }
        place
    }

    /// Takes a session away.
    pub(crate) fn remove(&mut self, place: u32) -> Option<Box<Session>> {
        let session = self.places.get_mut(place as usize)?.take()?;
        self.index.remove(hash(&session.id), place);
        self.free.push(place);
        if self.is_empty() {
            let tenancies = self.tenancies;
            *self = Self { tenancies, ..Self::default() };
        }
        Some(session)
    }

    /// Bytes of heap beside the sessions.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<Option<Box<Session>>>()
            + self.free.capacity() * size_of::<u32>()
            + self.index.entries.len() * size_of::<Entry>()
    }
}

/// Ids are random, so four of their bytes are as good as any hash. Not the first: it says in which shard a session is.
fn hash(id: &SessionId) -> u32 {
    let [.., a, b, c, d] = *id.as_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// From hashes to places.
#[derive(Debug, Default)]
struct Index {
    /// As many as a power of two, or none. The low bits of a hash say where to begin to look.
    entries: Vec<Entry>,
    len: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    hash: u32,
    /// The place and 1; 0 if the entry is free.
    place: u32,
}

impl Index {
    /// The place that belongs to a hash and is the one looked for.
    fn find(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let at = self.probe(hash, is_it)?;
        self.entries[at].place.checked_sub(1)
    }

    /// The entry of a place, from that of its hash on.
    fn probe(&self, hash: u32, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        let mask = self.entries.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        while let Some(place) = self.entries[at].place.checked_sub(1) {
            if self.entries[at].hash == hash && is_it(place) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
        None
    }

    fn insert(&mut self, hash: u32, place: u32) {
        // A quarter stays free, so that a search ends soon.
        if 4 * (self.len + 1) > 3 * self.entries.len() {
            let entries = vec![Entry::default(); (2 * self.entries.len()).max(ENTRIES_MIN)];
            let smaller = std::mem::replace(&mut self.entries, entries);
            smaller.into_iter().filter(|entry| entry.place != 0).for_each(|entry| self.put(entry));
        }
        self.len += 1;
        self.put(Entry { hash, place: place + 1 });
    }

    fn put(&mut self, entry: Entry) {
        let mask = self.entries.len() - 1;
        let mut at = entry.hash as usize & mask;
        while self.entries[at].place != 0 {
            at = (at + 1) & mask;
        }
        self.entries[at] = entry;
    }

    fn remove(&mut self, hash: u32, place: u32) {
        let Some(mut free) = self.probe(hash, |other| other == place) else { return };
        self.len -= 1;
        // Those behind it move up, as far as that brings them no further than where a search for them begins.
        let mask = self.entries.len() - 1;
        let mut at = (free + 1) & mask;
        while self.entries[at].place != 0 {
            let from_home = at.wrapping_sub(self.entries[at].hash as usize) & mask;
            if from_home >= at.wrapping_sub(free) & mask {
                self.entries[free] = self.entries[at];
                free = at;
            }
            at = (at + 1) & mask;
        }
        self.entries[free] = Entry::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Hashes of few bits, so that they meet all the time.
        #[test]
        fn an_index_is_what_a_map_would_be(steps in prop::collection::vec((0_u32..24, any::<bool>()), 0..400)) {
            let mut index = Index::default();
            let mut map = std::collections::BTreeMap::new();
            for (place, is_there) in steps {
                let hash = place % 5 * 13;
                if is_there && !map.contains_key(&place) {
                    index.insert(hash, place);
                    map.insert(place, hash);
                } else if !is_there {
                    index.remove(hash, place);
                    map.remove(&place);
                }
                prop_assert_eq!(index.len, map.len());
                for place in 0..24 {
                    let found = index.find(place % 5 * 13, |other| other == place);
                    prop_assert_eq!(found.is_some(), map.contains_key(&place));
                }
            }
        }
    }
}
