//! Asks the reporter for what is sent, as any client does, and takes the response as a whole.

use bytes::Bytes;
use futures::StreamExt;
use playhead_report::Error as ReportError;
use serde_json::{Map, Value};

use crate::error::QueryError;
use crate::kept::board::pairs_of;
use crate::limits::SCHEDULED_REPORT_BYTES;
use crate::reporter::client::Client;
use crate::schedules::run::NotSent;
use crate::tables::queries::{Report, ReportQuery};

/// What is asked.
pub(crate) struct Asked<'run> {
    pub(crate) queries: &'run Client,
    pub(crate) report: Report,
    pub(crate) accept: &'run str,
}

/// The response to a report with these parameters: its media type and its bytes.
pub(crate) async fn whole(
    asked: &Asked<'_>,
    parameters: &Map<String, Value>,
) -> Result<(String, Bytes), NotSent> {
    let body = Value::Object(parameters.clone()).to_string();
    let (pairs, body) = match asked.report {
        Report::Panel(_) => (pairs_of(parameters), &b""[..]),
        _ => (Vec::new(), body.as_bytes()),
    };
    let query = ReportQuery { report: asked.report, table: "", pairs, body, accept: asked.accept };
    let mut found = asked.queries.run(query).await.map_err(|error| not_found(&error))?;
    let mut bytes = Vec::new();
    while let Some(piece) = found.body.next().await {
        let piece = piece.map_err(|error| not_found(&error))?;
        if bytes.len() + piece.len() > SCHEDULED_REPORT_BYTES {
            return Err(NotSent::for_good(format!(
                "the report has more than {SCHEDULED_REPORT_BYTES} bytes; give it a limit, fewer dimensions or a shorter range"
            )));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok((found.content_type.into_owned(), Bytes::from(bytes)))
}

/// Why there is no report.
fn not_found(error: &QueryError) -> NotSent {
    let message = match error {
        QueryError::Invalid(faults) => {
            let faults: Vec<String> =
                faults.iter().map(|fault| format!("{} {}", fault.path, fault.message)).collect();
            format!("the query is invalid: {}", faults.join("; "))
        }
        error => format!("the query has no response: {error}"),
    };
    let may_pass = match error {
        QueryError::Invalid(_) => false,
        QueryError::Report(error) => !matches!(
            error,
            ReportError::Invalid(_)
                | ReportError::Sql(_)
                | ReportError::TooMuchMemory { .. }
                | ReportError::TooSlow { .. }
                | ReportError::CutShort { .. }
                | ReportError::Ended(_)
        ),
        QueryError::Busy(_) | QueryError::Internal => true,
    };
    NotSent { message, may_pass }
}
