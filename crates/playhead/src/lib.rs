//! The command `playhead`: runs a server, sends recorded sessions to one, and shows the results.
//!
//! This is the only crate that reads the command line, the environment and configuration files, and the only one that
//! prints. The caller of [`run`] reads the state of the process and passes it on as values.

mod commands;
mod error;
mod settings;
mod source;
mod terminal;

use std::ffi::OsString;
use std::sync::Arc;

use playhead_node::clock::SystemClock;
use rustix::fs::Mode;
use rustix::process::umask;

use crate::commands::{
    Command, annotate, backup, exclude, export, maintain, replay, report, reporter, schedule, serve,
    sessions, simulate, sql, verify,
};
use crate::error::{EXIT_FINDING, EXIT_FINE, EXIT_WRONG_CALL, Error};
pub use crate::settings::environment::Environment;
pub use crate::terminal::streams::Streams;
pub use crate::terminal::tables::Terminal;

/// Runs the command line `args`, the first of which is the program's name, and returns the exit code: 0 for success, 1
/// for a finding or a failure, 2 for an invalid call or an invalid setting.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    terminal: Terminal,
    streams: &mut Streams<'_>,
) -> u8 {
    let cli = match commands::parse(args) {
        Ok(cli) => cli,
        Err(error) => {
            let is_printed = error.print().is_ok();
            return if is_printed { exit_code_of(&error) } else { EXIT_FINDING };
        }
    };
    let terminal = Terminal {
        is_styled: terminal.is_styled && !environment.has_no_color(),
        columns: environment.columns().or(terminal.columns),
        ..terminal
    };
    if cli.command.writes_data() {
        // What players send is nobody else's: folders that are made have mode 0700, files 0600.
        umask(Mode::RWXG | Mode::RWXO);
    }
    let outcome = environment.check().and_then(|()| match cli.command {
        Command::Serve(args) => serve::serve(*args, environment, terminal, streams.out),
        Command::Replay(args) => replay::replay(&args, &SystemClock, terminal, streams.out, streams.notes),
        Command::Sessions(args) => {
            sessions::sessions(&args, environment, Arc::new(SystemClock), terminal, streams.out)
        }
        Command::Simulate(args) => simulate::simulate(&args, environment, terminal, streams.out),
        Command::Exclude(args) => exclude::exclude(&args, environment, terminal, streams.out, streams.notes),
        Command::Annotate(args) => annotate::annotate(&args, environment, terminal, streams.out),
        Command::Schedule(args) => schedule::schedule(&args, environment, terminal, streams.out),
        Command::Report(args) => report::report(&args, environment, terminal, streams.out),
        Command::Sql(args) => sql::sql(&args, environment, terminal, streams),
        Command::Export(args) => export::export(&args, environment, terminal, streams.out),
        Command::Verify(args) => verify::verify(&args, environment, terminal, streams.out),
        Command::Backup(args) => backup::backup(&args, environment, terminal, streams.out),
        Command::Restore(args) => backup::restore(&args, environment, terminal, streams.out),
        Command::Reporter(args) => reporter::reporter(&args, environment),
        Command::Maintain(args) => maintain::maintain(&args, environment, streams.out),
    });
    let outcome = outcome.and_then(|()| streams.out.flush().map_err(Error::from));
    let Err(error) = outcome else { return EXIT_FINE };
    if let Some(report) = error.report() {
        // If this cannot be written either, the exit code is enough.
        let _written = writeln!(streams.notes, "{report}");
    }
    error.exit_code()
}

fn exit_code_of(error: &clap::Error) -> u8 {
    u8::try_from(error.exit_code()).unwrap_or(EXIT_WRONG_CALL)
}
