//! The deadline of a query, for whoever watches over it: a query that never pauses does not see its deadline itself.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// The deadline of the turn that is taken, if one is.
#[derive(Debug, Default)]
pub struct NotedDeadline(Mutex<Option<Instant>>);

impl NotedDeadline {
    /// The deadline.
    pub fn get(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, deadline: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = deadline;
    }
}

/// A deadline that is noted for as long as this lives.
#[derive(Debug)]
pub(crate) struct Note(Arc<NotedDeadline>);

impl Note {
    pub(crate) fn new(noted: Arc<NotedDeadline>, deadline: Instant) -> Self {
        noted.set(Some(deadline));
        Self(noted)
    }

    pub(crate) fn change(&self, deadline: Instant) {
        self.0.set(Some(deadline));
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.0.set(None);
    }
}
