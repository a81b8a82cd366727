//! Errors and notices as the protocol tells them.

use std::error::Error as StdError;

use datafusion::error::DataFusionError;
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError};
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use playhead_report::sql::sql_state::sql_state;

/// `syntax_error`.
pub(super) const SYNTAX: &str = "42601";
/// `feature_not_supported`.
pub(super) const NOT_SUPPORTED: &str = "0A000";
/// `read_only_sql_transaction`.
pub(super) const READ_ONLY: &str = "25006";
/// `invalid_parameter_value`.
pub(super) const INVALID_VALUE: &str = "22023";
/// `undefined_object`.
pub(super) const UNDEFINED: &str = "42704";
/// `cant_change_runtime_param`.
pub(super) const FIXED: &str = "55P02";
/// `in_failed_sql_transaction`.
pub(super) const FAILED_TRANSACTION: &str = "25P02";
/// `no_active_sql_transaction`.
pub(super) const NO_TRANSACTION: &str = "25P01";
/// `active_sql_transaction`.
pub(super) const IN_TRANSACTION: &str = "25001";
/// `invalid_savepoint_specification`.
pub(super) const NO_SAVEPOINT: &str = "3B001";
/// `invalid_cursor_name`.
pub(super) const NO_CURSOR: &str = "34000";
/// `duplicate_cursor`.
pub(super) const DUPLICATE_CURSOR: &str = "42P03";
/// `invalid_sql_statement_name`.
pub(super) const NO_STATEMENT: &str = "26000";
/// `duplicate_prepared_statement`.
pub(super) const DUPLICATE_STATEMENT: &str = "42P05";
/// `object_not_in_prerequisite_state`.
pub(super) const NOT_POSSIBLE_NOW: &str = "55000";
/// `protocol_violation`.
pub(super) const VIOLATION: &str = "08P01";
/// `indeterminate_datatype`.
pub(super) const UNKNOWN_TYPE: &str = "42P18";
/// `undefined_parameter`.
pub(super) const NO_PARAMETER: &str = "42P02";
/// `program_limit_exceeded`: trying again does not help.
pub(super) const TOO_MUCH: &str = "54000";
/// `statement_too_complex`.
pub(super) const TOO_COMPLEX: &str = "54001";
/// `too_many_connections`, for queries that find no slot, too.
pub(super) const BUSY: &str = "53300";
/// `query_canceled`.
pub(super) const CANCELED: &str = "57014";
/// `internal_error`.
pub(super) const INTERNAL: &str = "XX000";

/// Bytes of a message; clients refuse answers of this kind that are much longer.
const MESSAGE_BYTES: usize = 8_000;

/// An error of a function of this port, with its code, on its way through the query engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(super) struct Told {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Told {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<Told> for PgWireError {
    fn from(told: Told) -> Self {
        refusal(told.code, told.message)
    }
}

/// An error with the engine's message alone, under the code of its kind.
pub(super) fn plain(error: PgWireError) -> PgWireError {
    match error {
        PgWireError::ApiError(error) => engine_error(&*error),
        error => error,
    }
}

/// An error of the query engine by itself.
pub(super) fn engine(error: DataFusionError) -> PgWireError {
    plain(PgWireError::ApiError(Box::new(error)))
}

/// An error of the query engine.
pub(super) fn engine_error(error: &(dyn StdError + 'static)) -> PgWireError {
    if let Some(told) = told(error) {
        return told.into();
    }
    let code = sql_state(error);
    // Through which steps of the engine an error has come says nothing to who wrote the query.
    let message = match error.downcast_ref::<DataFusionError>() {
        Some(error) => error.find_root().to_string(),
        None => error.to_string(),
    };
    // What lies behind this mark is a stack, or advice for the engine's own developers.
    let message = message.split("\n\nbacktrace:").next().unwrap_or_default();
    refusal(code, message.trim().to_owned())
}

/// What a function of this port has told through the engine.
fn told(error: &(dyn StdError + 'static)) -> Option<Told> {
    match error.downcast_ref::<DataFusionError>()?.find_root() {
        DataFusionError::External(error) => error.downcast_ref::<Told>().cloned(),
        _ => None,
    }
}

pub(super) fn refusal(code: &str, message: String) -> PgWireError {
    PgWireError::UserError(Box::new(info("ERROR", code, message)))
}

/// A warning, which ends nothing.
pub(super) fn warning(code: &str, message: &str) -> PgWireBackendMessage {
    PgWireBackendMessage::NoticeResponse(info("WARNING", code, message.to_owned()).into())
}

/// The message that tells an error.
pub(super) fn error_message(error: PgWireError) -> PgWireBackendMessage {
    let mut error = ErrorInfo::from(error);
    error.severity_nonlocalized = Some(error.severity.clone());
    PgWireBackendMessage::ErrorResponse(error.into())
}

fn info(severity: &str, code: &str, mut message: String) -> ErrorInfo {
    if message.len() > MESSAGE_BYTES {
        let end = (0..=MESSAGE_BYTES).rev().find(|end| message.is_char_boundary(*end)).unwrap_or_default();
        message.truncate(end);
        message.push_str(" ...");
    }
    let mut info = ErrorInfo::new(severity.to_owned(), code.to_owned(), message);
    info.severity_nonlocalized = Some(severity.to_owned());
    info
}
