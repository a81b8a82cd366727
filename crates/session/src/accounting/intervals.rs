//! The intervals of a session as its numbers contain them: with the time that moved to stalls.

use crate::accounting::observe::{Account, Interval, MovedToStall};

/// Collects the intervals that an observer sees. The intervals of an account, an ad or a chapter add up to its time.
#[derive(Debug, Clone, Default)]
pub struct Intervals(Vec<Interval>);

impl Intervals {
    /// Adds attributed time.
    pub fn add(&mut self, interval: &Interval) {
        self.0.push(*interval);
    }

    /// Moves attributed time to a stall.
    pub fn move_to_stall(&mut self, moved: &MovedToStall) {
        let Some(open_chapter) = self.0.last().map(|interval| interval.chapter) else { return };
        let run = self.0.iter_mut().rev().take_while(|interval| interval.from_ms >= moved.from_ms);
        for interval in run {
            interval.account = Account::TotalStallDuration;
            // A chapter that has ended keeps its part of the run.
            if interval.chapter == open_chapter {
                interval.chapter = None;
            }
        }
    }

    /// The intervals in order of time.
    pub fn iter(&self) -> impl Iterator<Item = &Interval> {
        self.0.iter()
    }
}
