//! What happens now: a sample a second, made once for all who watch.
//!
//! One task ([`sampler`]) samples the counters each second and counts over the open sessions as often as that costs
//! about a hundredth of a core (`count`). Samples go into the history of the last hour ([`history`]) and to everybody
//! who watches (`feed`), each serialised once.

pub(crate) mod count;
pub(crate) mod feed;
pub mod history;
pub mod sampler;

pub use feed::LiveFeed;
pub(crate) use sampler::{Sampled, start};
