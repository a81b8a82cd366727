//! A shelf: all kept things of one kind, in memory as the journal has them. Only the shelf writes them, one change after
//! the other, and a change is in the journal before anybody sees it.

use std::sync::Arc;

use parking_lot::RwLock;
use playhead_journal::JournalReader;
use playhead_protocol::Fault;
use playhead_report::Faults;
use playhead_session::rfc3339;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::clock::{Clock, RandomSource};
use crate::error::MaintenanceError;
use crate::ingest::notes::Notes;
use crate::kept::content::{Content, Kept, KeptError, TokenHolder};
use crate::kept::fields::Fields;
use crate::kept::schedule::places::Places;

/// Random bytes of an id.
const ID_BYTES: usize = 8;

/// Something kept, as the journal has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Record<T> {
    id: String,
    owner: String,
    version: u64,
    created_at_ms: i64,
    changed_at_ms: i64,
    content: T,
}

impl<T: Content> Record<T> {
    fn is_seen_by(&self, holder: &TokenHolder) -> bool {
        self.content.is_shared() || self.is_changed_by(holder)
    }

    fn is_changed_by(&self, holder: &TokenHolder) -> bool {
        holder.is_admin || self.owner == holder.name
    }

    fn shown_to(&self, holder: &TokenHolder) -> Kept<T> {
        self.with(holder, self.content.clone())
    }

    /// What is known of it to a holder of a token, with this content.
    fn with<U>(&self, holder: &TokenHolder, content: U) -> Kept<U> {
        Kept {
            id: self.id.clone(),
            owner: self.owner.clone(),
            version: self.version,
            created_at: rfc3339(self.created_at_ms),
            changed_at: rfc3339(self.changed_at_ms),
            can_change: self.is_changed_by(holder),
            content,
        }
    }
}

/// A place for one thing.
#[derive(Debug, Clone)]
enum Slot<T> {
    Empty,
    Taken(Record<T>),
    /// The journal has a value there that cannot be read. It is not written over: another release may read it.
    Unreadable,
}

impl<T> Slot<T> {
    const fn record(&self) -> Option<&Record<T>> {
        match self {
            Self::Taken(record) => Some(record),
            Self::Empty | Self::Unreadable => None,
        }
    }
}

/// All kept things of one kind.
pub struct Shelf<T> {
    slots: RwLock<Vec<Slot<T>>>,
    /// Held by the one who changes something.
    changes: Mutex<()>,
    notes: Notes,
    clock: Arc<dyn Clock>,
    places: Arc<Places>,
}

/// Something kept, with its slot.
#[derive(Debug)]
pub(crate) struct Placed<'shelf, T> {
    pub(crate) slot: usize,
    pub(crate) id: &'shelf str,
    pub(crate) version: u64,
    pub(crate) changed_at_ms: i64,
    pub(crate) content: &'shelf T,
}

/// A body, parsed.
struct Wanted<T> {
    content: T,
    /// The version that a change is made to; 0 in what is new.
    version: u64,
}

impl<T: Content> Shelf<T> {
    /// What a journal has of this kind.
    pub(crate) fn in_journal(
        journal: &dyn JournalReader,
        notes: Notes,
        clock: Arc<dyn Clock>,
        places: Arc<Places>,
    ) -> Result<Self, playhead_journal::Error> {
        let slots = RwLock::new(read_slots(journal)?);
        Ok(Self { slots, changes: Mutex::default(), notes, clock, places })
    }

