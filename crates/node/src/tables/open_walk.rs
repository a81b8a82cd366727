//! Goes through the sessions in memory, holding up the writer for a few of them at a time only.

use std::collections::HashSet;
use std::sync::Arc;

use playhead_protocol::SessionId;
use playhead_session::Session;

use crate::ingest::open_sessions::OpenSessions;

/// Sessions that are visited under one lock.
const VISITED_AT_ONCE: usize = 32;

/// A way through all sessions in memory, in no order. It meets each session once that is in memory from its begin to its end;
/// the row of one that closes and goes meanwhile is in the journal by then.
#[derive(Debug)]
pub(crate) struct Walk {
    open_sessions: Arc<OpenSessions>,
    shard: usize,
    /// Where it goes on in the shard.
    place: usize,
    /// The sessions of the shard that it has met.
    met: Vec<SessionId>,
}

impl Walk {
    /// A way that begins once the events that are being applied have taken effect.
    pub(crate) fn new(open_sessions: Arc<OpenSessions>) -> Self {
        open_sessions.wait_until_settled();
        Self { open_sessions, shard: 0, place: 0, met: Vec::new() }
    }

    /// Visits some more sessions; `false` once there are no more.
    pub(crate) fn go_on(&mut self, mut visit: impl FnMut(&Session)) -> bool {
        let Some(shard) = self.open_sessions.shard_at(self.shard) else { return false };
        let end = self.place + VISITED_AT_ONCE;
        std::hint::black_box(shard.at_places(self.place..end).fold(0, |all, session| all ^ session.touch()));
        for session in shard.at_places(self.place..end) {
            self.met.push(session.id());
            visit(session);
        }
        self.place = end;
        if end < shard.places() {
            return true;
        }
        // While the shard is locked, none of its sessions moves to the closing ones.
        let mut closing = self.open_sessions.closing_at(self.shard);
        drop(shard);
        if !closing.is_empty() {
            let met: HashSet<SessionId> = self.met.iter().copied().collect();
            closing.retain(|session| !met.contains(&session.id()));
        }
        closing.iter().for_each(|session| visit(session));
        self.met.clear();
        (self.shard, self.place) = (self.shard + 1, 0);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use playhead_protocol::{Origin, Recorded, decode};
    use playhead_session::{Arrival, Fingerprint, Settings};

    use super::*;

    const START: &[u8] = br#"{"playerTime":{"playhead":0,"ts":1000},"eventType":"sessionStart","params":{"analytics.trackingServer":"m","analytics.reportSuite":"s","visitor.marketingCloudOrgId":"o","media.id":"c","media.length":60,"media.contentType":"vod","media.playerName":"p","media.channel":"ch"}}"#;

    fn id_of(number: u32) -> SessionId {
        let mut bytes = [0; SessionId::LENGTH];
        bytes[0] = number as u8;
        bytes[SessionId::LENGTH - 4..].copy_from_slice(&number.to_le_bytes());
        SessionId::from_bytes(bytes)
    }

    fn open(open_sessions: &OpenSessions, number: u32) {
        let id = id_of(number);
        let arrival = Arrival {
            sequence: u64::from(number) + 1,
            arrived_at_ms: 1_000,
            event: decode(&Recorded::new(Origin::COLLECTION_V1, START)).unwrap(),
            fingerprint: Fingerprint::of(START),
        };
        open_sessions.shard(&id).open(id, Origin::COLLECTION_V1, arrival, &mut ());
    }

    #[test]
    fn a_walk_meets_each_session_once_whether_open_or_closing() {
        let open_sessions = Arc::new(OpenSessions::new(Settings::default()));
        (0..200).for_each(|number| open(&open_sessions, number));
        open_sessions.advance_some(i64::MAX, 50);
        let mut walk = Walk::new(open_sessions);
        let mut met = Vec::new();
        while walk.go_on(|session| met.push(session.id())) {}
        assert_eq!(met.len(), 200);
        assert_eq!(met.iter().collect::<BTreeSet<_>>().len(), 200);
    }

    #[test]
    fn sessions_that_closed_or_opened_during_a_walk_were_missed_or_met_twice() {
        // A few shards with several steps each.
        let shard_of = |number: u32| number % 3;
        for steps_between in [1, 2, 5, 7] {
            let open_sessions = Arc::new(OpenSessions::new(Settings::default()));
            let first: Vec<u32> = (0..600).map(|number| number * 256 + shard_of(number)).collect();
            first.iter().for_each(|number| open(&open_sessions, *number));
            let mut walk = Walk::new(open_sessions.clone());
            let (mut met, mut steps, mut next) = (Vec::new(), 0, 600);
            while walk.go_on(|session| met.push(session.id())) {
                steps += 1;
                if steps % steps_between == 0 {
                    open_sessions.advance_some(i64::MAX, 40);
                    for number in next..next + 20 {
                        open(&open_sessions, number * 256 + shard_of(number));
                    }
                    next += 20;
                }
            }
            let once: BTreeSet<&SessionId> = met.iter().collect();
            assert_eq!(once.len(), met.len(), "a session was met twice");
            assert!(first.iter().all(|number| once.contains(&id_of(*number))), "a session was missed");
        }
    }
}
