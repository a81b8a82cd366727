//! The accounting: the order of events, the attribution of time, and the effect of each event.

pub(crate) mod accounts;
pub(crate) mod clock;
pub(crate) mod content;
pub(crate) mod diagnosis;
pub(crate) mod effects;
pub(crate) mod intervals;
pub(crate) mod kept;
pub(crate) mod observe;
pub(crate) mod order;
pub(crate) mod playheads;
pub(crate) mod quality;
pub(crate) mod session;
pub(crate) mod silence;
pub(crate) mod views;
pub(crate) mod window;
