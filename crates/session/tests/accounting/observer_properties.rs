//! The steps that an observer sees add up to the numbers.

use playhead_session::{Account, EventRef, Interval, Intervals, MovedToStall, Observer, Session};
use proptest::prelude::*;

use crate::random::{cases, run, sessions};

/// Keeps books from the observed steps alone.
#[derive(Debug, Default)]
struct Books {
    intervals: Intervals,
    stalls: u32,
    processed: Vec<u64>,
    ignored: Vec<u64>,
}

impl Books {
    fn total_ms(&self, counts: impl Fn(&Interval) -> bool) -> i64 {
        self.intervals
            .iter()
            .filter(|interval| counts(interval))
            .map(|interval| interval.to_ms - interval.from_ms)
            .sum()
    }

    fn account_ms(&self, account: Account) -> i64 {
        self.total_ms(|interval| interval.account == account)
    }
}

impl Observer for Books {
    fn interval(&mut self, interval: &Interval) {
        self.intervals.add(interval);
    }

    fn moved_to_stall(&mut self, moved: &MovedToStall) {
        self.stalls += 1;
        let run = |interval: &&Interval| interval.from_ms >= moved.from_ms;
        for interval in self.intervals.iter().filter(run) {
            assert_eq!(interval.account, Account::ContentTimeSpent);
        }
        let run_ms: i64 = self.intervals.iter().filter(run).map(|it| it.to_ms - it.from_ms).sum();
        assert_eq!(run_ms, moved.to_ms - moved.from_ms, "the run has no gaps");
        self.intervals.move_to_stall(moved);
    }

    fn processed(&mut self, event: EventRef, _session: &Session) {
        self.processed.push(event.sequence);
    }

    fn ignored(&mut self, event: EventRef) {
        self.ignored.push(event.sequence);
    }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn intervals_add_up_to_the_metrics(sent in sessions(80)) {
        let mut books = Books::default();
        let session = run(&sent, &mut books);
        let rows = session.rows();
        let row = &rows.session;
        prop_assert_eq!(books.account_ms(Account::ContentTimeSpent), row.content_ms);
        prop_assert_eq!(books.account_ms(Account::AdTimeSpent), row.ad_ms);
        prop_assert_eq!(books.account_ms(Account::TotalPauseDuration), row.pause_ms);
        prop_assert_eq!(books.account_ms(Account::TotalBufferDuration), row.buffer_ms);
        prop_assert_eq!(books.account_ms(Account::TotalStallDuration), row.stall_ms);
        prop_assert_eq!(books.stalls, row.stall_events);
        for (index, ad) in (0..).zip(rows.ads.iter()) {
            prop_assert_eq!(books.total_ms(|interval| interval.ad == Some(index)), ad.time_ms);
        }
        for (index, chapter) in (0..).zip(rows.chapters.iter()) {
            prop_assert_eq!(books.total_ms(|interval| interval.chapter == Some(index)), chapter.time_ms);
        }
    }

    #[test]
    fn intervals_cover_the_session_without_gaps(sent in sessions(80)) {
        let mut books = Books::default();
        let row = run(&sent, &mut books).row();
        let mut reached_ms = row.started_at_ms;
        for interval in books.intervals.iter() {
            prop_assert_eq!(interval.from_ms, reached_ms);
            prop_assert!(interval.to_ms > interval.from_ms);
            prop_assert!(books.processed.contains(&interval.opened_by.sequence));
            prop_assert!(books.processed.contains(&interval.closed_by.sequence));
            reached_ms = interval.to_ms;
        }
        prop_assert_eq!(reached_ms, row.last_event_at_ms);
    }

    #[test]
    fn every_accepted_event_takes_effect_or_is_ignored_once(sent in sessions(80)) {
        let mut books = Books::default();
        let session = run(&sent, &mut books);
        let mut seen = [&books.processed[..], &books.ignored[..]].concat();
        seen.sort_unstable();
        let count = seen.len();
        seen.dedup();
        prop_assert_eq!(seen.len(), count);
        prop_assert_eq!(count, session.row().event_count as usize);
    }
}
