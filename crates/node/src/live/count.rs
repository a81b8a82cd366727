//! Counting over the open sessions.

use std::collections::HashMap;

use playhead_lake::Exclusions;
use playhead_protocol::{ParamId, SessionId};
use playhead_session::{Account, Fingerprint, Session, content_type, visitor_of_params};
use schemars::JsonSchema;
use serde::Serialize;

use crate::ingest::open_sessions::OpenSessions;
use crate::limits::{LIVE_CONTENT, LIVE_TEXT_BYTES};

/// Constants, so that the names are looked up when this is compiled and not for each session.
const CONTENT_ID: ParamId = ParamId::named("media.id");
const CONTENT_NAME: ParamId = ParamId::named("media.name");

/// Open sessions and their viewers at one moment, by the state that their events processed so far have left them in.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub(crate) struct Count {
    /// Sessions that are neither silent nor at the end of their content: as in column `active_spans`.
    pub sessions_active: u32,
    /// Of these, sessions that play content or an ad: as in columns `playing_spans` and `playing_until`.
    pub sessions_playing: u32,
    /// Of these, sessions that wait for data.
    pub sessions_buffering: u32,
    /// Sessions that have not come to the end of their content either, but whose players have sent nothing for three ping
    /// intervals: they count for nothing else here.
    pub sessions_silent: u32,
    /// Distinct visitors of the active sessions.
    pub viewers_active: u32,
    /// Distinct visitors of the playing ones.
    pub viewers_playing: u32,
    /// Distinct contents of the active sessions.
    pub content_count: u32,
    /// Those with the most active sessions.
    pub content: Vec<ContentCount>,
}

/// One content of a count.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "LiveContent")]
pub(crate) struct ContentCount {
    /// Its id.
    pub content_id: String,
    /// Its name: of its sessions with one, that of the session that started last.
    pub content_name: Option<String>,
    /// Its type.
    pub content_type: Option<String>,
    /// Its active sessions.
    pub sessions_active: u32,
    /// Its playing sessions.
    pub sessions_playing: u32,
    /// Distinct visitors of its active sessions.
    pub viewers_active: u32,
}

/// The facts about one active session that a count needs.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Stands for its content: the place in the list of contents.
    content: u32,
    /// Stands for its visitor.
    visitor: u64,
    is_playing: bool,
}

/// A content while it is counted.
#[derive(Debug)]
struct Content {
    /// One of its sessions, for its name: of those that have one, the session that started last, as in reports.
    session: SessionId,
    /// When that session started; `None` while none of them has a name.
    named_at_ms: Option<i64>,
    active: u32,
    playing: u32,
}

#[derive(Debug, Default)]
struct Tally {
    seen: Vec<Seen>,
    contents: Vec<Content>,
    places: HashMap<u64, u32>,
    buffering: u32,
    silent: u32,
}

impl Tally {
    fn add(&mut self, session: &Session, now_ms: i64) {
        let account = session.account();
        if session.close_reason().is_some() || account == Account::AfterEnd {
            return;
        }
        if session.is_silent_at(now_ms) {
            self.silent += 1;
            return;
        }
        let is_playing = account.is_playing();
        self.buffering += u32::from(account == Account::TotalBufferDuration);
        let params = session.params();
        let content_id = params.text(CONTENT_ID).unwrap_or_default();
        let place = self.places.entry(hash(content_id.as_bytes())).or_insert_with(|| {
            self.contents.push(Content { session: session.id(), named_at_ms: None, active: 0, playing: 0 });
            self.contents.len() as u32 - 1
        });
        if let Some(content) = self.contents.get_mut(*place as usize) {
            content.active += 1;
            content.playing += u32::from(is_playing);
            let started_at_ms = Some(session.started_at_ms());
            let is_named = || params.text(CONTENT_NAME).is_some_and(|name| !name.is_empty());
            if content.named_at_ms < started_at_ms && is_named() {
                (content.session, content.named_at_ms) = (session.id(), started_at_ms);
            }
        }
        let visitor = match visitor_of_params(params) {
            Some(visitor) => visitor.key().cast_unsigned(),
            None => hash(session.id().as_bytes()),
        };
        self.seen.push(Seen { content: *place, visitor, is_playing });
    }

