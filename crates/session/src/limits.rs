//! What one session may hold. A client that goes past a limit loses detail, never the numbers: counts and times go on,
//! and the session says so with the diagnosis `session_too_large` (or the limit's own).

use playhead_protocol::time::HOUR_MS;

/// Events that may wait in a reorder window; one more, and the lowest timestamp leaves (metrics contract, section 1).
pub const REORDER_EVENTS_MAX: usize = 10;

/// Accepted events whose bodies a session remembers in order to tell a retry (metrics contract, section 1).
pub(crate) const REMEMBERED_BODIES_MAX: usize = 32;

/// Distinct error ids in each of the two lists of a session (metrics contract, section 8).
pub(crate) const ERROR_IDS_MAX: usize = 20;

/// Distinct player states of a session (metrics contract, section 9).
pub(crate) const PLAYER_STATES_MAX: usize = 10;

/// Bytes of rows and texts (ads, chapters, errors, states, metadata beyond the start's) that a session keeps.
pub const KEPT_BYTES_MAX: usize = 256 * 1024;

/// What a row or a text counts towards [`KEPT_BYTES_MAX`] beside its bytes of text. They are not sizes in memory, which other
/// releases may have others of: a session keeps the same rows in all of them.
pub(crate) const KEPT_AD_BYTES: usize = 72;
pub(crate) const KEPT_CHAPTER_BYTES: usize = 56;
pub(crate) const KEPT_ERROR_BYTES: usize = 48;
pub(crate) const KEPT_ERROR_ID_BYTES: usize = 16;
pub(crate) const KEPT_STATE_BYTES: usize = 32;

/// Separate spans in each of a session's lists (watched, active, playing).
pub const SPANS_MAX: usize = 2_000;

/// The longest time between two pings that is taken for their interval, ms: players leave 10 to 50 s between them.
pub(crate) const PING_INTERVAL_MAX_MS: i64 = 60_000;

/// The longest time for which a session counts as present after its last event, ms, whatever the settings say.
pub const SILENT_AFTER_MAX_MS: i64 = HOUR_MS;
