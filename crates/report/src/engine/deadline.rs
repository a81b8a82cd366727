//! The deadlines of queries, for whoever watches over them: a query that never pauses does not see its deadline itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// The deadlines of the turns that are taken: a connection has several where it has cursors.
#[derive(Debug, Default)]
pub struct NotedDeadline(Mutex<Deadlines>);

#[derive(Debug, Default)]
struct Deadlines {
    by_number: BTreeMap<u64, Instant>,
    next_number: u64,
}

impl NotedDeadline {
    /// The earliest deadline, if a turn is taken.
    pub fn get(&self) -> Option<Instant> {
        self.with(|deadlines| deadlines.by_number.values().min().copied())
    }

    fn with<T>(&self, change: impl FnOnce(&mut Deadlines) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A deadline that is noted for as long as this lives.
#[derive(Debug)]
pub(crate) struct Note {
    noted: Arc<NotedDeadline>,
    number: u64,
}

impl Note {
    pub(crate) fn new(noted: Arc<NotedDeadline>, deadline: Instant) -> Self {
        let number = noted.with(|deadlines| {
            let number = deadlines.next_number;
            deadlines.next_number += 1;
            deadlines.by_number.insert(number, deadline);
            number
        });
        Self { noted, number }
    }

    pub(crate) fn change(&self, deadline: Instant) {
        self.noted.with(|deadlines| deadlines.by_number.insert(self.number, deadline));
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.noted.with(|deadlines| deadlines.by_number.remove(&self.number));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_query_that_ended_hid_the_deadline_of_another_of_its_connection() {
        let noted = Arc::new(NotedDeadline::default());
        let now = Instant::now();
        let cursor = Note::new(noted.clone(), now + Duration::from_secs(1));
        let query = Note::new(noted.clone(), now + Duration::from_secs(2));
        assert_eq!(noted.get(), Some(now + Duration::from_secs(1)));
        drop(query);
        assert_eq!(noted.get(), Some(now + Duration::from_secs(1)));
        cursor.change(now + Duration::from_secs(3));
        assert_eq!(noted.get(), Some(now + Duration::from_secs(3)));
        drop(cursor);
        assert_eq!(noted.get(), None);
    }
}
