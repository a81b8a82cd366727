//! Bytes that are kept once for all that have the same.

use std::collections::HashSet;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) type Bytes = Box<[u8]>;

/// Entries below which it is not worth to look for those that nobody has any more.
const SWEEP_ENTRIES_MIN: usize = 64;

/// Bytes below which an entry takes more than it saves.
const LEN_MIN: usize = 16;

/// Places for hashes of bytes that were seen once.
const SEEN_PLACES: usize = 4_096;

/// Bytes of an entry beside what it holds: the counts and the place of an `Arc`, and its share of the table.
const ENTRY_BYTES: usize = 16 + size_of::<Bytes>() + 2 * size_of::<Arc<Bytes>>();

/// Bytes that many sessions have, each kept once. It takes in what it sees for the second time, so that what only one session
/// has takes no place. What nobody has any more leaves by and by: there are never more than twice as many entries as were in use
/// at some time since.
#[derive(Debug, Default)]
pub struct SharedBytes {
    entries: HashSet<Arc<Bytes>>,
    /// Hashes of bytes that are not among the entries; a later one takes the place of an earlier one.
    seen: Vec<u32>,
    heap_bytes: usize,
    /// The number of entries at which to drop those that nobody has.
    sweep_at: usize,
}

impl SharedBytes {
    /// These bytes as all have them; `None` if they are seen for the first time.
    pub(crate) fn find_or_keep(&mut self, bytes: Vec<u8>) -> Option<Arc<Bytes>> {
        if bytes.len() < LEN_MIN {
            return None;
        }
        let bytes = bytes.into_boxed_slice();
        if let Some(kept) = self.entries.get(&bytes) {
            return Some(kept.clone());
        }
        let hash = self.entries.hasher().hash_one(&bytes);
        self.seen.resize(SEEN_PLACES, 0);
        let seen = &mut self.seen[hash as usize % SEEN_PLACES];
        let mark = (hash >> 32) as u32 | 1;
        if std::mem::replace(seen, mark) != mark {
            return None;
        }
        let bytes = Arc::new(bytes);
        self.insert(bytes.clone());
        Some(bytes)
    }

    /// Replaces bytes that were shared elsewhere by those that are kept here.
    pub(crate) fn adopt(&mut self, bytes: &mut Arc<Bytes>) {
        match self.entries.get(bytes) {
            Some(kept) => *bytes = kept.clone(),
            None => self.insert(bytes.clone()),
        }
    }

    fn insert(&mut self, bytes: Arc<Bytes>) {
        if self.entries.len() >= self.sweep_at.max(SWEEP_ENTRIES_MIN) {
            self.sweep();
        }
        self.heap_bytes += ENTRY_BYTES + bytes.len();
        self.entries.insert(bytes);
    }

    fn sweep(&mut self) {
        self.entries.retain(|kept| Arc::strong_count(kept) > 1);
        self.heap_bytes = self.entries.iter().map(|kept| ENTRY_BYTES + kept.len()).sum();
        self.sweep_at = 2 * self.entries.len();
    }

    /// Bytes of the heap that it takes.
    pub fn heap_bytes(&self) -> usize {
        self.heap_bytes + self.seen.capacity() * size_of::<u32>()
    }
}

/// Bytes on their way out, as a whole and not as a list of numbers.
pub(crate) struct Written<'a>(pub(crate) &'a [u8]);

/// Bytes on their way in.
pub(crate) struct Read(pub(crate) Bytes);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(ReadVisitor)
    }
}

struct ReadVisitor;

impl<'de> Visitor<'de> for ReadVisitor {
    type Value = Read;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("bytes")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Read, E> {
        Ok(Read(bytes.into()))
    }

    /// Formats without bytes write them as numbers.
    fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<Read, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = numbers.next_element()? {
            bytes.push(byte);
        }
        Ok(Read(bytes.into_boxed_slice()))
    }
}
