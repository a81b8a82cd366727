//! A session of which not everything is known: an answer never came, or an event may have arrived too late to be put in order. All that
//! may have become of it is kept side by side, so that the expectation is a range that is exact at both ends.

use crate::books::account::Account;
use crate::viewer::event::{Event, Moment};

/// Courses that are kept of one session. A viewer leaves where an answer never comes, so there are at most eight by that, and some more
/// by order.
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
    /// Whether there were more than are kept: the range is not exact.
    pub(crate) is_cut: bool,
}

impl Alternatives {
    pub(crate) fn new(account: Account) -> Self {
        Self { accounts: vec![account], is_cut: false }
    }

    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Takes the events of a moment, each with its fate.
    pub(crate) fn take(&mut self, moment: &Moment, fates: &[Fate]) {
        let orders = orders(moment, fates);
        if let [only] = orders.as_slice() {
            for account in &mut self.accounts {
                only.iter().for_each(|event| account.take(event));
            }
            return;
        }
        let mut accounts: Vec<Account> = Vec::with_capacity(self.accounts.len() * orders.len());
        for account in &self.accounts {
            for order in &orders {
                let mut account = account.clone();
                order.iter().for_each(|event| account.take(event));
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

/// The events of a moment in all orders in which they may have taken effect.
fn orders<'moment>(moment: &'moment Moment, fates: &[Fate]) -> Vec<Vec<&'moment Event>> {
    // In time, and behind.
    let mut orders: Vec<(Vec<&Event>, Vec<&Event>)> = vec![(Vec::new(), Vec::new())];
    for (event, fate) in moment.events().zip(fates) {
        let before = orders.clone();
        match fate {
            Fate::Refused => {}
            Fate::Stored => orders.iter_mut().for_each(|(in_time, _)| in_time.push(event)),
            Fate::StoredLate | Fate::Unknown => {
                orders.iter_mut().for_each(|(in_time, _)| in_time.push(event));
                orders.extend(before.iter().cloned().map(|(in_time, mut late)| {
                    late.push(event);
                    (in_time, late)
                }));
                if *fate == Fate::Unknown {
                    orders.extend(before);
                }
            }
        }
    }
    let mut found: Vec<Vec<&Event>> = Vec::new();
    for (in_time, late) in orders {
        let order: Vec<&Event> = in_time.into_iter().chain(late).collect();
        if !found.contains(&order) {
            found.push(order);
        }
    }
    found
}
