//! All errors that can end the command, and their exit codes.

use std::io;
use std::path::PathBuf;

use playhead_node::backup::BackupError;
use playhead_node::error::{ExclusionError, MaintenanceError, QueryError, SessionError, StartError};
use playhead_server::Error as ServerError;
use playhead_simulate::ExpectationError;

use crate::terminal::printable::printable;

/// The exit code of a successful run.
pub(crate) const EXIT_FINE: u8 = 0;
/// The exit code of a finding, or of a failure while running.
pub(crate) const EXIT_FINDING: u8 = 1;
/// The exit code of an invalid call or setting.
pub(crate) const EXIT_WRONG_CALL: u8 = 2;

/// A fault in one part of a query.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub(crate) struct Fault {
    /// The part: a JSON path, or the name of a parameter.
    pub path: String,
    /// The fault, as a phrase whose subject is the value of the part.
    pub message: String,
}

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The arguments contradict each other, or name something unusable.
    #[error("{0}")]
    WrongCall(String),
    /// A setting is unknown or has an invalid value.
    #[error("{place}: {message}")]
    Setting {
        /// The place that sets it: a file, or an environment variable.
        place: String,
        /// The fault.
        message: String,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The message of the operating system.
        source: io::Error,
    },
    /// A file does not hold a recorded session.
    #[error("{}: {message}", path.display())]
    Recording {
        /// The file.
        path: PathBuf,
        /// The fault.
        message: String,
    },
    /// The server did not start, or stopped by itself.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A data directory cannot be opened for queries.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A query over the tables of a data directory has no response.
    #[error(transparent)]
    Query(QueryError),
    /// A query about the sessions of a data directory has no response.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The tables of a data directory are not put in order.
    #[error(transparent)]
    Maintenance(#[from] MaintenanceError),
    /// The exclusion of a session is not changed.
    #[error(transparent)]
    Exclusion(#[from] ExclusionError),
    /// A backup cannot be made or restored.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] playhead_journal::Error),
    /// A server does not answer.
    #[error("{url} cannot be reached: {reason}")]
    Unreachable {
        /// The server.
        url: String,
        /// The reason, as far as it is known.
        reason: String,
    },
    /// A server answers, but not with the expected response.
    #[error("{url} answered {status}: {message}")]
    Response {
        /// The URL of the request.
        url: String,
        /// The status of the response.
        status: u16,
        /// The message of the server, made safe for a terminal.
        message: String,
    },
    /// The query is invalid; the error holds all its faults.
    #[error("{message}{}", lines_of(faults))]
    Refused {
        /// The message about the query as a whole.
        message: String,
        /// The faults of its parts.
        faults: Vec<Fault>,
    },
    /// A response ended before it was complete.
    #[error("the response is incomplete: {0}")]
    BrokenOff(String),
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The message of the operating system.
        source: io::Error,
    },
    /// The lake cannot be used.
    #[error(transparent)]
    Lake(#[from] playhead_lake::Error),
    /// A file of expected totals cannot be used.
    #[error(transparent)]
    Expectation(ExpectationError),
    /// There is no such session.
    #[error("there is no session {0}")]
    NoSession(String),
    /// The findings are printed already; the exit code reports that there are some.
    #[error("there were findings")]
    Findings,
    /// A second signal came while the server was stopping.
    #[error("stopped by a second signal before all requests were finished")]
    StoppedAtOnce,
    /// Standard output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    /// A call of the operating system failed.
    #[error("{context}: {message}")]
    System {
        /// The attempted action.
        context: &'static str,
        /// The reason for the failure.
        message: String,
    },
}

impl Error {
    /// The exit code of a run that ends with this error.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::WrongCall(_)
            | Self::Setting { .. }
            | Self::File { .. }
            | Self::Recording { .. }
            | Self::Expectation(ExpectationError::Unreadable { .. } | ExpectationError::Unusable { .. })
            | Self::Refused { .. }
            | Self::Maintenance(MaintenanceError::NoTables)
            | Self::Backup(BackupError::NotEmpty { .. })
            | Self::Server(ServerError::Setting(_)) => EXIT_WRONG_CALL,
            // The reader of the output has read enough, as `head` does.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => EXIT_FINE,
            _ => EXIT_FINDING,
        }
    }

    /// The text for standard error; `None` if there is nothing to add.
    pub(crate) fn report(&self) -> Option<String> {
        match self {
            Self::Findings => None,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => None,
            // Its faults, and the messages of the query engine, are on separate lines.
            Self::Refused { .. } => {
                let text = self.to_string();
                let lines: Vec<_> = text.lines().map(printable).collect();
                Some(format!("playhead: {}", lines.join("\n")))
            }
            _ => Some(format!("playhead: {}", printable(&self.to_string()))),
        }
    }

    /// The error of a query that failed in this process; the same as for one that failed on a server.
    pub(crate) fn of_query(error: QueryError) -> Self {
        use playhead_report::Error as ReportError;
        let message = error.to_string();
        match error {
            QueryError::Invalid(faults) => {
                let faults = faults.into_iter();
                let faults = faults.map(|fault| Fault { path: fault.path, message: fault.message }).collect();
                Self::Refused { message, faults }
            }
            QueryError::Report(ReportError::Sql(message)) => Self::Refused { message, faults: Vec::new() },
            error => Self::Query(error),
        }
    }
}

/// Each fault on a line of its own.
fn lines_of(faults: &[Fault]) -> String {
    faults.iter().map(|fault| format!("\n  {}", format!("{} {}", fault.path, fault.message).trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_settings_and_wrong_calls_exit_with_2_and_failures_with_1() {
        let wrong = Error::from(ServerError::Setting("admin_token is too short".into()));
        assert_eq!(wrong.exit_code(), 2);
        assert_eq!(Error::WrongCall("no".into()).exit_code(), 2);
        assert_eq!(Error::from(ServerError::Internal).exit_code(), 1);
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

    #[test]
    fn a_refused_query_says_each_fault_on_a_line_without_escape_sequences() {
        let fault = |path: &str, message: &str| Fault { path: path.into(), message: message.into() };
        let faults = vec![fault("--by", "names \u{1b}[2J"), fault("", "has 3 more faults")];
        let error = Error::Refused { message: "the query is invalid".into(), faults };
        assert_eq!(error.exit_code(), 2);
        assert_eq!(
            error.report().unwrap(),
            "playhead: the query is invalid\n  --by names \\u{1b}[2J\n  has 3 more faults"
        );
        let error = Error::System { context: "a", message: "b\nplayhead: all is well".into() };
        assert_eq!(error.report().unwrap().lines().count(), 1);
    }

    #[test]
    fn a_query_in_this_process_fails_as_one_over_http_does() {
        let sql = playhead_report::Error::Sql("no such table".into());
        let error = Error::of_query(QueryError::Report(sql));
        assert_eq!((error.exit_code(), error.to_string().as_str()), (2, "no such table"));
        let slow = playhead_report::Error::TooSlow { limit_ms: 1 };
        assert_eq!(Error::of_query(QueryError::Report(slow)).exit_code(), 1);
    }
}
