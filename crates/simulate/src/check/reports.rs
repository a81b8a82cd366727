//! What a check asks.

use serde_json::Value;

use crate::expectation::ExpectationError;

/// What answers queries.
pub trait Reports {
    /// Why one has no answer.
    type Error: From<ExpectationError> + From<NotAReport>;

    /// The response to `POST /query` with this body.
    ///
    /// # Errors
    ///
    /// If there is none.
    fn query(&self, body: &Value) -> Result<Value, Self::Error>;

    /// The response to a statement of SQL.
    ///
    /// # Errors
    ///
    /// If there is none.
    fn sql(&self, statement: &str) -> Result<Value, Self::Error>;
}

/// A response that is not what a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the response is not a report")]
pub struct NotAReport;
