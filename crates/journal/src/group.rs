//! The stored form of the events of one commit.
//!
//! A group is one value in the database. It begins with
//!
//! | bytes | content |
//! |---|---|
//! | 1 | layout version |
//! | 8 | checksum of the time of receipt (8 bytes, little-endian) and of everything after it: XXH3, 64 bits, seeded with layout and first sequence, little-endian |
//!
//! In layout 3, entries follow, one after the other to the end of the value, each with its body behind it. In layout 4, which
//! is written where it is shorter, these follow:
//!
//! | bytes | content |
//! |---|---|
//! | 1 to 10 | LEB128: length of the entries |
//! | length | the entries, without bodies |
//! | to the end | all bodies, one after the other, as one frame of Zstandard (RFC 8878) |
//!
//! An entry is
//!
//! | bytes | content |
//! |---|---|
//! | 32 | session id |
//! | 1 to 10 | LEB128: distance back to the session's event before this one, 0 when there is none |
//! | 1 | flags: bit 0 downloaded, bit 1 facts follow, bit 2 last of its batch, bits 3 to 7 the wire's number |
//! | 1 to 10 | LEB128: length of the facts; only where the flags say so |
//! | length | the facts, packed ([`Facts`]) |
//! | 1 to 10 | LEB128: length of the body |
//! | length | the body, as it came; not in layout 4 |
//!
//! Bodies of one commit say nearly the same, so together they become a tenth of their length. What is random, the ids, is
//! not packed, because nothing is gained by it.
//!
//! Versions 2 and 1 are read too. The checksum of both left out the time of receipt. Version 1 had no facts, and its flags
//! were: bits 0 and 1 the door (0 Media Collection API, 1 a downloaded session of it), bit 2 last of its batch.
//!
//! Entries have consecutive sequences, so none is stored. The seed ties a group to its place and to its layout: a
//! group under the wrong key, or one whose first byte was changed to another layout, fails its checksum. Numbers are in
//! their shortest form and unused flag bits are 0, so that a list of events has exactly one encoding in a layout that packs
//! nothing.
//!
//! Decoding takes arbitrary bytes: it never panics, and what it allocates is bounded by the input's length, and beyond
//! that, under a right checksum, by [`MAX_GROUP_BYTES`].

use std::ops::Range;

use playhead_protocol::{Delivery, Facts, Recorded, SessionId, Wire};
use xxhash_rust::xxh3::{Xxh3, xxh3_64_with_seed};

use crate::error::Error;
use crate::limits::MAX_GROUP_BYTES;
use crate::packing::{pack, unpack};
use crate::place::Sequence;
use crate::records::{NewEvent, OwnedEvent, StoredEvent};

const LAYOUT_PACKED: u8 = 4;
const LAYOUT_PLAIN: u8 = 3;
const LAYOUT_WITHOUT_TIME: u8 = 2;
const LAYOUT_WITHOUT_FACTS: u8 = 1;
const HEADER_BYTES: usize = 9;
const MAX_LEB128_BYTES: usize = 10;
const DOWNLOADED: u8 = 0b001;
const HAS_FACTS: u8 = 0b010;
const LAST_OF_BATCH: u8 = 0b100;
const WIRE_SHIFT: u32 = 3;

