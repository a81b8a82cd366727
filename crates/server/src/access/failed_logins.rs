//! How often somebody may be wrong about the token.

use std::time::Duration;

use parking_lot::Mutex;

use crate::error::Error;
use playhead_node::limits::{FAILED_LOGINS, FAILED_LOGINS_MS};

/// Counts the logins that failed, from the first of them on for a minute. One count for all: behind a proxy everybody
/// has the same address. Whoever is logged in, or sends the token itself, does not notice.
#[derive(Debug, Default)]
pub(crate) struct FailedLogins(Mutex<Count>);

#[derive(Debug, Default)]
struct Count {
    since_ms: i64,
    failed: u32,
}

impl Count {
    /// How much longer the count goes on; `None` when it is over. A clock that was turned back ends it.
    fn rest_ms(&self, now_ms: i64) -> Option<i64> {
        let passed_ms = now_ms - self.since_ms;
        (0..FAILED_LOGINS_MS).contains(&passed_ms).then_some(FAILED_LOGINS_MS - passed_ms)
    }
}

impl FailedLogins {
    /// Whether one more attempt is allowed.
    pub(crate) fn check(&self, now_ms: i64) -> Result<(), Error> {
        let count = self.0.lock();
        match count.rest_ms(now_ms) {
            Some(rest_ms) if count.failed >= FAILED_LOGINS => {
                let seconds = u64::try_from(rest_ms).unwrap_or_default().div_ceil(1_000);
                Err(Error::TooManyLogins { retry_after: Duration::from_secs(seconds) })
            }
            _ => Ok(()),
        }
    }

    /// Counts an attempt that failed.
    pub(crate) fn count(&self, now_ms: i64) {
        let mut count = self.0.lock();
        if count.rest_ms(now_ms).is_none() {
            *count = Count { since_ms: now_ms, failed: 0 };
        }
        count.failed += 1;
    }
}
