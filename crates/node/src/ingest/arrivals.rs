//! The times of arrival. They follow the server's clock and do not go back, unless the clock was stepped: somebody set it, or
//! it was set right. A step is seen by a second clock that nobody sets, and is kept in the journal before an event arrives by
//! the clock as it goes on, so that a replay goes over the same steps at the same places.

use std::sync::Arc;

use playhead_journal::{JournalReader, Sequence};
use playhead_session::ClockStep;

use crate::clock::{Clock, Moment};
use crate::error::Unreplayable;
use crate::limits::{CLOCK_STEP_MS, CLOCK_STEP_REST_MS, CLOCK_STEPS_KEPT};

/// The key under which the journal keeps the steps, as JSON.
pub const CLOCK_STEPS: &str = "clock_steps";

/// The steps of the server's clock that a journal keeps, in their order.
#[derive(Debug, Clone, Default)]
pub struct ClockSteps(Vec<ClockStep>);

impl ClockSteps {
    /// The steps that a journal has.
    ///
    /// # Errors
    ///
    /// When the journal cannot be read.
    pub(crate) fn read(journal: &dyn JournalReader) -> Result<Self, playhead_journal::Error> {
        let Some(kept) = journal.meta_get(CLOCK_STEPS)? else { return Ok(Self::default()) };
        let steps = serde_json::from_slice(&kept).map_err(|error| {
            playhead_journal::Error::Corrupt(format!("its steps of the clock are unreadable: {error}"))
        })?;
        Ok(Self(steps))
    }

    /// The steps, the first one first.
    pub fn iter(&self) -> impl Iterator<Item = &ClockStep> + Clone {
        self.0.iter()
    }

    /// These steps and one more. Only so many are kept: those of long ago concern no session that is open.
    pub(crate) fn with(&self, sequence: Sequence, from_ms: i64, to_ms: i64) -> Self {
        let number = self.0.last().map_or(1, |last| last.number + 1);
        let superfluous = (self.0.len() + 1).saturating_sub(CLOCK_STEPS_KEPT);
        let mut steps = self.0[superfluous..].to_vec();
        steps.push(ClockStep { number, sequence: sequence.get(), from_ms, to_ms });
        Self(steps)
    }

    /// The last step.
    pub(crate) fn last(&self) -> Option<&ClockStep> {
        self.0.last()
    }

    /// What the journal keeps.
    pub(crate) fn to_kept(&self) -> Result<Vec<u8>, Unreplayable> {
        serde_json::to_vec(&self.0)
            .map_err(|error| Unreplayable(format!("the steps of the clock cannot be kept: {error}")))
    }
}

/// A step of the clock that the journal does not have yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FoundStep {
    /// The time that arrivals have reached.
    pub(crate) from_ms: i64,
    /// The time that the clock shows.
    pub(crate) to_ms: i64,
}

/// Gives times of arrival.
pub(crate) struct ArrivalClock {
    clock: Arc<dyn Clock>,
    /// The latest time of arrival, and when that was by the clock that nobody sets.
    latest_ms: i64,
    elapsed_ms: i64,
    /// When a step was last found, by the clock that nobody sets.
    found_at_ms: Option<i64>,
}

impl ArrivalClock {
    /// Goes on behind the last arrival that the journal has. Time that passed since then is not told from a step forwards; a
    /// clock that shows an earlier time was set back.
    pub(crate) fn new(clock: Arc<dyn Clock>, last_arrival_ms: i64) -> Self {
        let Moment { now_ms, elapsed_ms } = clock.moment();
        Self { clock, latest_ms: now_ms.max(last_arrival_ms), elapsed_ms, found_at_ms: None }
    }

    /// The latest time of arrival.
    pub(crate) fn latest_ms(&self) -> i64 {
        self.latest_ms
    }

    /// Looks at the clock, and returns a step if it has made one. Until [`Self::follow`] is called, time goes on as if it had
    /// not; a step that cannot be kept, or one that comes shortly after another, is found again later.
    pub(crate) fn advance(&mut self) -> Option<FoundStep> {
        let mut moment = self.clock.moment();
        if self.is_off(moment) {
            // The thread may have stood still between the looks at the two clocks.
            moment = self.clock.moment();
        }
        let Moment { now_ms, elapsed_ms } = moment;
        let due_ms = self.due_ms(elapsed_ms);
        let is_off = self.is_off(moment);
        self.elapsed_ms = elapsed_ms;
        if !is_off {
            self.latest_ms = self.latest_ms.max(now_ms);
            return None;
        }
        self.latest_ms = due_ms;
        let rests = |found_at_ms: i64| elapsed_ms.saturating_sub(found_at_ms) < CLOCK_STEP_REST_MS;
        if self.found_at_ms.is_some_and(rests) {
            return None;
        }
        self.found_at_ms = Some(elapsed_ms);
        Some(FoundStep { from_ms: due_ms, to_ms: now_ms })
    }

    /// The time of arrival that is due by the clock that nobody sets.
    fn due_ms(&self, elapsed_ms: i64) -> i64 {
        let passed_ms = elapsed_ms.saturating_sub(self.elapsed_ms).max(0);
        self.latest_ms.saturating_add(passed_ms)
    }

    fn is_off(&self, moment: Moment) -> bool {
        moment.now_ms.abs_diff(self.due_ms(moment.elapsed_ms)) >= CLOCK_STEP_MS
    }

