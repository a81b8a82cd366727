//! The command `playhead`; the library of this crate does all of it.

use std::io::{IsTerminal, stderr, stdin, stdout};
use std::process::ExitCode;

use playhead::{Environment, Streams, Terminal};

/// A server makes many small allocations in several threads; this allocator needs less time and memory for them than the
/// system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let terminal = Terminal {
        is_stdin: stdin().is_terminal(),
        is_stdout: stdout().is_terminal(),
        is_stderr: stderr().is_terminal(),
        is_styled: true,
        columns: None,
    };
    let environment = Environment::of_process();
    // Standard error stays unlocked because the log writes there too.
    let mut streams = Streams { input: &mut stdin(), out: &mut stdout().lock(), notes: &mut stderr() };
    let code = playhead::run(std::env::args_os(), &environment, terminal, &mut streams);
    ExitCode::from(code)
}
