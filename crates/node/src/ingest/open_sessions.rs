//! The open sessions, in shards, and those that have closed but whose rows are not on disk yet.
//!
//! Only the writer changes sessions; readers of reports lock one shard at a time and briefly.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::{Mutex, MutexGuard};
use playhead_protocol::SessionId;
use playhead_session::{ClockStep, Engine, Session, Settings};

use crate::error::ReadError;

/// The number of shards: a reader of all sessions holds up the writer only briefly.
const SHARDS: usize = 64;

/// Sessions in memory.
#[derive(Debug)]
pub struct OpenSessions {
    shards: Box<[Mutex<Engine>]>,
    closing: Mutex<HashMap<SessionId, Arc<Session>>>,
    /// Held while acknowledged events take effect.
    settling: Mutex<()>,
    /// Whether they are being brought to the state of the journal: until then they are less than what was counted before.
    is_recovering: AtomicBool,
    /// The shard with which the next call goes on that lets time close some of the sessions.
    next_to_time_out: AtomicUsize,
}

impl OpenSessions {
    /// No sessions.
    pub fn new(settings: Settings) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(Engine::new(settings))).collect(),
            closing: Mutex::default(),
            settling: Mutex::default(),
            is_recovering: AtomicBool::new(false),
            next_to_time_out: AtomicUsize::new(0),
        }
    }

    /// No sessions, of a node that has yet to go over its journal.
    pub(crate) fn recovering(settings: Settings) -> Self {
        Self { is_recovering: AtomicBool::new(true), ..Self::new(settings) }
    }

    /// The sessions are as the journal has them, at the present time.
    pub(crate) fn set_recovered(&self) {
        self.is_recovering.store(false, Ordering::Release);
    }

    /// Whether reports may count the sessions.
    pub(crate) fn check_recovered(&self) -> Result<(), ReadError> {
        if self.is_recovering.load(Ordering::Acquire) { Err(ReadError::Starting) } else { Ok(()) }
    }

    /// The shard of a session, locked.
    pub(crate) fn shard(&self, id: &SessionId) -> MutexGuard<'_, Engine> {
        self.shards[shard_of(id)].lock()
    }

    /// The shard of this number, locked; they are numbered from 0.
    pub(crate) fn shard_at(&self, shard: usize) -> Option<MutexGuard<'_, Engine>> {
        self.shards.get(shard).map(Mutex::lock)
    }

    /// The sessions of the shard of this number that have closed and whose rows are not on disk yet.
    pub(crate) fn closing_at(&self, shard: usize) -> Vec<Arc<Session>> {
        let closing = self.closing();
        closing.iter().filter(|(id, _)| shard_of(id) == shard).map(|(_, session)| session.clone()).collect()
    }

    /// Each shard in turn, locked.
    pub(crate) fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, Engine>> {
        self.shards.iter().map(Mutex::lock)
    }

    /// Sessions that have closed and whose rows are not on disk yet, locked.
    pub(crate) fn closing(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Session>>> {
        self.closing.lock()
    }

    /// Begins to apply acknowledged events. Readers wait until the guard is dropped, so a client whose event was
    /// acknowledged never sees the session without it.
    pub(crate) fn begin_settling(&self) -> MutexGuard<'_, ()> {
        self.settling.lock()
    }

    /// Waits until the events that are being applied have taken effect.
    pub(crate) fn wait_until_settled(&self) {
        drop(self.settling.lock());
    }

    /// Calls `read` with a session, open or just closed, as it is now.
    pub fn read<T>(&self, id: &SessionId, read: impl FnOnce(&Session) -> T) -> Option<T> {
        self.wait_until_settled();
        // A session moves from its shard to `closing` under the lock of the shard, so looking in this order finds it.
        let shard = self.shard(id);
        if let Some(session) = shard.get(id) {
            return Some(read(session));
        }
        let closing = self.closing();
        drop(shard);
        closing.get(id).map(|session| read(session))
    }

    /// Calls `visit` with every session in memory, in no order.
    pub fn for_each(&self, mut visit: impl FnMut(&Session)) {
        self.wait_until_settled();
        for shard in self.shards() {
            shard.iter().for_each(&mut visit);
        }
        self.closing().values().for_each(|session| visit(session));
    }

    /// Advances time for all sessions. Sessions that close move to the closing ones; returns their ids in order of closing.
    pub fn advance_to(&self, now_ms: i64) -> Vec<SessionId> {
        self.change_all(|shard, closed| shard.advance_to(now_ms, closed, &mut ()))
    }

    /// The same, but lets time close no more than so many sessions: the others are closed by later calls. Shard after shard,
    /// because the rows of a shard's sessions have their places in the journal side by side.
    pub(crate) fn advance_some(&self, now_ms: i64, timeouts: usize) -> Vec<SessionId> {
        let begins_at = self.next_to_time_out.load(Ordering::Relaxed);
        let mut ids = Vec::new();
        let mut closed = Vec::new();
        for place in (begins_at..SHARDS).chain(0..begins_at) {
            let room = timeouts.saturating_sub(ids.len());
            let mut shard = self.shards[place].lock();
            shard.advance_some(now_ms, room, &mut closed, &mut ());
            self.move_closed(&mut closed, &mut ids);
            drop(shard);
            if room > 0 {
                self.next_to_time_out.store(place, Ordering::Relaxed);
            }
        }
        ids
    }

    /// Takes all sessions over a step of the server's clock. Those that time had closed before it move to the closing ones;
    /// returns their ids.
    pub(crate) fn step_clock(&self, step: &ClockStep) -> Vec<SessionId> {
        self.change_all(|shard, closed| shard.step_clock(step, closed, &mut ()))
    }

    fn change_all(&self, change: impl Fn(&mut Engine, &mut Vec<Session>)) -> Vec<SessionId> {
        let mut ids = Vec::new();
        let mut closed = Vec::new();
        for mut shard in self.shards() {
            change(&mut shard, &mut closed);
            self.move_closed(&mut closed, &mut ids);
        }
        ids
    }

    /// Moves sessions that have closed to the closing ones; their shard is locked.
    fn move_closed(&self, closed: &mut Vec<Session>, ids: &mut Vec<SessionId>) {
        let mut closing = self.closing();
        for session in closed.drain(..) {
            ids.push(session.id());
            closing.insert(session.id(), Arc::new(session));
        }
    }

    /// Open sessions, and the bytes that they take.
    pub fn size(&self) -> (usize, usize) {
        self.shards()
            .fold((0, 0), |(sessions, bytes), shard| (sessions + shard.len(), bytes + shard.memory_bytes()))
    }
}

