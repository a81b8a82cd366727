//! Whether the server takes events, and why not.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use crate::error::IngestError;

const STARTING: u8 = 0;
const READY: u8 = 1;
const STOPPING: u8 = 2;

/// Written by the writer and read by the endpoints.
#[derive(Debug, Default)]
pub struct Status {
    phase: AtomicU8,
    disk_fails: AtomicBool,
}

impl Status {
    pub(crate) fn set_ready(&self) {
        // A shutdown during the start is not taken back by the end of the start.
        let _stopping = self.phase.compare_exchange(STARTING, READY, Ordering::AcqRel, Ordering::Acquire);
    }

    pub(crate) fn set_stopping(&self) {
        self.phase.store(STOPPING, Ordering::Release);
    }

    pub(crate) fn set_disk_fails(&self, fails: bool) {
        self.disk_fails.store(fails, Ordering::Release);
    }

    pub(crate) fn disk_fails(&self) -> bool {
        self.disk_fails.load(Ordering::Acquire)
    }

    /// Whether submissions are taken. A failing disk does not count here: the next commit may find it mended.
    pub fn check_taking_events(&self) -> Result<(), IngestError> {
        match self.phase.load(Ordering::Acquire) {
            STARTING => Err(IngestError::Starting),
            STOPPING => Err(IngestError::ShuttingDown),
            _ => Ok(()),
        }
    }

    /// Whether an operator may send traffic here.
    pub fn check_ready(&self) -> Result<(), IngestError> {
        self.check_taking_events()?;
        if self.disk_fails() { Err(IngestError::NotStored) } else { Ok(()) }
    }
}
