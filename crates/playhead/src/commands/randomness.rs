//! The operating system's randomness.

use std::time::Duration;

use playhead_node::clock::RandomSource;
use rand::TryRng;
use rand::rngs::SysRng;

use crate::error::Error;

/// The wait before a retry of a failing source of randomness.
const RANDOMNESS_PAUSE: Duration = Duration::from_millis(100);

/// The operating system's randomness. If it fails later, new ids wait for it: with a guessable id, a stranger could write
/// into a session.
///
/// # Errors
///
/// If the system provides none at the start.
pub(crate) fn randomness() -> Result<RandomSource, Error> {
    SysRng.try_fill_bytes(&mut [0; 1]).map_err(|error| Error::System {
        context: "the system provides no randomness",
        message: error.to_string(),
    })?;
    Ok(RandomSource::new(Box::new(|bytes| {
        while let Err(error) = SysRng.try_fill_bytes(bytes) {
            tracing::error!(%error, "the system provides no randomness; trying again");
            std::thread::sleep(RANDOMNESS_PAUSE);
        }
    })))
}
