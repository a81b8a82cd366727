//! Counting over the open sessions: one pass serves everybody who watches, whatever the filters.

use std::sync::Arc;

use playhead_lake::Exclusions;
use playhead_protocol::ParamId;
use playhead_session::content_type;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ingest::activity::{FilterId, WatchedFilters};
use crate::ingest::open_sessions::OpenSessions;
use crate::limits::{LIVE_ID_BYTES, LIVE_TEXT_BYTES};
use crate::live::tally::{CONTENT_ID, CONTENT_NAME, Counted, Selection, Tally, TopContent};

/// The numbers of one moment with the contents.
#[derive(Debug, Clone, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub(crate) struct Count {
    #[serde(flatten)]
    pub(crate) counted: Counted,
    /// Distinct contents of the active sessions.
    pub(crate) content_count: u32,
    /// Those with the most active sessions.
    pub(crate) content: Vec<ContentCount>,
}

/// One content of a count.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "LiveContent")]
pub(crate) struct ContentCount {
    /// Its id.
    pub(crate) content_id: String,
    /// Its name: of its sessions with one, that of the session that started last.
    pub(crate) content_name: Option<String>,
    /// Its type.
    pub(crate) content_type: Option<String>,
    /// Its active sessions.
    pub(crate) sessions_active: u32,
    /// Its playing sessions.
    pub(crate) sessions_playing: u32,
    /// Distinct visitors of its active sessions.
    pub(crate) viewers_active: u32,
}

/// All counts of one pass.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Over all sessions.
    pub(crate) all: Count,
    /// By report suite.
    pub(crate) suites: Vec<(Arc<str>, Counted)>,
    /// By filter that is watched.
    pub(crate) filters: Vec<(FilterId, Count)>,
}

/// Counts all but the excluded ones, by the state at a time of the server's clock. A look at a session takes less time than
/// finding it again would, so a shard is gone through at once.
pub(crate) fn count(
    open_sessions: &OpenSessions,
    excluded: &Exclusions,
    watched: &WatchedFilters,
    suites: Vec<Arc<str>>,
    now_ms: i64,
) -> Counts {
    let mut tally = Tally::new(watched, suites, now_ms);
    open_sessions.for_each(|session| {
        if excluded.is_empty() || !excluded.contains(&session.id()) {
            tally.add(session);
        }
    });
    tally.count_viewers();
    let with_content = |counted: Counted, selection: Selection| {
        let (content_count, top) = tally.top(selection);
        let content = top.iter().filter_map(|top| named(top, open_sessions)).collect();
        Count { counted, content_count, content }
    };
    let filters = watched.ids().zip(&tally.filters).enumerate();
    Counts {
        all: with_content(tally.all, Selection::All),
        filters: filters
            .map(|(place, (id, counted))| (id, with_content(*counted, Selection::Filter(place))))
            .collect(),
        suites: tally.suites(),
    }
}

/// A content with the texts of one of its sessions; `None` if that is gone by now.
fn named(top: &TopContent, open_sessions: &OpenSessions) -> Option<ContentCount> {
    let read = |session: &playhead_session::Session| {
        let cut = |text: &str, most: usize| text[..text.floor_char_boundary(most)].to_owned();
        let text = |key: ParamId| session.params().text(key);
        Some(ContentCount {
            content_id: cut(text(CONTENT_ID)?, LIVE_ID_BYTES),
            content_name: text(CONTENT_NAME).map(|name| cut(name, LIVE_TEXT_BYTES)),
            content_type: content_type(session.params()).map(|text| cut(&text, LIVE_TEXT_BYTES)),
            sessions_active: top.active,
            sessions_playing: top.playing,
            viewers_active: top.viewers,
        })
    };
    open_sessions.read(&top.session, read).flatten()
}