/// Encodes the events of one commit into `group`, replacing what it held.
///
/// # Errors
///
/// [`Error::Refused`] when an event names a `previous` that is not an earlier sequence, [`Error::TooLarge`] when the
/// group passes [`MAX_GROUP_BYTES`]. `group` then holds nothing of use.
pub fn encode_group(
    first_sequence: Sequence,
    received_at_ms: i64,
    events: &[NewEvent<'_>],
    group: &mut Vec<u8>,
) -> Result<(), Error> {
    group.clear();
    let (mut entries, mut bodies) = (Vec::new(), Vec::new());
    for (number, event) in (first_sequence.get()..).zip(events) {
        push_entry(&mut entries, number, event)?;
        let lengths = [HEADER_BYTES, entries.len(), bodies.len(), event.recorded.body.len()];
        let bytes = lengths.into_iter().fold(0, usize::saturating_add);
        if bytes > MAX_GROUP_BYTES {
            return Err(Error::TooLarge { what: "a group of events", bytes, limit: MAX_GROUP_BYTES });
        }
        bodies.extend_from_slice(event.recorded.body);
    }
    group.extend_from_slice(&[LAYOUT_PACKED, 0, 0, 0, 0, 0, 0, 0, 0]);
    push_leb128(group, entries.len() as u64);
    group.extend_from_slice(&entries);
    let frame_begin = group.len();
    if !pack(&bodies, group) || group.len() - frame_begin + MAX_LEB128_BYTES > bodies.len() {
        group.truncate(HEADER_BYTES);
        group[0] = LAYOUT_PLAIN;
        for (number, event) in (first_sequence.get()..).zip(events) {
            push_entry(group, number, event)?;
            group.extend_from_slice(event.recorded.body);
        }
    }
    let checksum = checksum(group[0], first_sequence, received_at_ms, &group[HEADER_BYTES..]);
    group[1..HEADER_BYTES].copy_from_slice(&checksum.to_le_bytes());
    Ok(())
}

/// Appends an entry without its body.
fn push_entry(entries: &mut Vec<u8>, number: u64, event: &NewEvent<'_>) -> Result<(), Error> {
    let Recorded { facts, body, .. } = event.recorded;
    let distance = match event.previous {
        None => 0,
        Some(previous) if (1..number).contains(&previous.get()) => number - previous.get(),
        Some(previous) => {
            return Err(Error::Refused(format!(
                "event {number} names {previous} as the event before it; that is not an earlier sequence"
            )));
        }
    };
    entries.extend_from_slice(event.session.as_bytes());
    push_leb128(entries, distance);
    entries.push(flags_of(event));
    if !facts.is_empty() {
        push_leb128(entries, facts.as_bytes().len() as u64);
        entries.extend_from_slice(facts.as_bytes());
    }
    push_leb128(entries, body.len() as u64);
    Ok(())
}

/// The events of a stored group, in sequence order.
///
/// # Errors
///
/// [`Error::Corrupt`] when the bytes are not a group, or not the one that starts with `first_sequence`.
pub fn decode_group(
    first_sequence: Sequence,
    received_at_ms: i64,
    group: &[u8],
) -> Result<Vec<OwnedEvent>, Error> {
    let DecodedEntries { entries, bodies } = decode_entries(first_sequence, received_at_ms, group)?;
    let bodies = bodies.as_deref().unwrap_or(group);
    let events = (first_sequence.get()..).zip(&entries);
    let stored = events.map(|(number, entry)| {
        entry.stored_event(Sequence::new(number), received_at_ms, group, bodies).to_owned_event()
    });
    Ok(stored.collect())
}

/// A decoded group with its bytes; what a reader keeps while neighbours are asked for.
#[derive(Debug)]
pub(crate) struct DecodedGroup {
    first_sequence: Sequence,
    received_at_ms: i64,
    group: Vec<u8>,
    decoded: DecodedEntries,
}

impl DecodedGroup {
    /// Decodes the group that the journal lists as `first_sequence` to `last_sequence`.
    ///
    /// # Errors
    ///
    /// [`Error::Corrupt`] as for [`decode_group`], and when the group holds another number of events.
    pub(crate) fn new(
        first_sequence: Sequence,
        last_sequence: Sequence,
        received_at_ms: i64,
        group: Vec<u8>,
    ) -> Result<Self, Error> {
        let decoded = decode_entries(first_sequence, received_at_ms, &group)?;
        let listed =
            last_sequence.get().checked_sub(first_sequence.get()).and_then(|span| span.checked_add(1));
        if listed != Some(decoded.entries.len() as u64) {
            return Err(corrupt(
                first_sequence,
                &format!(
                    "it is listed up to event {last_sequence} but holds {} events",
                    decoded.entries.len()
                ),
            ));
        }
        Ok(Self { first_sequence, received_at_ms, group, decoded })
    }

    /// Its first event.
    pub(crate) const fn first_sequence(&self) -> Sequence {
        self.first_sequence
    }

    /// Its last event.
    pub(crate) fn last_sequence(&self) -> Sequence {
        Sequence::new(self.first_sequence.get() + (self.decoded.entries.len() as u64).saturating_sub(1))
    }

    /// The event with this sequence; `None` when it lies outside the group.
    pub(crate) fn event(&self, sequence: Sequence) -> Option<StoredEvent<'_>> {
        let index = usize::try_from(sequence.get().checked_sub(self.first_sequence.get())?).ok()?;
        let entry = self.decoded.entries.get(index)?;
        let bodies = self.decoded.bodies.as_ref().unwrap_or(&self.group);
        Some(entry.stored_event(sequence, self.received_at_ms, &self.group, bodies))
    }
}