    /// Shows all of them, in the order of their slots.
    pub(crate) fn visit(&self, mut visit: impl FnMut(Placed<'_, T>)) {
        for (slot, kept) in self.slots.read().iter().enumerate() {
            let Some(Record { id, version, changed_at_ms, content, .. }) = kept.record() else { continue };
            visit(Placed { slot, id, version: *version, changed_at_ms: *changed_at_ms, content });
        }
    }

    /// Those that a holder of a token sees, the oldest first, each as `show` shows it; those of which it shows nothing are
    /// left out.
    pub fn list<U>(&self, holder: &TokenHolder, show: impl Fn(&T) -> Option<U>) -> Vec<Kept<U>> {
        listed(&self.slots.read(), holder, show)
    }

    /// The one with this id.
    ///
    /// # Errors
    ///
    /// If there is none that the holder sees.
    pub fn get(&self, holder: &TokenHolder, id: &str) -> Result<Kept<T>, KeptError> {
        Ok(self.find(holder, id)?.1.shown_to(holder))
    }

    /// Keeps what a body describes; on disk when this returns.
    ///
    /// # Errors
    ///
    /// The faults of the body, if there are too many, or if the journal does not take it.
    pub async fn add(
        self: &Arc<Self>,
        holder: TokenHolder,
        body: &[u8],
        random: &RandomSource,
    ) -> Result<Kept<T>, KeptError> {
        let wanted = Wanted::parse(body, &self.places, false)?;
        let id = random.bytes().iter().take(ID_BYTES).map(|byte| format!("{byte:02x}")).collect();
        let shelf = self.clone();
        // Done to its end even if the caller goes away: otherwise the journal could have what the shelf does not know.
        let done = tokio::spawn(async move { shelf.add_now(&holder, wanted.content, id).await });
        done.await.map_err(|_| MaintenanceError::ShuttingDown)?
    }

    async fn add_now(&self, holder: &TokenHolder, content: T, id: String) -> Result<Kept<T>, KeptError> {
        let _alone = self.changes.lock().await;
        let slot = self.free_slot(holder)?;
        let now_ms = self.clock.now_ms();
        let owner = holder.name.clone();
        let record = Record { id, owner, version: 1, created_at_ms: now_ms, changed_at_ms: now_ms, content };
        self.write(slot, record.clone()).await?;
        Ok(record.shown_to(holder))
    }

    /// Puts what a body describes in the place of the one with this id; on disk when this returns.
    ///
    /// # Errors
    ///
    /// The faults of the body; if there is none with this id, it belongs to somebody else or was changed since; or if the
    /// journal does not take it.
    pub async fn change(
        self: &Arc<Self>,
        holder: TokenHolder,
        id: String,
        body: &[u8],
    ) -> Result<Kept<T>, KeptError> {
        self.find_own(&holder, &id)?;
        let wanted = Wanted::parse(body, &self.places, true)?;
        let shelf = self.clone();
        let done = tokio::spawn(async move { shelf.change_now(&holder, &id, wanted).await });
        done.await.map_err(|_| MaintenanceError::ShuttingDown)?
    }

    async fn change_now(
        &self,
        holder: &TokenHolder,
        id: &str,
        wanted: Wanted<T>,
    ) -> Result<Kept<T>, KeptError> {
        let _alone = self.changes.lock().await;
        let (slot, record) = self.find_own(holder, id)?;
        if record.version != wanted.version {
            return Err(KeptError::ChangedMeanwhile { one: T::ONE, version: record.version });
        }
        let version = record.version.saturating_add(1);
        let record =
            Record { version, changed_at_ms: self.clock.now_ms(), content: wanted.content, ..record };
        self.write(slot, record.clone()).await?;
        Ok(record.shown_to(holder))
    }

    /// Removes the one with this id; on disk when this returns.
    ///
    /// # Errors
    ///
    /// If there is none with this id, it belongs to somebody else, or the journal does not take it.
    pub async fn remove(self: &Arc<Self>, holder: TokenHolder, id: String) -> Result<(), KeptError> {
        let shelf = self.clone();
        let done = tokio::spawn(async move { shelf.remove_now(&holder, &id).await });
        done.await.map_err(|_| MaintenanceError::ShuttingDown)?
    }

    async fn remove_now(&self, holder: &TokenHolder, id: &str) -> Result<(), KeptError> {
        let _alone = self.changes.lock().await;
        let (slot, _) = self.find_own(holder, id)?;
        self.notes.keep(key_of::<T>(slot), Vec::new()).await?;
        self.put(slot, Slot::Empty);
        Ok(())
    }

    /// A slot for one more thing of this holder.
    fn free_slot(&self, holder: &TokenHolder) -> Result<usize, KeptError> {
        let slots = self.slots.read();
        let own = slots.iter().filter_map(Slot::record).filter(|record| record.owner == holder.name).count();
        let free = slots.iter().position(|slot| matches!(slot, Slot::Empty));
        let free = free.ok_or(KeptError::TooMany { kind: T::KIND, most: T::MOST })?;
        if own >= T::MOST_OF_OWNER {
            return Err(KeptError::TooManyOfOwner { kind: T::KIND, most: T::MOST_OF_OWNER });
        }
        Ok(free)
    }

    fn find(&self, holder: &TokenHolder, id: &str) -> Result<(usize, Record<T>), KeptError> {
        let slots = self.slots.read();
        let mut records = slots.iter().enumerate().filter_map(|(slot, kept)| Some((slot, kept.record()?)));
        let found = records.find(|(_, record)| record.id == id && record.is_seen_by(holder));
        found.map(|(slot, record)| (slot, record.clone())).ok_or(KeptError::Unknown(T::ONE))
    }

    fn find_own(&self, holder: &TokenHolder, id: &str) -> Result<(usize, Record<T>), KeptError> {
        let (slot, record) = self.find(holder, id)?;
        if record.is_changed_by(holder) { Ok((slot, record)) } else { Err(KeptError::OfAnother(T::ONE)) }
    }

    async fn write(&self, slot: usize, record: Record<T>) -> Result<(), KeptError> {
        let value = serde_json::to_vec(&record).map_err(|error| {
            MaintenanceError::Journal(playhead_journal::Error::Refused(error.to_string()))
        })?;
        self.notes.keep(key_of::<T>(slot), value).await?;
        self.put(slot, Slot::Taken(record));
        Ok(())
    }

    fn put(&self, slot: usize, kept: Slot<T>) {
        if let Some(place) = self.slots.write().get_mut(slot) {
            *place = kept;
        }
    }
}

impl<T: Content> Wanted<T> {
    fn parse(body: &[u8], places: &Places, is_change: bool) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let value = serde_json::from_slice(body)
            .map_err(|error| vec![Fault { path: String::new(), message: format!("is not JSON: {error}") }])?;
        let mut fields = Fields::of(value, String::new(), &mut faults);
        let content = T::read(&mut fields);
        content.check(places, &mut fields);
        let version = if is_change { fields.version() } else { 0 };
        fields.finish();
        faults.or_list(Self { content, version })
    }
}

