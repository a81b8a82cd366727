//! An audience that a seed makes, for load and for proof.
//!
//! - [`Settings`]: what is asked for. [`run`] sends it to a server, open loop: each request has a moment at which it is due, and a slow
//!   answer delays nobody else.
//! - [`Report`]: what was sent, and how it was answered.
//! - [`Expectation`]: the exact totals that reports must show afterwards, from books that know the documented rules and none of the
//!   product's code; [`check`] holds reports against them.

#[cfg(test)]
mod agreement;
mod books;
mod check;
mod expectation;
mod load;
mod settings;
mod viewer;
mod world;

pub use check::compare::{Checked, Compared};
pub use check::course::check;
pub use check::reports::{NotAReport, Reports};
pub use expectation::{Expectation, ExpectationError};
pub use load::report::{Latency, Refused, Report};
pub use load::runner::{Progress, RunError, Target, run};
pub use settings::{Curve, Fault, Profile, Settings};
