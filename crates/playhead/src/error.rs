//! Everything that can end the command early, and the exit code of each.

use std::io;
use std::path::PathBuf;

use crate::printable::printable;

/// The exit code of a run that did what it was asked.
pub const EXIT_FINE: u8 = 0;
/// The exit code of a finding, or of a failure while running.
pub const EXIT_FINDING: u8 = 1;
/// The exit code of a call, or a setting, that cannot be put into force.
pub const EXIT_WRONG_CALL: u8 = 2;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The arguments make no sense together, or name what cannot be used.
    #[error("{0}")]
    WrongCall(String),
    /// A setting is unknown or has an impossible value.
    #[error("{place}: {message}")]
    Setting {
        /// Where it was set: a file, or an environment variable.
        place: String,
        /// What is wrong with it.
        message: String,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The operating system's words.
        source: io::Error,
    },
    /// A file holds no recorded session.
    #[error("{}: {message}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// The server could not start, or ended by itself.
    #[error(transparent)]
    Server(#[from] playhead_server::Error),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// A server does not answer.
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// The server.
        url: String,
        /// Why, as far as it can be said.
        reason: String,
    },
    /// A server answers, but not with what was asked for.
    #[error("{url} answered {status}: {message}")]
    Answer {
        /// What was asked.
        url: String,
        /// The status of the answer.
        status: u16,
        /// What the server said, made safe for a terminal.
        message: String,
    },
    /// There is no such session.
    #[error("there is no session {0}")]
    NoSession(String),
    /// What was found out is printed already; the exit code says that there was something.
    #[error("there were findings")]
    Findings,
    /// A second signal came while the server was stopping.
    #[error("stopped by a second signal, before everything under way was finished")]
    StoppedAtOnce,
    /// Standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// The operating system refused something.
    #[error("{context}: {message}")]
    System {
        /// What was to be done.
        context: &'static str,
        /// Why it could not be.
        message: String,
    },
}

impl Error {
    /// The exit code of a run that ends with this error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::WrongCall(_)
            | Self::Setting { .. }
            | Self::File { .. }
            | Self::Recording { .. }
            | Self::Server(playhead_server::Error::Setting(_)) => EXIT_WRONG_CALL,
            // Whoever reads the output has read enough, as `head` does.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => EXIT_FINE,
            _ => EXIT_FINDING,
        }
    }

    /// What to print about it on standard error; `None` when there is nothing to add.
    pub fn report(&self) -> Option<String> {
        match self {
            Self::Findings => None,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            _ => Some(format!("playhead: {}", printable(&self.to_string()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_and_wrong_calls_exit_with_2_and_failures_with_1() {
        let wrong = Error::Server(playhead_server::Error::Setting("admin_token is too short".into()));
        assert_eq!(wrong.exit_code(), 2);
        assert_eq!(Error::WrongCall("no".into()).exit_code(), 2);
        assert_eq!(Error::Server(playhead_server::Error::Internal).exit_code(), 1);
        assert_eq!(Error::NoSession("abc".into()).exit_code(), 1);
    }

    #[test]
    fn a_reader_that_has_read_enough_is_no_failure() {
        let error = Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((error.exit_code(), error.report()), (0, None));
        let error = Error::from(io::Error::other("disk full"));
        assert_eq!(error.exit_code(), 1);
        assert!(error.report().unwrap().contains("disk full"));
    }
}
