//! When viewers come, and when the live channels have ads: at the same moment for all.

use playhead_protocol::time::MINUTE_MS;

use crate::settings::{Curve, Settings};
use crate::world::catalogue::Catalogue;
use playhead_random::Random;

/// The time from one live break to the next.
const LIVE_BREAK_INTERVAL_MS: i64 = 8 * MINUTE_MS;
/// Where in it the break begins.
const LIVE_BREAK_OFFSET_MS: i64 = 3 * MINUTE_MS;
/// Ads of a live break.
const LIVE_BREAK_ADS: u64 = 4;
/// The mean time from one session of a viewer to the next.
const BETWEEN_SESSIONS_MS: i64 = 20_000;

/// The schedule of a run; its times count from the beginning of the run.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    settings: Settings,
}

impl Schedule {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { settings: settings.clone() }
    }

    /// When the first viewer of a seat comes.
    pub(crate) fn first_arrival_ms(&self, seat: u32) -> i64 {
        let random = &mut Random::of(self.settings.seed ^ 0xa221, seat.into());
        let ramp_ms = self.settings.ramp_ms() as f64;
        let share = match self.settings.curve {
            Curve::Steady | Curve::FinalWhistle => random.unit(),
            // Most come close to the moment itself: the mean of three numbers.
            Curve::KickOff => (random.unit() + random.unit() + random.unit()) / 3.0,
        };
        (share * ramp_ms) as i64
    }

    /// When a seat is taken again after it became free; `None` if nobody comes any more.
    pub(crate) fn next_arrival_ms(&self, free_ms: i64, random: &mut Random) -> Option<i64> {
        let gap_ms = random.waiting_ms(self.settings.scaled_ms(BETWEEN_SESSIONS_MS)).max(1);
        Some(free_ms + gap_ms).filter(|arrival_ms| *arrival_ms < self.settings.duration_ms)
    }

    /// The time from one arrival to the next where sessions start at a rate.
    pub(crate) fn gap_us(&self, rate: f64, number: u64) -> i64 {
        let random = &mut Random::of(self.settings.seed ^ 0x9a7e, number);
        let times = -(1.0 - random.unit()).ln();
        (times * 1_000_000.0 / rate) as i64
    }

    /// When a viewer goes who is still there at the end of the run.
    pub(crate) fn closing_ms(&self, random: &mut Random) -> i64 {
        self.settings.duration_ms + random.between(0, self.settings.leaving_ms())
    }

    /// The first live break that begins after a moment: its number and when it begins.
    pub(crate) fn live_break_after(&self, at_ms: i64) -> (u16, i64) {
        let interval_ms = self.settings.scaled_ms(LIVE_BREAK_INTERVAL_MS);
        let offset_ms = self.settings.scaled_ms(LIVE_BREAK_OFFSET_MS);
        let number = (at_ms - offset_ms).div_euclid(interval_ms) + 1;
        (number as u16, number * interval_ms + offset_ms)
    }

    /// The ads of a live break, the same ones for all viewers.
    pub(crate) fn live_break_ad(&self, number: u16, place: u8, catalogue: &Catalogue) -> u8 {
        let random = &mut Random::of(self.settings.seed ^ 0x11be, u64::from(number) << 8 | u64::from(place));
        random.ranked(catalogue.ads.len()) as u8
    }

    /// How many ads a live break has.
    pub(crate) fn live_break_ads(&self, number: u16) -> u8 {
        Random::of(self.settings.seed ^ 0x11bf, number.into()).below(LIVE_BREAK_ADS) as u8 + 1
    }
}
