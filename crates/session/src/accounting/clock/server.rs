//! Steps of the server's clock: somebody set it, or it was set right.
//!
//! Times of arrival are those of the server's clock, so a step puts a gap or a fold into them that no time went by for. The
//! journal keeps each step with its place among the events. A session that is open at that place first does all that was due
//! before the step, then moves its times of arrival by the step, so that its deadlines stay as far away as they were.

use serde::{Deserialize, Serialize};

use crate::accounting::diagnosis::Diagnosis;
use crate::accounting::observe::Observer;
use crate::accounting::session::Session;
use crate::settings::Settings;

/// A step of the server's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockStep {
    /// Counts the steps of a journal, from 1.
    pub number: u64,
    /// The journal's sequence of the first event that arrives after the step.
    pub sequence: u64,
    /// The time that the clock would have shown without the step, ms since the epoch.
    pub from_ms: i64,
    /// The time that it shows instead.
    pub to_ms: i64,
}

impl ClockStep {
    /// How far the clock moved, ms; negative if it was set back.
    pub fn by_ms(&self) -> i64 {
        self.to_ms.saturating_sub(self.from_ms)
    }
}

impl Session {
    /// Whether the session was opened before a step and has not taken it yet.
    pub(crate) fn is_before(&self, step: &ClockStep) -> bool {
        u64::from(self.clock_step) < step.number && self.start_sequence() < step.sequence
    }

    /// Goes over a step of the server's clock; the second time for the same step changes nothing. Steps come in their order,
    /// each before the events that arrived after it.
    pub fn step_clock<O: Observer>(&mut self, step: &ClockStep, settings: &Settings, observer: &mut O) {
        if !self.is_before(step) {
            return;
        }
        self.advance_to(step.from_ms, settings, observer);
        // A clock that was set four billion times is set no more.
        self.clock_step = step.number.try_into().unwrap_or(u32::MAX);
        if self.closed.is_none() {
            self.move_arrivals(step.by_ms());
            self.accounts.diagnoses.add(Diagnosis::ServerClockStepped);
        }
    }
}
