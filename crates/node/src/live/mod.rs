//! Live numbers: one sample each second, made once for all watchers.
//!
//! One task ([`sampler`]) samples the counters each second and counts over the open sessions as often as that costs
//! about a hundredth of a core (`count`). Samples go into the history of the last hour ([`history`]) and to all
//! watchers (`feed`), each serialised once.

pub(crate) mod count;
pub(crate) mod feed;
pub mod history;
pub mod sampler;

pub use feed::LiveFeed;
pub(crate) use sampler::{Sampled, start};
