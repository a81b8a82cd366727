//! Rows of the table of events, from the journal's events.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMicrosecondBuilder,
};
use playhead_journal::OwnedEvent;
use playhead_protocol::decode;
use playhead_protocol::time::DAY_MS;

use crate::error::Error;
use crate::tables::Table;

/// Events as a batch of the table `events`; `server` is the name of the journal that they come from.
///
/// # Errors
///
/// [`Error::Arrow`] when they make no batch, which does not happen.
pub fn event_batch(events: &[OwnedEvent], server: &str) -> Result<RecordBatch, Error> {
    let times = || TimestampMicrosecondBuilder::new().with_timezone("UTC");
    let (mut day, mut session_id, mut sequence) =
        (Date32Builder::new(), StringBuilder::new(), Int64Builder::new());
    let (mut received_at, mut event_type, mut ts) = (times(), StringBuilder::new(), times());
    let (mut playhead, mut body, mut source) =
        (Float64Builder::new(), StringBuilder::new(), StringBuilder::new());
    let (mut is_end_of_batch, mut server_column) = (BooleanBuilder::new(), StringBuilder::new());
    for event in events {
        // What was accepted can be parsed; a body that a later release no longer reads is kept all the same.
        let parsed = decode(&event.recorded()).ok();
        let parsed = parsed.as_ref();
        day.append_option(i32::try_from(event.received_at_ms.div_euclid(DAY_MS)).ok());
        session_id.append_value(event.session.to_string());
        sequence.append_option(i64::try_from(event.sequence.get()).ok());
        received_at.append_value(event.received_at_ms.saturating_mul(1_000));
        event_type.append_option(parsed.map(|event| event.event_type.name()));
        ts.append_option(parsed.map(|event| event.ts_ms.saturating_mul(1_000)));
        playhead.append_option(parsed.map(|event| event.playhead));
        body.append_value(String::from_utf8_lossy(&event.body));
        source.append_value(event.recorded().origin().source());
        is_end_of_batch.append_value(event.last_of_batch);
        server_column.append_value(server);
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(day.finish()),
        Arc::new(session_id.finish()),
        Arc::new(sequence.finish()),
        Arc::new(received_at.finish()),
        Arc::new(event_type.finish()),
        Arc::new(ts.finish()),
        Arc::new(playhead.finish()),
        Arc::new(body.finish()),
        Arc::new(source.finish()),
        Arc::new(is_end_of_batch.finish()),
        Arc::new(server_column.finish()),
    ];
    RecordBatch::try_new(Table::Events.schema(), columns).map_err(Error::Arrow)
}
