//! A session of which not everything is known: an answer never came, or an event may have arrived too late to be put in order. All that
//! may have become of it is kept side by side, so that the expectation is a range that is exact at both ends.

use crate::books::account::Account;
use crate::viewer::event::{Event, Moment};

/// Courses that are kept of one session. A viewer leaves where an answer never comes, so there are few.
pub(crate) const ALTERNATIVES_MAX: usize = 64;

/// What is known of an event that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Stored, in time to be put in order with those of its moment.
    Stored,
    /// Stored, perhaps too late to be put in order.
    StoredLate,
    /// Not stored.
    Refused,
    /// Never answered: stored or not.
    Unknown,
}

/// What may have become of a session: at least one course.
#[derive(Debug, Clone)]
pub(crate) struct Alternatives {
    accounts: Vec<Account>,
    /// Whether an event is missing, so that those after it may find another state than their player meant.
    has_gap: bool,
    /// Whether there were more than are kept: the range is not exact.
    pub(crate) is_cut: bool,
}

impl Alternatives {
    pub(crate) fn new(account: Account) -> Self {
        Self { accounts: vec![account], has_gap: false, is_cut: false }
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Takes the events of a moment, each with its fate.
    pub(crate) fn take(&mut self, moment: &Moment, fates: &[Fate]) {
        self.has_gap |= fates.iter().any(|fate| *fate != Fate::Stored);
        if !self.has_gap {
            // As the player meant it, in whichever order they arrived.
            for account in &mut self.accounts {
                moment.events().for_each(|event| account.take(event));
            }
            return;
        }
        let courses = courses(moment, fates);
        if let [Course { in_time, late }] = courses.as_slice() {
            for account in &mut self.accounts {
                account.take_together(in_time);
                late.iter().for_each(|event| account.take(event));
            }
            return;
        }
        let mut accounts: Vec<Account> = Vec::new();
        for account in &self.accounts {
            for Course { in_time, late } in &courses {
                let mut account = account.clone();
                account.take_together(in_time);
                late.iter().for_each(|event| account.take(event));
                if accounts.contains(&account) {
                    continue;
                }
                if accounts.len() == ALTERNATIVES_MAX {
                    self.is_cut = true;
                    continue;
                }
                accounts.push(account);
            }
        }
        self.accounts = accounts;
    }
}

/// The stored events of a moment: those that arrived in time to be put in order, as they arrived, and those that came behind.
#[derive(Debug, Clone, Default, PartialEq)]
struct Course<'moment> {
    in_time: Vec<&'moment Event>,
    late: Vec<&'moment Event>,
}

/// All that may have become of the events of a moment. In which order those beside each other arrived is never known.
fn courses<'moment>(moment: &'moment Moment, fates: &[Fate]) -> Vec<Course<'moment>> {
    let mut found = vec![Course::default()];
    for (event, fate) in moment.events().zip(fates) {
        let mut longer = Vec::new();
        for course in found {
            if matches!(fate, Fate::StoredLate | Fate::Unknown) {
                let mut late = course.clone();
                late.late.push(event);
                longer.push(late);
            }
            if *fate != Fate::Refused {
                for place in 0..=course.in_time.len() {
                    let mut in_time = course.clone();
                    in_time.in_time.insert(place, event);
                    longer.push(in_time);
                }
            }
            if matches!(fate, Fate::Refused | Fate::Unknown) {
                longer.push(course);
            }
        }
        found = longer;
    }
    found
}
