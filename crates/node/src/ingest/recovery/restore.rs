//! Restores the states of a checkpoint: one thread reads them, and a thread a core makes sessions of them.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use playhead_journal::{CheckpointState, Error, RecoveryItem, Sequence};

use crate::error::{StartError, Unreplayable};
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::recovery::state::{Decoded, Decoder};

/// States that a thread gets at once.
const BATCH_STATES: usize = 256;

/// Batches that wait for a thread.
const WAITING_BATCHES: usize = 2;

/// Threads beyond which reading takes longer than the rest.
const THREADS_MAX: usize = 4;

/// What could not be restored, and has to be made from events.
#[derive(Debug, Default)]
pub(crate) struct NotRestored {
    /// Sequences of the last events of sessions whose states another release wrote.
    pub(crate) of_other_release: Vec<u64>,
    /// Sequences of the first events of sessions whose states are damaged.
    pub(crate) damaged: BTreeSet<Sequence>,
}

/// Takes the states off the front of a recovery's items, and puts their sessions among the open ones.
pub(crate) fn restore_states<I: Iterator<Item = Result<RecoveryItem, Error>>>(
    items: &mut Peekable<I>,
    open_sessions: &OpenSessions,
) -> Result<NotRestored, StartError> {
    let is_state = |item: &I::Item| !matches!(item, Ok(RecoveryItem::Event(_)));
    if items.peek().is_none_or(|item| !is_state(item)) {
        return Ok(NotRestored::default());
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    std::thread::scope(|scope| {
        let mut workers = Vec::with_capacity(threads);
        for _ in 0..threads {
            workers.push(Worker::start(scope, open_sessions)?);
        }
        let mut damaged = BTreeSet::new();
        let mut batch = Vec::with_capacity(BATCH_STATES);
        let mut turns = (0..threads).cycle();
        while let Some(item) = items.next_if(is_state) {
            match item? {
                RecoveryItem::Checkpoint(state) => batch.push(state),
                RecoveryItem::DamagedCheckpoint { start_sequence, finding } => {
                    tracing::warn!(event = %start_sequence, finding, "the state of the session that begins here is damaged");
                    damaged.insert(start_sequence);
                }
                RecoveryItem::Event(_) => {}
            }
            let is_last = items.peek().is_none_or(|item| !is_state(item));
            if (batch.len() >= BATCH_STATES || is_last)
                && let Some(worker) = turns.next().and_then(|turn| workers.get(turn))
                // A worker that has ended says at its end why.
                && worker.batches.send(std::mem::take(&mut batch)).is_err()
            {
                break;
            }
        }
        let mut of_other_release = Vec::new();
        // All stop waiting before the first is waited for, so that an error ends all.
        let ending: Vec<_> = workers.into_iter().map(|worker| worker.thread).collect();
        for thread in ending {
            of_other_release.extend(thread.join().map_err(|_| StartError::Internal)??);
        }
        Ok(NotRestored { of_other_release, damaged })
    })
}

/// A thread that makes sessions of states.
struct Worker<'scope> {
    batches: SyncSender<Vec<CheckpointState>>,
    thread: ScopedJoinHandle<'scope, Result<Vec<u64>, Unreplayable>>,
}

impl<'scope> Worker<'scope> {
    fn start(
        scope: &'scope Scope<'scope, '_>,
        open_sessions: &'scope OpenSessions,
    ) -> Result<Self, StartError> {
        let (batches, received) = sync_channel(WAITING_BATCHES);
        let thread = std::thread::Builder::new()
            .name("recovery".into())
            .spawn_scoped(scope, move || restore(&received, open_sessions))
            .map_err(|source| StartError::System { context: "starting the recovery", source })?;
        Ok(Self { batches, thread })
    }
}