    /// The step is kept: arrivals go on from the time that the clock showed.
    pub(crate) fn follow(&mut self, step: FoundStep) {
        self.latest_ms = step.to_ms;
    }
}

impl std::fmt::Debug for ArrivalClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArrivalClock").field("latest_ms", &self.latest_ms).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use parking_lot::Mutex;

    use super::*;

    const START_MS: i64 = 1_793_491_200_000;
    const DAY_MS: i64 = 86_400_000;

    /// A clock that tests let go on and set.
    struct TestClock(Mutex<Moment>);

    impl TestClock {
        fn start() -> Arc<Self> {
            Arc::new(Self(Mutex::new(Moment { now_ms: START_MS, elapsed_ms: 7 })))
        }

        fn pass(&self, ms: i64) {
            let mut moment = self.0.lock();
            moment.now_ms += ms;
            moment.elapsed_ms += ms;
        }

        fn step(&self, ms: i64) {
            self.0.lock().now_ms += ms;
        }
    }

    impl Clock for TestClock {
        fn moment(&self) -> Moment {
            *self.0.lock()
        }
    }

    #[test]
    fn hours_without_an_arrival_are_no_step() {
        let clock = TestClock::start();
        let mut arrivals = ArrivalClock::new(clock.clone(), START_MS - DAY_MS);
        for hours in [1, 24, 1_000] {
            clock.pass(hours * 3_600_000);
            assert_eq!(arrivals.advance(), None);
            assert_eq!(arrivals.latest_ms(), clock.now_ms());
        }
    }

    #[test]
    fn a_clock_that_is_nudged_is_followed_and_never_goes_back() {
        let clock = TestClock::start();
        let mut arrivals = ArrivalClock::new(clock.clone(), 0);
        clock.step(2_000);
        assert_eq!(arrivals.advance(), None);
        assert_eq!(arrivals.latest_ms(), START_MS + 2_000);
        clock.step(-3_000);
        clock.pass(1_000);
        assert_eq!(arrivals.advance(), None);
        assert_eq!(arrivals.latest_ms(), START_MS + 2_000, "it waits for the clock");
        clock.pass(10_000);
        assert_eq!(arrivals.advance(), None);
        assert_eq!(arrivals.latest_ms(), clock.now_ms());
    }

    #[test]
    fn a_step_that_is_not_kept_leaves_time_as_it_was_and_is_found_again() {
        for by_ms in [DAY_MS, -DAY_MS, 5_000, -5_000] {
            let clock = TestClock::start();
            let mut arrivals = ArrivalClock::new(clock.clone(), 0);
            clock.pass(1_000);
            clock.step(by_ms);
            let from_ms = START_MS + 1_000;
            assert_eq!(arrivals.advance(), Some(FoundStep { from_ms, to_ms: from_ms + by_ms }));
            clock.pass(1_000);
            assert_eq!(arrivals.advance(), None, "not at once");
            assert_eq!(arrivals.latest_ms(), from_ms + 1_000);
            clock.pass(60_000);
            let found = arrivals.advance().unwrap();
            assert_eq!(found, FoundStep { from_ms: from_ms + 61_000, to_ms: from_ms + by_ms + 61_000 });
            arrivals.follow(found);
            clock.pass(1_000);
            assert_eq!(arrivals.advance(), None);
            assert_eq!(arrivals.latest_ms(), clock.now_ms());
        }
    }

    /// A clock whose two faces are looked at a minute apart, once.
    struct TornClock(Mutex<Vec<Moment>>);

    impl Clock for TornClock {
        fn moment(&self) -> Moment {
            self.0.lock().pop().unwrap()
        }
    }

    #[test]
    fn a_thread_that_stands_still_between_two_clocks_sees_no_step() {
        let moment = |now_ms, elapsed_ms| Moment { now_ms: START_MS + now_ms, elapsed_ms };
        let moments = vec![moment(60_002, 60_002), moment(60_001, 1), moment(0, 0)];
        let mut arrivals = ArrivalClock::new(Arc::new(TornClock(Mutex::new(moments))), 0);
        assert_eq!(arrivals.advance(), None);
        assert_eq!(arrivals.latest_ms(), START_MS + 60_002);
    }

    #[test]
    fn a_start_behind_the_last_arrival_is_a_step_back() {
        let clock = TestClock::start();
        let mut arrivals = ArrivalClock::new(clock, START_MS + DAY_MS);
        let found = arrivals.advance();
        assert_eq!(found, Some(FoundStep { from_ms: START_MS + DAY_MS, to_ms: START_MS }));
    }

    #[test]
    fn only_so_many_steps_are_kept_and_none_gets_the_number_of_another() {
        let mut steps = ClockSteps::default();
        for sequence in 0..2 * CLOCK_STEPS_KEPT as u64 {
            steps = steps.with(Sequence::new(sequence), i64::MIN, i64::MAX);
        }
        assert_eq!(steps.iter().count(), CLOCK_STEPS_KEPT);
        assert_eq!(steps.last().map(|step| step.number), Some(2 * CLOCK_STEPS_KEPT as u64));
        assert!(steps.to_kept().unwrap().len() < playhead_journal::limits::MAX_META_VALUE_BYTES);
    }
}
