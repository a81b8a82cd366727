//! Requests that wait for a connection, and connections that wait for a request: the one used last first, so that the others may
//! be closed.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use tokio::sync::Notify;

/// A request to make: an event of the present moment of the viewer in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Job {
    pub(crate) slot: u32,
    pub(crate) place: u8,
}

/// A connection that waits.
#[derive(Debug, Default)]
pub(crate) struct Idle {
    job: Cell<Option<Job>>,
    is_closed: Cell<bool>,
    wake: Notify,
}

/// Requests and connections.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    waiting: RefCell<VecDeque<Job>>,
    idle: RefCell<Vec<Rc<Idle>>>,
    /// Connections that there are.
    pub(crate) connections: Cell<usize>,
}

impl Pool {
    /// Gives a request to a connection; `false` if none is free, and it waits.
    pub(crate) fn give(&self, job: Job) -> bool {
        let Some(idle) = self.idle.borrow_mut().pop() else {
            self.waiting.borrow_mut().push_back(job);
            return false;
        };
        idle.job.set(Some(job));
        idle.wake.notify_one();
        true
    }

    /// The next request for a connection; `None` if it is to end.
    pub(crate) async fn next(&self, own: &Rc<Idle>) -> Option<Job> {
        if let Some(job) = self.waiting.borrow_mut().pop_front() {
            return Some(job);
        }
        self.idle.borrow_mut().push(own.clone());
        loop {
            own.wake.notified().await;
            if let Some(job) = own.job.take() {
                return Some(job);
            }
            if own.is_closed.get() {
                return None;
            }
        }
    }

    /// How many requests wait for a connection.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Ends the connections that wait.
    pub(crate) fn close(&self) {
        self.waiting.borrow_mut().clear();
        for idle in self.idle.borrow_mut().drain(..) {
            idle.is_closed.set(true);
            idle.wake.notify_one();
        }
    }
}
