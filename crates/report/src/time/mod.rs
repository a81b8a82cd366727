//! Ranges and buckets of time, in any time zone.

pub(crate) mod buckets;
pub(crate) mod clocks;
pub(crate) mod range;
