//! How often one address may be wrong about the token, at whichever door.

use std::time::Duration;

use parking_lot::Mutex;
use playhead_node::ingest::addresses::{AddressTable, ClientAddress};
use playhead_node::limits::{WRONG_TOKENS, WRONG_TOKENS_MS};

use crate::error::Error;

/// Counts the wrong tokens of each address, from the first of them on for a minute. A right token is never looked up here:
/// behind a router, or a proxy that is not a trusted one, everybody has one address, and nobody there may shut out the others.
#[derive(Debug, Default)]
pub(crate) struct WrongTokens(Mutex<AddressTable<Count>>);

#[derive(Debug, Clone, Copy)]
struct Count {
    since_ms: i64,
    wrong: u32,
    /// Whether the log says that the address has sent too many.
    is_logged: bool,
}

impl Count {
    /// How much longer the count goes on; `None` when it is over. A clock that was turned back ends it.
    fn rest_ms(&self, now_ms: i64) -> Option<i64> {
        let passed_ms = now_ms.saturating_sub(self.since_ms);
        (0..WRONG_TOKENS_MS).contains(&passed_ms).then_some(WRONG_TOKENS_MS - passed_ms)
    }
}

impl WrongTokens {
    /// Counts one wrong token.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyWrongTokens`] if the address has sent as many as it may.
    pub(crate) fn count(&self, client: ClientAddress, now_ms: i64) -> Result<(), Error> {
        let mut counts = self.0.lock();
        let new = || Count { since_ms: now_ms, wrong: 0, is_logged: false };
        let count = counts.value_of(client, |count| count.rest_ms(now_ms).is_none(), new);
        let rest_ms = count.rest_ms(now_ms).unwrap_or_else(|| {
            *count = new();
            WRONG_TOKENS_MS
        });
        if count.wrong >= WRONG_TOKENS {
            if !std::mem::replace(&mut count.is_logged, true) {
                tracing::warn!(%client, "too many wrong tokens");
            }
            let seconds = u64::try_from(rest_ms).unwrap_or_default().div_ceil(1_000);
            return Err(Error::TooManyWrongTokens { retry_after: Duration::from_secs(seconds) });
        }
        count.wrong += 1;
        Ok(())
    }
}
