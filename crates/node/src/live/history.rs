//! The last hour, second by second.

use std::collections::VecDeque;

use playhead_session::rfc3339;
use schemars::JsonSchema;
use serde::Serialize;

use crate::limits::LIVE_HISTORY;

/// One second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Second {
    pub(crate) at_ms: i64,
    /// The counts of sessions; `None` if they were not counted in it.
    pub(crate) counted: Option<Counted>,
    pub(crate) happened: Happened,
}

/// Sessions and viewers of one second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    pub(crate) sessions_active: u32,
    pub(crate) sessions_playing: u32,
    pub(crate) sessions_buffering: u32,
    pub(crate) sessions_silent: u32,
    pub(crate) viewers_active: u32,
    pub(crate) viewers_playing: u32,
}

/// The counters of one second, or since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, JsonSchema, Serialize)]
pub(crate) struct Happened {
    /// Sessions opened.
    pub(crate) media_starts: u64,
    /// Events accepted.
    pub(crate) events: u64,
    /// Of these, errors that players reported.
    pub(crate) errors: u64,
    /// Collection requests refused.
    pub(crate) refused: u64,
    /// Accepted events with which buffering begins.
    pub(crate) buffer_events: u64,
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
    refused: Vec<u64>,
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
            refused: happened(|happened| happened.refused),
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
            history.add(Second { at_ms: second * 1_000, counted: None, happened: Happened::default() });
        }
        let report = history.report();
        assert_eq!((report.at.len(), report.events.len()), (LIVE_HISTORY, LIVE_HISTORY));
        assert_eq!(report.at[0], rfc3339(LIVE_HISTORY as i64 * 1_000));
    }
}
