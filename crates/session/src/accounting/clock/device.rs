//! The device's clock (metrics contract, section 11).
//!
//! Time is counted by the device's clock. But devices start in 1970 and get their time later, and people set clocks, so a
//! session keeps an offset: the effective time of an event is its timestamp and the offset. It is 0 unless the clock was wrong
//! at the start, or was set while the session was open; then the server's clock says how much time went by.

use std::ops::RangeInclusive;

use playhead_protocol::time::DAY_MS;
use playhead_protocol::{Delivery, Origin};
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// 2015-01-01, ms since the epoch. The API is younger; a device without a clock starts in 1970, 1980 or 2000.
const API_BEGIN_MS: i64 = 1_420_070_400_000;

/// Timestamps that are plausible as seconds, and in January or February 1970 as milliseconds.
const LIKE_SECONDS: RangeInclusive<i64> = 1_000_000_000..=4_000_000_000;

/// When an event happened, by both clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// Its timestamp, by the device's clock.
    pub(crate) ts_ms: i64,
    /// Its arrival, by the server's clock.
    pub(crate) arrived_at_ms: i64,
}

impl Moment {
    /// Whether the timestamp is one of seconds, by all appearances.
    pub(crate) fn is_in_seconds(self) -> bool {
        LIKE_SECONDS.contains(&self.ts_ms)
    }

    /// Whether no clock that is right says so at a start. A downloaded session is looked at when its end is known.
    pub(crate) fn is_wrong_start(self, origin: Origin) -> bool {
        let is_ahead = self.ts_ms > self.arrived_at_ms.saturating_add(DAY_MS);
        origin.delivery == Delivery::Live && (is_ahead || self.ts_ms < API_BEGIN_MS)
    }
}

/// The device's clock as a session knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeviceClock {
    /// Effective time less timestamp.
    pub(crate) offset_ms: i64,
    /// Up to this arrival, effective times account for the time that went by; by the server's clock as it goes now.
    pub(crate) known_until_ms: i64,
}

impl DeviceClock {
    /// The clock at a start. `moved_back_ms` is what is known beforehand of how far the session will be moved back.
    pub(crate) fn at_start(start: Moment, origin: Origin, moved_back_ms: i64) -> Self {
        let offset_ms = match start.is_wrong_start(origin) {
            true => start.arrived_at_ms.saturating_sub(start.ts_ms),
            false => moved_back_ms,
        };
        Self { offset_ms, known_until_ms: start.arrived_at_ms }
    }

    /// The effective time of a timestamp, ms.
    pub(crate) fn effective_ms(self, ts_ms: i64) -> i64 {
        ts_ms.saturating_add(self.offset_ms)
    }

    /// Corrects the offset if the clock was set before this event: its effective time lies further from `latest_ms`, the
    /// latest one so far, than events of an open session can. `true` if it was set.
    pub(crate) fn follow(
        &mut self,
        event: Moment,
        latest_ms: i64,
        origin: Origin,
        settings: &Settings,
    ) -> bool {
        let distance_ms = self.effective_ms(event.ts_ms).saturating_sub(latest_ms);
        if distance_ms.saturating_abs() <= step_beyond_ms(origin, settings) {
            return false;
        }
        let passed_ms = match origin.delivery {
            // An event that arrived before the latest one lies beside it: none lies before.
            Delivery::Live => event.arrived_at_ms.saturating_sub(self.known_until_ms).max(0),
            // All events of a batch arrive at once, so nothing says how much time went by.
            Delivery::Downloaded => 0,
        };
        self.offset_ms = latest_ms.saturating_add(passed_ms).saturating_sub(event.ts_ms);
        true
    }

    /// Notes that an event is the latest one by its effective time.
    pub(crate) fn reach(&mut self, arrived_at_ms: i64) {
        self.known_until_ms = self.known_until_ms.max(arrived_at_ms);
    }

    /// How far the session has to be moved so that its latest event lies at its arrival, ms; `None` unless it is a
    /// downloaded one whose latest event lies more than a day ahead of that.
    pub(crate) fn way_back_ms(origin: Origin, latest_ms: i64, arrived_at_ms: i64) -> Option<i64> {
        let is_ahead = latest_ms > arrived_at_ms.saturating_add(DAY_MS);
        (origin.delivery == Delivery::Downloaded && is_ahead).then(|| arrived_at_ms.saturating_sub(latest_ms))
    }

    /// Notes that the session as a whole was moved.
    pub(crate) fn move_by(&mut self, by_ms: i64) {
        self.offset_ms = self.offset_ms.saturating_add(by_ms);
    }
}

/// How far apart two events of a session may lie before the clock must have been set in between. An idle timeout below the
/// usual one says how soon silence ends a session, and nothing about clocks.
fn step_beyond_ms(origin: Origin, settings: &Settings) -> i64 {
    match origin.delivery {
        Delivery::Live => settings.idle_timeout_ms.max(Settings::default().idle_timeout_ms),
        Delivery::Downloaded => DAY_MS,
    }
}
