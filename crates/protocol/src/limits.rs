//! Every limit of the wire. What a client can make large, it can make large only up to one of these.

/// Nested objects and arrays in one event, the event itself included. The deepest documented value lies four deep;
/// the limit keeps every later reader of the stored body, recursive or not, out of trouble.
pub(crate) const NESTING_DEPTH: usize = 32;

/// Faults in one answer, the last of which says how many more there are when there are more.
pub const LISTED_FAULTS: usize = 100;

/// Bytes of one key in the path of a fault; a longer key is cut there and ends in `…`. Without this, a hundred faults
/// about keys as long as the body would make an answer a hundred times the request.
pub(crate) const PATH_KEY_BYTES: usize = 256;

/// Events in one downloaded session (protocol contract, section 4).
pub const BATCH_EVENTS: usize = 10_000;

/// Bytes of one event's JSON text, alone or in a downloaded session.
pub const EVENT_BYTES: usize = 64 * 1024;

/// Bytes of the body that holds a downloaded session.
pub const BATCH_BYTES: usize = 16 * 1024 * 1024;

/// First millisecond after the last acceptable `ts`: 1 January 2200, 00:00 UTC (protocol contract, section 2).
pub const TS_END_MS: i64 = 7_258_118_400_000;

/// Largest magnitude of a whole number: 2^53 - 1, up to which a double tells every whole number from its neighbours.
pub(crate) const WHOLE_NUMBER_MAX: i64 = 9_007_199_254_740_991;

/// Bytes of a player state's name, all of them ASCII (metrics contract, section 9).
pub(crate) const STATE_NAME_BYTES: usize = 64;

/// Bytes of all facts that a door keeps beside one body.
pub(crate) const FACTS_BYTES: usize = 4 * 1024;
