//! When a session is silent: its player has sent nothing for longer than pings may take (metrics contract, section 3).
//!
//! A session counts as present for three of its ping intervals after each event, and at least for
//! [`Settings::silent_after_ms`]. This one rule ends its spans and takes it out of the live numbers, so that the minute seen
//! live is the minute reported later.

use playhead_protocol::{Delivery, EventType};
use serde::{Deserialize, Serialize};

use crate::limits::{PING_INTERVAL_MAX_MS, SILENT_AFTER_MAX_MS};
use crate::settings::Settings;

/// How often players send pings while somebody watches online.
const LIVE_PING_MS: i64 = 10_000;

/// How often they record pings for later.
const DOWNLOADED_PING_MS: i64 = 50_000;

/// One ping may be lost and the next one late; without the third, the player is gone.
const PINGS_MISSED: i64 = 3;

/// The times below fit into few bytes.
const _: () = assert!(PING_INTERVAL_MAX_MS <= u16::MAX as i64 && SILENT_AFTER_MAX_MS <= u32::MAX as i64);

/// How long a session counts as present after its last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Presence {
    /// See [`Self::lasts_ms`]; at most [`SILENT_AFTER_MAX_MS`].
    lasts_ms: u32,
    /// The shortest time between two pings of the content without another event between them, at most
    /// [`PING_INTERVAL_MAX_MS`]; 0 until there is one.
    ping_interval_ms: u16,
    /// Whether it was active, and whether it played, when it closed: the end of its open views is not what the player said.
    pub(crate) closed_as: Option<(bool, bool)>,
}

impl Presence {
    /// A session that has sent no ping yet.
    pub(crate) fn new(delivery: Delivery, settings: &Settings) -> Self {
        let mut presence = Self { lasts_ms: 0, ping_interval_ms: 0, closed_as: None };
        presence.take(delivery, settings);
        presence
    }

    /// The time for which it counts as present; 0 once it has ended.
    pub(crate) fn lasts_ms(self) -> i64 {
        self.lasts_ms.into()
    }

    /// Goes on under these settings.
    pub(crate) fn take(&mut self, delivery: Delivery, settings: &Settings) {
        let usual_ms = match delivery {
            Delivery::Live => LIVE_PING_MS,
            Delivery::Downloaded => DOWNLOADED_PING_MS,
        };
        let ping_interval_ms = usual_ms.max(self.ping_interval_ms.into());
        let lasts_ms = settings.silent_after_ms.max(PINGS_MISSED * ping_interval_ms);
        self.lasts_ms = lasts_ms.min(SILENT_AFTER_MAX_MS) as u32;
    }

    /// Learns from two events that follow each other outside ad breaks, where pings come more often. A longer time than
    /// players leave between pings says that some were lost, and nothing about their interval.
    pub(crate) fn follow(&mut self, earlier: EventType, later: EventType, elapsed_ms: i64) {
        let are_pings = earlier == EventType::Ping && later == EventType::Ping;
        if are_pings && (1..=PING_INTERVAL_MAX_MS).contains(&elapsed_ms) {
            let elapsed_ms = elapsed_ms as u16;
            let is_first = self.ping_interval_ms == 0;
            self.ping_interval_ms = if is_first { elapsed_ms } else { elapsed_ms.min(self.ping_interval_ms) };
        }
    }

    /// Notes the end of the session: whoever has said goodbye is gone at once, and whoever has not is, at the latest, when the
    /// session closes.
    pub(crate) fn end_within(&mut self, most_ms: i64, was: (bool, bool)) {
        self.closed_as = Some(was);
        self.lasts_ms = self.lasts_ms().min(most_ms).max(0) as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lasts_ms(delivery: Delivery, least_ms: i64, pings_ms: &[i64]) -> i64 {
        let settings = Settings { silent_after_ms: least_ms, ..Settings::default() };
        let mut presence = Presence::new(delivery, &settings);
        for &elapsed_ms in pings_ms {
            presence.follow(EventType::Ping, EventType::Ping, elapsed_ms);
        }
        presence.take(delivery, &settings);
        presence.lasts_ms()
    }

    #[test]
    fn a_session_is_silent_after_three_of_its_own_ping_intervals() {
        let live = |least_ms, pings_ms: &[i64]| lasts_ms(Delivery::Live, least_ms, pings_ms);
        assert_eq!(live(30_000, &[]), 30_000);
        assert_eq!(live(30_000, &[10_000]), 30_000);
        assert_eq!(live(30_000, &[1_000]), 30_000, "pings that come more often make nobody silent sooner");
        assert_eq!(live(30_000, &[50_000]), 150_000);
        assert_eq!(live(30_000, &[40_000, 20_000, 20_000]), 60_000, "one that was lost is no interval");
        assert_eq!(live(30_000, &[300_000]), 30_000, "an outage is no interval either");
        assert_eq!(live(30_000, &[0, -5]), 30_000);
        assert_eq!(lasts_ms(Delivery::Downloaded, 30_000, &[]), 150_000);
    }

    #[test]
    fn the_setting_is_the_least_and_has_a_limit() {
        assert_eq!(lasts_ms(Delivery::Live, 45_000, &[10_000]), 45_000);
        assert_eq!(lasts_ms(Delivery::Live, 5_000, &[10_000]), 30_000);
        assert_eq!(lasts_ms(Delivery::Live, i64::MAX, &[]), SILENT_AFTER_MAX_MS);
    }

    #[test]
    fn other_events_say_nothing_about_the_interval() {
        let mut presence = Presence::new(Delivery::Live, &Settings::default());
        presence.follow(EventType::Play, EventType::Ping, 55_000);
        presence.follow(EventType::Ping, EventType::PauseStart, 55_000);
        presence.take(Delivery::Live, &Settings::default());
        assert_eq!(presence.lasts_ms(), 30_000);
    }
}