/// Restores what comes; returns the last events of the sessions whose states another release wrote.
fn restore(
    batches: &Receiver<Vec<CheckpointState>>,
    open_sessions: &OpenSessions,
) -> Result<Vec<u64>, Unreplayable> {
    let decoder = Decoder::new();
    let mut of_other_release = Vec::new();
    for checkpoint in batches.iter().flatten() {
        match decoder.decode(&checkpoint.state)? {
            Decoded::Session(session) => open_sessions.shard(&session.id()).insert(*session),
            Decoded::OtherRelease { last_sequence } => of_other_release.push(last_sequence),
        }
    }
    Ok(of_other_release)
}

#[cfg(test)]
mod tests {
    use playhead_protocol::{Origin, Recorded, SessionId, decode};
    use playhead_session::{Arrival, Fingerprint, Session, Settings};

    use super::*;
    use crate::ingest::recovery::state::Encoder;

    const SESSIONS: u64 = 3_000;

    fn session(number: u64) -> Session {
        let body = br#"{"playerTime":{"playhead":0,"ts":1767225600000},"eventType":"ping"}"#;
        let mut id = [0; SessionId::LENGTH];
        id[..8].copy_from_slice(&number.to_le_bytes());
        let recorded = Recorded::new(Origin::COLLECTION_V1, body);
        let start = Arrival {
            sequence: number,
            arrived_at_ms: 1_767_225_600_000,
            event: decode(&recorded).unwrap(),
            fingerprint: Fingerprint::of(body),
        };
        Session::open(SessionId::from_bytes(id), Origin::COLLECTION_V1, start, &mut ())
    }

    fn state(number: u64, change: impl FnOnce(&mut Vec<u8>)) -> Result<RecoveryItem, Error> {
        let mut state = Encoder::new().encode(&session(number)).unwrap();
        change(&mut state);
        Ok(RecoveryItem::Checkpoint(CheckpointState { start_sequence: Sequence::new(number), state }))
    }

    #[test]
    fn every_state_becomes_its_session_or_is_named() {
        let items = (0..SESSIONS).map(|number| match number {
            // The format of another release.
            7 | 2_900 => state(number, |state| state[0] ^= 1),
            300 => Ok(RecoveryItem::DamagedCheckpoint {
                start_sequence: Sequence::new(number),
                finding: "its checksum does not fit its bytes".into(),
            }),
            _ => state(number, |_| {}),
        });
        let open_sessions = OpenSessions::new(Settings::default());
        let mut not_restored = restore_states(&mut items.peekable(), &open_sessions).unwrap();
        not_restored.of_other_release.sort_unstable();
        assert_eq!(not_restored.of_other_release, [7, 2_900]);
        assert_eq!(not_restored.damaged, BTreeSet::from([Sequence::new(300)]));
        assert_eq!(open_sessions.size().0 as u64, SESSIONS - 3);
        for number in (0..SESSIONS).filter(|number| ![7, 300, 2_900].contains(number)) {
            let expected = session(number);
            let restored = open_sessions.read(&expected.id(), |session| session.rows());
            assert_eq!(restored, Some(expected.rows()));
        }
    }

    #[test]
    fn a_state_that_cannot_be_read_ends_the_start_and_does_not_hang_it() {
        for unreadable in [0, SESSIONS / 2, SESSIONS - 1] {
            let items = (0..SESSIONS).map(|number| match number {
                _ if number == unreadable => state(number, |state| state.truncate(40)),
                _ => state(number, |_| {}),
            });
            let open_sessions = OpenSessions::new(Settings::default());
            let error = restore_states(&mut items.peekable(), &open_sessions).unwrap_err();
            assert!(error.to_string().contains("a checkpoint is damaged"), "{error}");
        }
    }

    #[test]
    fn a_journal_that_fails_ends_the_start() {
        let items = (0..SESSIONS).map(|number| match number {
            1_000 => Err(Error::Corrupt("a page".into())),
            _ => state(number, |_| {}),
        });
        let open_sessions = OpenSessions::new(Settings::default());
        restore_states(&mut items.peekable(), &open_sessions).unwrap_err();
    }
}
