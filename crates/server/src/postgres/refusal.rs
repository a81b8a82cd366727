//! Errors as the protocol tells them.

use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError};
use playhead_report::sql::sql_state::sql_state;

/// An error with the engine's message alone, under the code of its kind.
pub(super) fn plain(error: PgWireError) -> PgWireError {
    match error {
        PgWireError::ApiError(error) => {
            let code = sql_state(&*error);
            let message = error.to_string();
            // What lies behind this mark is a stack, or advice for the engine's own developers.
            let message = message.split("\n\nbacktrace:").next().unwrap_or_default();
            refusal(code, message.trim().to_owned())
        }
        error => error,
    }
}

pub(super) fn refusal(code: &str, message: String) -> PgWireError {
    PgWireError::UserError(Box::new(ErrorInfo::new("ERROR".to_owned(), code.to_owned(), message)))
}
