//! `playhead simulate`: sends an audience to a server, and checks afterwards that reports show it.

pub(crate) mod args;
mod check;
mod json_file;
mod load;

use std::io::Write;

use crate::commands::simulate::args::SimulateArgs;
use crate::error::Error;
use crate::settings::environment::Environment;
use crate::terminal::tables::Terminal;

/// Sends the load, or checks the reports.
///
/// # Errors
///
/// If a setting is unusable or nothing answers; [`Error::Findings`] if not everything was acknowledged, or reports do not
/// show what is expected.
pub(crate) fn simulate(
    args: &SimulateArgs,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    match &args.check {
        Some(file) => check::check_file(args, file, environment, terminal, out),
        None => load::send(args, terminal, out),
    }
}
