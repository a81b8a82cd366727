//! The command `playhead`; all of it is in the library of this crate.

use std::io::{IsTerminal, stderr, stdin, stdout};
use std::process::ExitCode;

use playhead::settings::environment::Environment;
use playhead::terminal::streams::Streams;
use playhead::terminal::tables::Terminal;

/// Many small allocations by several threads are what a server does all day; this allocator spends less time and less
/// memory on them than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let terminal = Terminal {
        is_stdin: stdin().is_terminal(),
        is_stdout: stdout().is_terminal(),
        is_stderr: stderr().is_terminal(),
        is_styled: true,
    };
    let environment = Environment::of_process();
    // Standard error stays unlocked: the log writes there too.
    let mut streams = Streams { input: &mut stdin(), out: &mut stdout().lock(), notes: &mut stderr() };
    let code = playhead::run(std::env::args_os(), &environment, terminal, &mut streams);
    ExitCode::from(code)
}
