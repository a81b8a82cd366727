#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Mutex;

use playhead_journal::{
    ClosedFilter, ClosedRecord, ClosedSession, Commit, Error, Journal, JournalReader, Log, LogReader,
    MemoryJournal, MemoryReader, MemoryStore, NewEvent, OutboxPosition, OwnedEvent, PageCursor,
    ProgressReader, Recovery, Sequence,
};
use playhead_lake::Location;
use playhead_protocol::{Origin, Recorded, SessionId};

use super::*;
use crate::clock::{Moment, RandomSource};
use crate::ingest::notes::Notes;
use crate::tables::line::begin_run;

/// So much comes while something is read; a hand-over that takes it all in ends here, and not never.
const MOST: u64 = 20;

struct StandingClock;

impl Clock for StandingClock {
    fn moment(&self) -> Moment {
        Moment { now_ms: 1_793_491_200_000, elapsed_ms: 0 }
    }
}

/// Everything that the readers of one journal share: each time a page is read, one more session has come and gone.
struct Load {
    journal: Mutex<MemoryJournal>,
    event_pages: Mutex<u64>,
    session_pages: Mutex<u64>,
}

impl Load {
    fn come(&self) {
        let mut journal = self.journal.lock().unwrap();
        let sequence = journal.next_sequence();
        let session = SessionId::from_bytes([sequence.get() as u8; SessionId::LENGTH]);
        let body = br#"{"eventType": "ping", "playerTime": {"playhead": 1, "ts": 1793491200000}}"#;
        let event = NewEvent {
            session,
            previous: None,
            last_of_batch: false,
            recorded: Recorded::new(Origin::COLLECTION_V1, body),
        };
        let closed = ClosedSession {
            session,
            start_sequence: sequence,
            last_sequence: sequence,
            started_at_ms: StandingClock.now_ms(),
            closed_at_ms: StandingClock.now_ms(),
            report_suite: "suite",
            content_id: "content",
            visitor_id: "",
            row: b"{}",
        };
        let commit = Commit {
            received_at_ms: StandingClock.now_ms(),
            events: &[event],
            checkpoints: &[],
            closed: &[closed],
            replay_from: None,
            accounting: None,
        };
        journal.commit(&commit).unwrap();
    }

    fn read_one(&self, pages: &Mutex<u64>) {
        let mut pages = pages.lock().unwrap();
        *pages += 1;
        if *pages < MOST {
            self.come();
        }
    }
}

struct LoadedReader {
    inner: MemoryReader,
    load: Arc<Load>,
}

impl JournalReader for LoadedReader {
    fn recover(&mut self) -> Result<Recovery<'_>, Error> {
        self.inner.recover()
    }

    fn ends(&mut self) -> Result<Ends, Error> {
        self.inner.ends()
    }

    fn meta_get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.inner.meta_get(key)
    }

    fn created_at_ms(&self) -> Result<i64, Error> {
        self.inner.created_at_ms()
    }

    fn verify(&mut self) -> Result<Vec<String>, Error> {
        self.inner.verify()
    }
}

impl LogReader for LoadedReader {
    fn events_from(&mut self, from_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error> {
        let page = self.inner.events_from(from_sequence, limit);
        self.load.read_one(&self.load.event_pages);
        page
    }

    fn events_of(&mut self, last_sequence: Sequence, limit: usize) -> Result<Vec<OwnedEvent>, Error> {
        self.inner.events_of(last_sequence, limit)
    }

    fn sequence_before(&mut self, received_at_ms: i64) -> Result<Sequence, Error> {
        self.inner.sequence_before(received_at_ms)
    }
}

impl ProgressReader for LoadedReader {
    fn outbox(&self, after_position: OutboxPosition, limit: usize) -> Result<Vec<ClosedRecord>, Error> {
        let page = self.inner.outbox(after_position, limit)?;
        if !page.is_empty() {
            self.load.read_one(&self.load.session_pages);
        }
        // A page of its own for each, however many have come.
        Ok(page.into_iter().take(1).collect())
    }

    fn closed_session(&self, session: &SessionId) -> Result<Option<ClosedRecord>, Error> {
        self.inner.closed_session(session)
    }

    fn closed_sessions_page(
        &self,
        filter: &ClosedFilter<'_>,
        before: Option<PageCursor>,
        limit: usize,
    ) -> Result<Vec<ClosedRecord>, Error> {
        self.inner.closed_sessions_page(filter, before, limit)
    }

    fn outbox_sessions(
        &self,
        after_position: OutboxPosition,
        limit: usize,
    ) -> Result<Vec<(OutboxPosition, SessionId)>, Error> {
        self.inner.outbox_sessions(after_position, limit)
    }

    fn acknowledged(&self) -> Result<OutboxPosition, Error> {
        self.inner.acknowledged()
    }
}

#[tokio::test]
async fn a_hand_over_under_load_never_ended_and_made_a_file_of_each_event() {
    let store = MemoryStore::new();
    let journal = Mutex::new(store.open(0).unwrap());
    let load = Arc::new(Load { journal, event_pages: Mutex::new(0), session_pages: Mutex::new(0) });
    for _ in 0..3 {
        load.come();
    }
    let random = RandomSource::new(Box::new(|bytes| bytes.fill(7)));
    let begun = begin_run(&mut *load.journal.lock().unwrap(), &random).unwrap();
    let (notes, mut received) = Notes::new();
    let writer = load.clone();
    tokio::spawn(async move {
        while let Some(note) = received.recv().await {
            note.write(&mut *writer.journal.lock().unwrap());
        }
    });
    let reader = LoadedReader { inner: store.reader(), load: load.clone() };
    let handed_over = Arc::new(HandedOver::default());
    let parts = KeeperParts {
        lake: Arc::new(Lake::new(Location::memory().unwrap(), "server").unwrap()),
        book: Arc::new(ExclusionBook::new(Vec::new(), notes.clone())),
        line: Line::new(begun, notes),
        readers: Arc::new(Readers::of(vec![Box::new(reader)])),
        handed_over: handed_over.clone(),
        clock: Arc::new(StandingClock),
        telemetry: Arc::new(Telemetry::default()),
        settings: LakeSettings::with_scratch(std::env::temp_dir()),
    };
    KeeperWork::new(parts, 1).hand_over().await.unwrap();

    // What came meanwhile stays for the next time, but for what stood on a page that was read anyhow.
    assert_eq!((*load.session_pages.lock().unwrap(), *load.event_pages.lock().unwrap()), (3, 1));
    assert_eq!((handed_over.position().get(), handed_over.sequence().get()), (3, 6));
    assert_eq!(
        store.reader().ends().unwrap(),
        Ends { next_sequence: Sequence::new(8), last_position: OutboxPosition::new(7) }
    );
}
