//! Bytes that are kept once for all that have the same.

use std::collections::HashSet;
use std::fmt;
use std::hash::BuildHasher;
use std::ops::RangeInclusive;
use std::sync::Arc;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) type Bytes = Box<[u8]>;

/// Bytes of entries below which it is not worth to look for those that nobody has any more.
const SWEEP_BYTES_MIN: usize = 64 * 1_024;

/// Bytes that are worth an entry: a shorter one takes more than it saves, and a longer one is hardly sent twice.
const LENGTHS: RangeInclusive<usize> = 16..=4_096;

/// Places for hashes of bytes that were seen once.
const SEEN_PLACES: usize = 4_096;

/// Bytes of an entry beside what it holds: the counts and the place of an `Arc`, and its share of the table.
const ENTRY_BYTES: usize = 16 + size_of::<Bytes>() + 2 * size_of::<Arc<Bytes>>();

/// Bytes that many sessions have, each kept once. It takes in what it sees for the second time, so that what only one session
/// has takes no place. What nobody has any more leaves by and by: entries never take more than twice the bytes of those that were in
/// use when it last looked.
#[derive(Debug, Default)]
pub struct SharedBytes {
    entries: HashSet<Arc<Bytes>>,
    /// Hashes of bytes that are not among the entries; a later one takes the place of an earlier one.
    seen: Vec<u32>,
    entry_bytes: usize,
    /// The bytes of entries at which to drop those that nobody has.
    sweep_at_bytes: usize,
}

impl SharedBytes {
    /// These bytes as all have them; `None` if they are seen for the first time.
    pub(crate) fn find_or_keep(&mut self, bytes: Vec<u8>) -> Option<Arc<Bytes>> {
        if !LENGTHS.contains(&bytes.len()) {
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
        self.entry_bytes += ENTRY_BYTES + bytes.len();
        self.entries.insert(bytes);
        if self.entry_bytes > self.sweep_at_bytes.max(SWEEP_BYTES_MIN) {
            self.entries.retain(|kept| Arc::strong_count(kept) > 1);
            self.entry_bytes = self.entries.iter().map(|kept| ENTRY_BYTES + kept.len()).sum();
            self.sweep_at_bytes = 2 * self.entry_bytes;
        }
    }

    /// Bytes of the heap that it takes.
    pub fn heap_bytes(&self) -> usize {
        self.entry_bytes + self.seen.capacity() * size_of::<u32>()
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
