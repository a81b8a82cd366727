//! Clocks that are wrong or are set: the device's, by which time is counted, and the server's, by which events arrive.

pub(crate) mod device;
pub(crate) mod server;
