//! Ranges and buckets of time, in any time zone.

pub mod buckets;
pub mod range;
