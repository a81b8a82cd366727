//! From the bytes of a body to a whole downloaded session.

use std::ops::ControlFlow;

use crate::event::Event;
use crate::facts::Facts;
use crate::fault::{Faults, Path, Rejection};
use crate::json::object::for_each_element;
use crate::limits::{BATCH_BYTES, BATCH_EVENTS, EVENT_BYTES};
use crate::param_table::ValueType;
use crate::v1::parse_event::{Place, Rules, check_event, starts_like, utf8};
use crate::validation::Validation;

/// Where a downloaded session was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchEndpoint {
    /// The path that opens sessions: `media.downloaded` must be true.
    Sessions,
    /// The path of downloaded sessions: it says so itself, and `media.downloaded` may be absent or false.
    Downloaded,
}

/// Parses a whole downloaded session: an array of its events, the first of them its only `sessionStart`. Each event
/// comes with the slice of the body that it was parsed from, which [`decode`](crate::decode) takes.
///
/// # Errors
///
/// [`Rejection::TooLarge`] for a body above [`BATCH_BYTES`], otherwise every fault of every event, with the event's
/// index in the path; one bad event and the whole session is refused (protocol contract, section 4).
pub fn parse_batch(
    body: &[u8],
    endpoint: BatchEndpoint,
    validation: Validation,
) -> Result<Vec<(&[u8], Event)>, Rejection> {
    if body.len() > BATCH_BYTES {
        return Err(Rejection::TooLarge { limit_bytes: BATCH_BYTES });
    }
    let mut faults = Faults::default();
    let Some(texts) = utf8(body, &mut faults).and_then(|text| split(text, &mut faults)) else {
        return Err(faults.into_rejection());
    };
    let mut events = Vec::with_capacity(texts.len());
    for (index, text) in texts.into_iter().enumerate() {
        let at = Path::Body.index(index);
        if text.len() > EVENT_BYTES {
            faults.push(&at, format_args!("is longer than {EVENT_BYTES} bytes"));
            continue;
        }
        let place = match index {
            0 => Place::BatchStart { must_say_downloaded: endpoint == BatchEndpoint::Sessions },
            _ => Place::Batch,
        };
        if let Some(event) =
            check_event(text, &at, Rules { place, validation, facts: Facts::NONE }, &mut faults)
        {
            events.push((text.as_bytes(), event));
        }
    }
    if faults.is_empty() { Ok(events) } else { Err(faults.into_rejection()) }
}

/// The texts of the events of a session. A session of one event leaves a fault and is split all the same.
fn split<'a>(text: &'a str, faults: &mut Faults) -> Option<Vec<&'a str>> {
    if !starts_like(text, ValueType::Array, &Path::Body, faults) {
        return None;
    }
    let mut texts = Vec::new();
    let mut too_many = false;
    let outcome = for_each_element(text, |raw| {
        if texts.len() == BATCH_EVENTS {
            too_many = true;
            return ControlFlow::Break(());
        }
        texts.push(raw.get());
        ControlFlow::Continue(())
    });
    if too_many {
        faults.push(&Path::Body, format_args!("has more than {BATCH_EVENTS} events"));
        return None;
    }
    if let Err(error) = outcome {
        faults.push(&Path::Body, format_args!("is not valid JSON: {error}"));
        return None;
    }
    if texts.len() < 2 {
        faults.push(&Path::Body, "must have at least two events: sessionStart and one more");
    }
    Some(texts)
}
