//! How a reporter comes into being: as a process, or in a test as a thread.

use std::io::Result;
use std::os::fd::OwnedFd;

use async_trait::async_trait;

/// Starts reporters.
pub trait Launch: Send + Sync {
    /// Starts one that serves this end of a link.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    fn launch(&self, link: OwnedFd) -> Result<Box<dyn Launched>>;
}

/// A reporter that was started. It ends when this is dropped.
#[async_trait]
pub trait Launched: Send {
    /// Waits for its end, and says in a few words how it ended.
    async fn ended(&mut self) -> String;
}