/// The entries of a group.
#[derive(Debug)]
struct DecodedEntries {
    entries: Vec<Entry>,
    /// The unpacked bodies; `None` where they stand in the group as they are.
    bodies: Option<Vec<u8>>,
}

/// One entry, its facts as a place in the group's bytes, its body as a place in those of the bodies.
#[derive(Debug)]
struct Entry {
    session: SessionId,
    previous: Option<Sequence>,
    wire: Wire,
    delivery: Delivery,
    last_of_batch: bool,
    facts: Range<usize>,
    body: Range<usize>,
}

impl Entry {
    fn stored_event<'a>(
        &self,
        sequence: Sequence,
        received_at_ms: i64,
        group: &'a [u8],
        bodies: &'a [u8],
    ) -> StoredEvent<'a> {
        StoredEvent {
            sequence,
            received_at_ms,
            session: self.session,
            previous: self.previous,
            last_of_batch: self.last_of_batch,
            recorded: Recorded {
                wire: self.wire,
                delivery: self.delivery,
                // The ranges were cut from these bytes, and the facts read, when they were decoded.
                facts: group.get(self.facts.clone()).and_then(Facts::read).unwrap_or_default(),
                body: bodies.get(self.body.clone()).unwrap_or_default(),
            },
        }
    }
}

fn corrupt(first_sequence: Sequence, finding: &str) -> Error {
    Error::Corrupt(format!("group of events from {first_sequence}: {finding}"))
}

fn decode_entries(
    first_sequence: Sequence,
    received_at_ms: i64,
    group: &[u8],
) -> Result<DecodedEntries, Error> {
    let corrupt = |finding: &str| corrupt(first_sequence, finding);
    let Some((header, rest)) = group.split_at_checked(HEADER_BYTES) else {
        return Err(corrupt("it is cut short"));
    };
    let layout = header[0];
    if !(LAYOUT_WITHOUT_FACTS..=LAYOUT_PACKED).contains(&layout) {
        return Err(corrupt(&format!(
            "layout version {layout} is not one from {LAYOUT_WITHOUT_FACTS} to {LAYOUT_PACKED}"
        )));
    }
    if header[1..] != checksum(layout, first_sequence, received_at_ms, rest).to_le_bytes() {
        return Err(corrupt("its checksum does not fit its bytes"));
    }
    let mut entries = Vec::new();
    let mut reader = GroupBytes { bytes: group, position: HEADER_BYTES };
    let mut frame = None;
    if layout == LAYOUT_PACKED {
        let range = reader.range().ok_or_else(|| corrupt("its entries are cut short"))?;
        frame = Some(&group[range.end..]);
        reader = GroupBytes { bytes: &group[..range.end], position: range.start };
    }
    let mut bodies_end = 0;
    let mut sequence = first_sequence;
    while !reader.is_at_end() {
        let entry = reader
            .entry(layout, sequence, bodies_end)
            .ok_or_else(|| corrupt(&format!("event {sequence} is malformed")))?;
        bodies_end = entry.body.end;
        entries.push(entry);
        let number = sequence.get().checked_add(1);
        sequence =
            number.map(Sequence::new).ok_or_else(|| corrupt("its sequences pass the highest number"))?;
    }
    let bodies = match frame {
        None => None,
        Some(frame) => {
            Some(unpack(frame, bodies_end).ok_or_else(|| corrupt("its bodies cannot be unpacked"))?)
        }
    };
    Ok(DecodedEntries { entries, bodies })
}