    /// The places of the contents with the most active sessions, those first.
    fn top(&self) -> Vec<u32> {
        let mut places: Vec<u32> = (0..self.contents.len() as u32).collect();
        let most_first = |place: &u32| {
            let content = &self.contents[*place as usize];
            // Those that are alike keep their order from one count to the next.
            (std::cmp::Reverse((content.active, content.playing)), content.session)
        };
        if places.len() > LIVE_CONTENT {
            places.select_nth_unstable_by_key(LIVE_CONTENT, most_first);
            places.truncate(LIVE_CONTENT);
        }
        places.sort_by_key(most_first);
        places
    }

    /// Distinct visitors of the active sessions, and of the playing ones.
    fn viewers(&mut self) -> (u32, u32) {
        self.seen.sort_unstable_by_key(|seen| seen.visitor);
        let by_visitor = self.seen.chunk_by(|one, next| one.visitor == next.visitor);
        by_visitor.fold((0, 0), |(active, playing), sessions| {
            let is_playing = sessions.iter().any(|seen| seen.is_playing);
            (active + 1, playing + u32::from(is_playing))
        })
    }

    /// Distinct visitors of the active sessions of some contents.
    fn viewers_of(&self, places: &[u32]) -> HashMap<u32, u32> {
        let mut is_wanted = vec![false; self.contents.len()];
        places.iter().for_each(|place| is_wanted[*place as usize] = true);
        let wanted = self.seen.iter().filter(|seen| is_wanted[seen.content as usize]);
        let mut pairs: Vec<(u32, u64)> = wanted.map(|seen| (seen.content, seen.visitor)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let by_content = pairs.chunk_by(|one, next| one.0 == next.0);
        by_content.filter_map(|pairs| Some((pairs.first()?.0, pairs.len() as u32))).collect()
    }

    fn finish(mut self, open_sessions: &OpenSessions) -> Count {
        let (viewers_active, viewers_playing) = self.viewers();
        let top = self.top();
        let viewers = self.viewers_of(&top);
        let content = top.into_iter().filter_map(|place| {
            let Content { session, active, playing, .. } = self.contents.get(place as usize)?;
            open_sessions
                .read(session, |session| {
                    let cut = |text: &str| text[..text.floor_char_boundary(LIVE_TEXT_BYTES)].to_owned();
                    let text = |key: ParamId| session.params().text(key).map(cut);
                    Some(ContentCount {
                        content_id: text(CONTENT_ID)?,
                        content_name: text(CONTENT_NAME),
                        content_type: content_type(session.params()).map(|text| cut(&text)),
                        sessions_active: *active,
                        sessions_playing: *playing,
                        viewers_active: viewers.get(&place).copied().unwrap_or_default(),
                    })
                })
                .flatten()
        });
        Count {
            sessions_active: self.seen.len() as u32,
            sessions_playing: self.seen.iter().filter(|seen| seen.is_playing).count() as u32,
            sessions_buffering: self.buffering,
            sessions_silent: self.silent,
            viewers_active,
            viewers_playing,
            content_count: self.contents.len() as u32,
            content: content.collect(),
        }
    }
}

/// Counts all but the excluded ones, by the state at a time of the server's clock. A look at a session takes less time than
/// finding it again would, so a shard is gone through at once.
pub(crate) fn count(open_sessions: &OpenSessions, excluded: &Exclusions, now_ms: i64) -> Count {
    let mut tally = Tally::default();
    open_sessions.for_each(|session| {
        if excluded.is_empty() || !excluded.contains(&session.id()) {
            tally.add(session, now_ms);
        }
    });
    tally.finish(open_sessions)
}

/// Two texts that differ share one with a probability of 2^-64: among millions of visitors, none is lost.
fn hash(text: &[u8]) -> u64 {
    Fingerprint::of(text).as_u64()
}
