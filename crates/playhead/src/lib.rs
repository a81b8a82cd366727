//! The command `playhead`: runs a server, sends recorded sessions to one, shows what came of them.
//!
//! This is the only crate that reads the command line, the environment and configuration files, and the only one that
//! prints. What it takes from the process is taken in [`run`]'s caller and passed on as values.

pub mod banner;
pub mod client;
pub mod commands;
pub mod config_file;
pub mod environment;
pub mod error;
pub mod logs;
mod nearest;
pub mod open_files;
pub mod period;
pub mod print_config;
pub mod printable;
pub mod recording;
pub mod replay;
pub mod serve;
pub mod session_source;
pub mod session_tables;
pub mod sessions;
pub mod settings;
pub mod size;
pub mod tables;
mod written_value;

use std::ffi::OsString;
use std::io::Write;

use playhead_server::clock::SystemClock;

use crate::commands::Command;
use crate::environment::Environment;
pub use crate::error::Error;
use crate::error::{EXIT_FINDING, EXIT_FINE, EXIT_WRONG_CALL};
use crate::tables::Terminal;

/// Runs the command line `args`, the first of which is the program's name, and returns the exit code: 0 when all is
/// fine, 1 for a finding or a failure, 2 for a wrong call or a wrong setting.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    terminal: Terminal,
    out: &mut dyn Write,
    notes: &mut dyn Write,
) -> u8 {
    let cli = match commands::parse(args) {
        Ok(cli) => cli,
        Err(error) => {
            let is_printed = error.print().is_ok();
            return if is_printed { exit_code_of(&error) } else { EXIT_FINDING };
        }
    };
    let terminal = Terminal { is_styled: terminal.is_styled && !environment.has_no_color(), ..terminal };
    let outcome = environment.check().and_then(|()| match cli.command {
        Command::Serve(args) => serve::serve(args, environment, terminal, out),
        Command::Replay(args) => replay::replay(&args, &SystemClock, terminal, out, notes),
        Command::Sessions(args) => sessions::sessions(&args, environment, &SystemClock, terminal, out),
    });
    let outcome = outcome.and_then(|()| out.flush().map_err(Error::from));
    let Err(error) = outcome else { return EXIT_FINE };
    if let Some(report) = error.report() {
        // Where even this cannot be written, the exit code has to do.
        let _written = writeln!(notes, "{report}");
    }
    error.exit_code()
}

fn exit_code_of(error: &clap::Error) -> u8 {
    u8::try_from(error.exit_code()).unwrap_or(EXIT_WRONG_CALL)
}
