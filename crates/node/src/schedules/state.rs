//! What is known of one schedule: what became of it so far, and what comes next. Pure: time is passed in.

use std::collections::VecDeque;

use playhead_report::Zone;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::kept::Placed;
use crate::kept::schedule::Schedule;
use crate::kept::schedule::when::When;
use crate::limits::{SCHEDULE_MISSED, SCHEDULE_PAUSES, SCHEDULE_RUNS};
use crate::schedules::run::{Run, RunOutcome};

/// What the journal has of a schedule's runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The schedule: its slot may have another one by now.
    pub(crate) schedule_id: String,
    /// All times up to this one that it was due have come to an end, by the server's clock.
    pub(crate) settled_ms: i64,
    /// The last runs, the oldest first.
    pub(crate) runs: VecDeque<Run>,
}

/// A schedule as the runner sees it.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) record: Record,
    /// Whether a run is under way.
    pub(crate) is_running: bool,
    /// Whether the schedule is still kept.
    pub(crate) is_kept: bool,
    /// The version that `since_ms` and `next_ms` belong to.
    version: Option<u64>,
    /// The schedule is due at times after this one.
    since_ms: i64,
    /// The next of them; `None` if it is not computed, or if there is none.
    next_ms: Option<Option<i64>>,
    /// When the run that waits is tried again, by the clock that nobody sets.
    retry_elapsed_ms: Option<i64>,
}

/// A run that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) due_ms: i64,
    /// How often it was tried already.
    pub(crate) attempts: u32,
    /// How many times before it were missed.
    pub(crate) missed: u32,
}

impl State {
    /// What the journal has of it.
    pub(crate) fn of(record: Record) -> Self {
        Self { record, ..Self::default() }
    }

    /// The run that is due at this moment, if one is. Of several times that were missed, it is the latest.
    pub(crate) fn due(&mut self, placed: &Placed<'_, Schedule>, usual: &Zone, moment: Moment) -> Option<Due> {
        let schedule = placed.content;
        let zone = schedule.zone(usual);
        self.follow(placed, moment.now_ms);
        if self.is_running || schedule.is_paused {
            return None;
        }
        let when = schedule.when;
        let next_ms = *self.next_ms.get_or_insert_with(|| when.next_ms(self.since_ms, zone));
        let next_ms = next_ms.filter(|next_ms| *next_ms <= moment.now_ms)?;
        let due_ms = when.latest_ms(moment.now_ms, zone)?;
        if self.has_ended(due_ms) {
            // The clock was set back, and shows for the second time what was settled the first time.
            self.settle(due_ms);
            return None;
        }
        self.give_up(due_ms, "the next time that the schedule is due has come");
        let waiting = self.record.runs.iter().find(|run| is_of(run, due_ms));
        let (attempts, missed) = waiting.map_or((0, None), |run| (run.attempts, Some(run.missed)));
        if attempts > 0 && self.retry_elapsed_ms.is_some_and(|retry_ms| moment.elapsed_ms < retry_ms) {
            return None;
        }
        let missed = missed.unwrap_or_else(|| self.missed(when, zone, next_ms, due_ms));
        Some(Due { due_ms, attempts, missed })
    }

    /// Follows changes of the schedule, and of the clock.
    fn follow(&mut self, placed: &Placed<'_, Schedule>, now_ms: i64) {
        if self.version != Some(placed.version) {
            self.version = Some(placed.version);
            self.since_ms = self.since_ms.max(self.record.settled_ms).max(placed.changed_at_ms);
            self.next_ms = None;
            let since_ms = self.since_ms;
            self.give_up(since_ms, "the schedule was changed");
        }
        if self.since_ms > now_ms {
            self.since_ms = now_ms;
            self.next_ms = None;
        }
    }

    /// How many times between two others have come to no end.
    fn missed(&self, when: When, zone: &Zone, first_ms: i64, due_ms: i64) -> u32 {
        let mut missed = 0;
        let mut at_ms = first_ms;
        while at_ms < due_ms && missed < SCHEDULE_MISSED {
            missed += u32::from(!self.has_ended(at_ms));
            let Some(next_ms) = when.next_ms(at_ms, zone) else { break };
            at_ms = next_ms;
        }
        missed
    }

    fn has_ended(&self, due_ms: i64) -> bool {
        self.record.runs.iter().any(|run| is_of(run, due_ms) && run.outcome != RunOutcome::Waiting)
    }

    /// Nothing that waits for a time before this one is tried again.
    fn give_up(&mut self, before_ms: i64, why: &str) {
        let waiting = |run: &&mut Run| run.outcome == RunOutcome::Waiting && run.due_ms < before_ms;
        for run in self.record.runs.iter_mut().filter(waiting) {
            run.outcome = RunOutcome::Failed;
            run.next_attempt_ms = None;
            let fault = run.fault.take().unwrap_or_default();
            run.fault = Some(format!("{fault}; it is not tried again: {why}"));
            self.retry_elapsed_ms = None;
        }
    }

    fn settle(&mut self, due_ms: i64) {
        self.since_ms = self.since_ms.max(due_ms);
        self.record.settled_ms = self.since_ms;
        self.next_ms = None;
        self.retry_elapsed_ms = None;
    }

    /// Takes down how a run ended, or an attempt. One that may pass waits for the next attempt, if there is one.
    pub(crate) fn end(&mut self, mut run: Run, may_pass: bool, moment: Moment) -> Run {
        let pause =
            usize::try_from(run.attempts).ok().and_then(|tried| SCHEDULE_PAUSES.get(tried.checked_sub(1)?));
        match pause.filter(|_| may_pass && !run.is_by_request) {
            Some(pause) if run.outcome == RunOutcome::Failed => {
                let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                run.outcome = RunOutcome::Waiting;
                run.next_attempt_ms = Some(moment.now_ms.saturating_add(pause_ms));
                self.retry_elapsed_ms = Some(moment.elapsed_ms.saturating_add(pause_ms));
            }
            _ if !run.is_by_request => self.settle(run.due_ms),
            _ => {}
        }
        let known = self.record.runs.iter_mut().find(|known| !run.is_by_request && is_of(known, run.due_ms));
        match known {
            Some(known) => *known = run.clone(),
            None => self.record.runs.push_back(run.clone()),
        }
        while self.record.runs.len() > SCHEDULE_RUNS {
            self.record.runs.pop_front();
        }
        run
    }
}

/// Whether it is the run of a time that the schedule was due.
fn is_of(run: &Run, due_ms: i64) -> bool {
    run.due_ms == due_ms && !run.is_by_request
}
