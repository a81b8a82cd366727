//! Metrics of the quality values (metrics contract, section 7).

use playhead_protocol::Quality;
use serde::{Deserialize, Serialize};

use crate::accounting::kept::number::OptionalNumber;

/// Width of a bitrate bucket, in the player's own unit.
const BUCKET: f64 = 100.0;

/// The last values, and the bitrate weighted by its playing time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct QualityMetrics {
    bitrate: OptionalNumber,
    bitrate_times_ms: f64,
    known_ms: i64,
    pub(crate) dropped_frames: OptionalNumber,
    pub(crate) frames_per_second: OptionalNumber,
    pub(crate) time_to_start_ms: OptionalNumber,
}

impl QualityMetrics {
    /// Takes the values of an event; they hold from the event on.
    pub(crate) fn take(&mut self, values: Option<&Quality>) {
        let Some(values) = values else { return };
        self.bitrate.update(values.bitrate);
        self.dropped_frames.update(values.dropped_frames);
        self.frames_per_second.update(values.frames_per_second);
        self.time_to_start_ms.update(values.time_to_start_ms.filter(|&time| time > 0.0));
    }

    /// Adds time during which content or an ad was on, stalls included.
    pub(crate) fn play_for(&mut self, elapsed_ms: i64) {
        if let Some(bitrate) = self.bitrate.get() {
            self.bitrate_times_ms += bitrate * elapsed_ms as f64;
            self.known_ms += elapsed_ms;
        }
    }

    /// The average bitrate over the time played, else the last bitrate. `None` if the values overflow.
    pub(crate) fn average_bitrate(&self) -> Option<f64> {
        let average = match self.known_ms {
            0 => self.bitrate.get()?,
            known_ms => self.bitrate_times_ms / known_ms as f64,
        };
        average.is_finite().then_some(average)
    }

    /// The bucket of the average: `3200-3299`.
    pub(crate) fn average_bitrate_bucket(&self) -> Option<String> {
        let from = ((self.average_bitrate()? / BUCKET).floor() * BUCKET) as i64;
        Some(format!("{from}-{}", from.saturating_add(BUCKET as i64 - 1)))
    }
}