fn shard_of(id: &SessionId) -> usize {
    usize::from(id.as_bytes()[0]) % SHARDS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use playhead_protocol::{Origin, Recorded, decode};
    use playhead_session::{Arrival, Fingerprint};

    use super::*;

    const START: &[u8] = br#"{"playerTime":{"playhead":0,"ts":1000},"eventType":"sessionStart","params":{"analytics.trackingServer":"m","analytics.reportSuite":"s","visitor.marketingCloudOrgId":"o","media.id":"c","media.length":60,"media.contentType":"vod","media.playerName":"p","media.channel":"ch"}}"#;

    /// Sessions in all shards, of which none sends anything more.
    fn silent(count: u8) -> OpenSessions {
        let open_sessions = OpenSessions::new(Settings::default());
        for number in 0..count {
            let id = SessionId::from_bytes([number; SessionId::LENGTH]);
            let arrival = Arrival {
                sequence: u64::from(number) + 1,
                arrived_at_ms: 1_000,
                event: decode(&Recorded::new(Origin::COLLECTION_V1, START)).unwrap(),
                fingerprint: Fingerprint::of(START),
            };
            open_sessions.shard(&id).open(id, Origin::COLLECTION_V1, arrival, &mut ());
        }
        open_sessions
    }

    #[test]
    fn time_closes_no_more_sessions_than_it_may_and_all_in_the_end() {
        let open_sessions = silent(200);
        let mut closed = BTreeSet::new();
        for _ in 0..20 {
            let some = open_sessions.advance_some(i64::MAX, 10);
            assert_eq!(some.len(), 10);
            closed.extend(some);
        }
        assert_eq!(closed.len(), 200);
        assert!(open_sessions.advance_some(i64::MAX, 10).is_empty());
        assert_eq!((open_sessions.size().0, open_sessions.closing().len()), (0, 200));
    }
}
