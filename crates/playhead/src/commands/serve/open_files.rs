//! The operating system's limit on open files and connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are needed besides connections: for the journal with its readers, the log, the runtime.
const BESIDE_CONNECTIONS: u64 = 64;

/// Raises the soft limit on open files to the hard limit, because the soft one is often 1024 for the sake of old programs.
/// Logs a warning if the hard limit is too low for this number of connections.
pub(crate) fn raise_limit(connections: usize) {
    let before = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: before.maximum, maximum: before.maximum };
    if before.current != before.maximum
        && let Err(error) = setrlimit(Resource::Nofile, raised)
    {
        tracing::warn!(%error, "cannot raise the limit on open files");
    }
    let limit = getrlimit(Resource::Nofile).current;
    if is_too_low(limit, connections) {
        tracing::warn!(
            open_files = limit,
            connections,
            "the limit on open files is too low for the setting `connections`; some connections will not be accepted"
        );
    }
}

/// Whether this limit on open files (`None` for no limit) is too low for this number of connections.
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
    fn the_soft_limit_is_raised_to_the_hard_limit() {
        raise_limit(1);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