impl<T> std::fmt::Debug for Shelf<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("slots", &self.slots.read().len()).finish_non_exhaustive()
    }
}

/// All that a journal has of one kind, the oldest first, as whoever holds the admin token sees it.
pub(crate) fn all_in_journal<T: Content>(
    journal: &dyn JournalReader,
) -> Result<Vec<Kept<T>>, playhead_journal::Error> {
    let holder = TokenHolder { name: String::new(), is_admin: true };
    Ok(listed(&read_slots(journal)?, &holder, |content: &T| Some(content.clone())))
}

fn listed<T: Content, U>(
    slots: &[Slot<T>],
    holder: &TokenHolder,
    show: impl Fn(&T) -> Option<U>,
) -> Vec<Kept<U>> {
    let mut records: Vec<&Record<T>> = slots.iter().filter_map(Slot::record).collect();
    records.retain(|record| record.is_seen_by(holder));
    records.sort_by(|one, other| (one.created_at_ms, &one.id).cmp(&(other.created_at_ms, &other.id)));
    let shown = records.into_iter().filter_map(|record| Some(record.with(holder, show(&record.content)?)));
    shown.collect()
}

fn read_slots<T: Content>(journal: &dyn JournalReader) -> Result<Vec<Slot<T>>, playhead_journal::Error> {
    (0..T::MOST).map(|slot| read_slot(journal, slot)).collect()
}

/// The key of a slot in the journal.
fn key_of<T: Content>(slot: usize) -> String {
    format!("{}/{slot}", T::KIND)
}

/// What a journal has in a slot. A value that is damaged takes nothing else along.
fn read_slot<T: Content>(
    journal: &dyn JournalReader,
    slot: usize,
) -> Result<Slot<T>, playhead_journal::Error> {
    let key = key_of::<T>(slot);
    let value = match journal.meta_get(&key) {
        Ok(value) => value.unwrap_or_default(),
        Err(error) if error.is_damage() => {
            tracing::warn!(%error, key, "what was kept there is left out");
            return Ok(Slot::Unreadable);
        }
        Err(error) => return Err(error),
    };
    if value.is_empty() {
        return Ok(Slot::Empty);
    }
    Ok(serde_json::from_slice(&value).map_or_else(
        |error| {
            tracing::warn!(%error, key, "what was kept there is left out: this release cannot read it");
            Slot::Unreadable
        },
        Slot::Taken,
    ))
}
