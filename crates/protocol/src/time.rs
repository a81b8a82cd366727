//! Lengths of time in the units of the wire and of the rows. No other file defines one of them.

/// A minute, ms.
pub const MINUTE_MS: i64 = 60 * 1_000;
/// An hour, ms.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A day, ms. Days are those of UTC, which have no leap seconds.
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// A day, µs.
pub const DAY_US: i64 = DAY_MS * 1_000;
/// A day, in seconds.
pub const DAY_SECONDS: f64 = 86_400.0;
/// A day, ns.
pub const DAY_NS: u64 = DAY_MS.unsigned_abs() * 1_000_000;
