//! Live numbers: one sample each second, made once for all watchers.
//!
//! One task ([`sampler`]) samples the counters each second and counts over the open sessions as often as that costs
//! about a hundredth of a core ([`count`]). Samples go into the history of the last hour ([`history`]) and to all
//! watchers ([`feed`]), each serialised once. A filter that somebody watches is one more sum of the same pass ([`tally`]) and
//! of the same counters ([`crate::ingest::activity`]), so filtered numbers add up to those without a filter.

mod count;
pub mod feed;
pub mod history;
pub mod sampler;
mod tally;

pub use feed::LiveFeed;
pub(crate) use sampler::{Sampled, start};

#[cfg(test)]
mod tests;
