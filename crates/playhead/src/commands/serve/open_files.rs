//! How many files and connections the operating system lets this process have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are needed beside those of connections: the journal with its readers, the log, the runtime.
const BESIDE_CONNECTIONS: u64 = 64;

/// Raises the soft limit on open files to the hard limit: the soft one is often 1024, for the sake of old programs that
/// this one is not. Logs a warning when even that is too little for so many connections.
pub fn raise_limit(connections: usize) {
    let before = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: before.maximum, maximum: before.maximum };
    if before.current != before.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "the limit on open files could not be raised");
    }
    let limit = getrlimit(Resource::Nofile).current;
    if is_too_low(limit, connections) {
        tracing::warn!(
            open_files = limit,
            connections,
            "the limit on open files is below the setting `connections`; some connections will not be accepted"
        );
    }
}

/// Whether so many open files (`None` for no limit) are too few for so many connections.
fn is_too_low(limit: Option<u64>, connections: usize) -> bool {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(BESIDE_CONNECTIONS);
    limit.is_some_and(|limit| limit < needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_has_to_hold_all_connections_and_the_rest() {
        assert!(is_too_low(Some(1_024), 1_024));
        assert!(!is_too_low(Some(1_024 + BESIDE_CONNECTIONS), 1_024));
        assert!(!is_too_low(None, usize::MAX));
    }

    #[test]
    fn after_raising_nothing_is_left_below_the_hard_limit() {
        raise_limit(1);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
