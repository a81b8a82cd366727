//! The last hour, second by second.

use std::collections::VecDeque;

use playhead_session::rfc3339;
use schemars::JsonSchema;
use serde::Serialize;

use crate::ingest::activity::Happened;
use crate::limits::LIVE_HISTORY;
use crate::live::tally::Counted;

/// One second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Second {
    pub(crate) at_ms: i64,
    /// The counts of sessions; `None` if they were not counted in it.
    pub(crate) counted: Option<Counted>,
    pub(crate) happened: Happened,
    /// Collection requests that were refused; `None` where they are not told apart.
    pub(crate) refused: Option<u64>,
}

/// The last seconds, in order.
#[derive(Debug, Default)]
pub(crate) struct History(VecDeque<Second>);

/// The history as it is reported: columns of one length.
#[derive(Debug, Default, JsonSchema, Serialize)]
#[schemars(rename = "LiveHistory")]
pub struct HistoryReport {
    at: Vec<String>,
    sessions_active: Vec<Option<u32>>,
    sessions_playing: Vec<Option<u32>>,
    sessions_buffering: Vec<Option<u32>>,
    sessions_silent: Vec<Option<u32>>,
    viewers_active: Vec<Option<u32>>,
    viewers_playing: Vec<Option<u32>>,
    media_starts: Vec<u64>,
    events: Vec<u64>,
    errors: Vec<u64>,
    refused: Vec<Option<u64>>,
    buffer_events: Vec<u64>,
}

impl History {
    /// Adds a second; the first one goes when there are too many.
    pub(crate) fn add(&mut self, second: Second) {
        if self.0.len() >= LIVE_HISTORY {
            self.0.pop_front();
        }
        self.0.push_back(second);
    }

    pub(crate) fn report(&self) -> HistoryReport {
        let counted = |value: fn(&Counted) -> u32| {
            self.0.iter().map(|second| second.counted.as_ref().map(value)).collect()
        };
        let happened =
            |value: fn(&Happened) -> u64| self.0.iter().map(|second| value(&second.happened)).collect();
        HistoryReport {
            at: self.0.iter().map(|second| rfc3339(second.at_ms)).collect(),
            sessions_active: counted(|counted| counted.sessions_active),
            sessions_playing: counted(|counted| counted.sessions_playing),
            sessions_buffering: counted(|counted| counted.sessions_buffering),
            sessions_silent: counted(|counted| counted.sessions_silent),
            viewers_active: counted(|counted| counted.viewers_active),
            viewers_playing: counted(|counted| counted.viewers_playing),
            media_starts: happened(|happened| happened.media_starts),
            events: happened(|happened| happened.events),
            errors: happened(|happened| happened.errors),
            refused: self.0.iter().map(|second| second.refused).collect(),
            buffer_events: happened(|happened| happened.buffer_events),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_kept() {
        let mut history = History::default();
        for second in 0..2 * LIVE_HISTORY as i64 {
            let (at_ms, happened) = (second * 1_000, Happened::default());
            history.add(Second { at_ms, counted: None, happened, refused: None });
        }
        let report = history.report();
        assert_eq!((report.at.len(), report.events.len()), (LIVE_HISTORY, LIVE_HISTORY));
        assert_eq!(report.at[0], rfc3339(LIVE_HISTORY as i64 * 1_000));
    }
}
