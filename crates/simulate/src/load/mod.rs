//! The load: who sends what when, over which connections, and what became of it.

pub(crate) mod calendar;
pub(crate) mod connection;
pub(crate) mod fleet;
pub(crate) mod histogram;
pub(crate) mod http;
pub(crate) mod pool;
pub(crate) mod report;
pub(crate) mod runner;
pub(crate) mod sender;
pub(crate) mod viewer;