/// The bytes of a group and how far they were read.
struct GroupBytes<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> GroupBytes<'a> {
    const fn is_at_end(&self) -> bool {
        self.position >= self.bytes.len()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.position.checked_add(length)?;
        let taken = self.bytes.get(self.position..end)?;
        self.position = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    /// A number in its shortest form; `None` for a longer form, for more than 64 bits, and at the end of the bytes.
    fn leb128(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if (bits << shift) >> shift != bits {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                let is_shortest = byte != 0 || shift == 0;
                return is_shortest.then_some(value);
            }
        }
        None
    }

    /// A place in the bytes: its length, then that many bytes.
    fn range(&mut self) -> Option<Range<usize>> {
        let length = usize::try_from(self.leb128()?).ok()?;
        let start = self.position;
        self.take(length)?;
        Some(start..self.position)
    }

    /// The next entry. Where bodies are packed, its own begins at `body_begin`.
    fn entry(&mut self, layout: u8, sequence: Sequence, body_begin: usize) -> Option<Entry> {
        let session = SessionId::from_slice(self.take(SessionId::LENGTH)?)?;
        let previous = match self.leb128()? {
            0 => None,
            distance if distance < sequence.get() => Some(Sequence::new(sequence.get() - distance)),
            _ => return None,
        };
        let flags = self.byte()?;
        if layout == LAYOUT_WITHOUT_FACTS && flags & !(DOWNLOADED | LAST_OF_BATCH) != 0 {
            return None;
        }
        let facts = if flags & HAS_FACTS == 0 { 0..0 } else { self.range()? };
        let packed = self.bytes.get(facts.clone())?;
        // An empty list of facts has an encoding already.
        if packed.is_empty() != (flags & HAS_FACTS == 0) || Facts::read(packed).is_none() {
            return None;
        }
        let delivery = if flags & DOWNLOADED == 0 { Delivery::Live } else { Delivery::Downloaded };
        Some(Entry {
            session,
            previous,
            wire: Wire::of_number(flags >> WIRE_SHIFT)?,
            delivery,
            last_of_batch: flags & LAST_OF_BATCH != 0,
            facts,
            body: match layout {
                LAYOUT_PACKED => {
                    let length = usize::try_from(self.leb128()?).ok()?;
                    body_begin..body_begin.checked_add(length)?
                }
                _ => self.range()?,
            },
        })
    }
}

/// The checksum of a group. Layout 1 is seeded with the sequence alone.
fn checksum(layout: u8, first_sequence: Sequence, received_at_ms: i64, entries: &[u8]) -> u64 {
    let layouts_since_the_first = u64::from(layout - LAYOUT_WITHOUT_FACTS);
    let seed = first_sequence.get() ^ (layouts_since_the_first << (u64::BITS - u8::BITS));
    if layout <= LAYOUT_WITHOUT_TIME {
        return xxh3_64_with_seed(entries, seed);
    }
    let mut hash = Xxh3::with_seed(seed);
    hash.update(&received_at_ms.to_le_bytes());
    hash.update(entries);
    hash.digest()
}

fn flags_of(event: &NewEvent<'_>) -> u8 {
    let Recorded { wire, delivery, facts, .. } = event.recorded;
    let downloaded = match delivery {
        Delivery::Live => 0,
        Delivery::Downloaded => DOWNLOADED,
    };
    let has_facts = if facts.is_empty() { 0 } else { HAS_FACTS };
    let last_of_batch = if event.last_of_batch { LAST_OF_BATCH } else { 0 };
    downloaded | has_facts | last_of_batch | wire.number() << WIRE_SHIFT
}

fn push_leb128(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        // Seven bits at a time; the mask makes the cast exact.
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
