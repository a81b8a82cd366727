//! One event, free of the form in which it came: both front doors and every log speak in these.

use serde::{Deserialize, Serialize};

use crate::event_type::EventType;
use crate::packed::{PackedPairs, PackedParams};
use crate::shared_bytes::SharedBytes;

/// An event that passed validation. Small, because up to eleven wait in each session's reorder window: what most
/// events do not have is boxed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The type of the event.
    pub event_type: EventType,
    /// When, by the device's clock: milliseconds since the Unix epoch.
    pub ts_ms: i64,
    /// Where in the content: seconds, or the second of the day for live content. May lie outside the content.
    pub playhead: f64,
    /// Remarks of the validation on an accepted event.
    pub remarks: Remarks,
    /// Quality values that came along.
    pub quality: Option<Box<Quality>>,
    /// Parameters and metadata, for the event types that carry some.
    pub detail: Option<Box<Detail>>,
}

/// Findings of validation that do not refuse an event; each becomes a diagnosis of the session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remarks {
    /// `params` or `qoeData` held a key that is not documented for the event.
    pub unknown_param: bool,
    /// A mandatory key was missing and the validation level let it pass.
    pub missing_param: bool,
}

/// Values of `qoeData`; `None` where the event did not carry the value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Current bitrate, in the player's own unit.
    pub bitrate: Option<f64>,
    /// Frames dropped so far.
    pub dropped_frames: Option<f64>,
    /// Frame rate.
    pub frames_per_second: Option<f64>,
    /// Milliseconds from the request to play to the first frame.
    pub time_to_start_ms: Option<f64>,
}

/// The parts that only some event types have.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Detail {
    /// Documented parameters that have a column, in table order.
    pub params: PackedParams,
    /// Custom metadata, in the order of first appearance of its keys; empty where it is not kept.
    pub custom_metadata: PackedPairs,
    /// Player states that begin.
    pub states_start: Vec<Box<str>>,
    /// Player states that end.
    pub states_end: Vec<Box<str>>,
    /// The error, on `error`.
    pub error: Option<ErrorDetail>,
}

/// The error that an `error` event reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// The player's id of the error; absent when the player sent none.
    pub id: Option<Box<str>>,
    /// `player`, `external`, or what else the player wrote; `player` when it wrote nothing.
    pub source: Box<str>,
}

impl Event {
    /// Keeps only once what many events say.
    pub fn share(&mut self, shared_bytes: &mut SharedBytes) {
        if let Some(detail) = &mut self.detail {
            detail.params.share(shared_bytes);
            detail.custom_metadata.share(shared_bytes);
        }
    }

    /// Bytes of heap that the event holds alone; what the limits count.
    pub fn heap_bytes(&self) -> usize {
        let quality = self.quality.as_ref().map_or(0, |_| size_of::<Quality>());
        let detail = self.detail.as_ref().map_or(0, |detail| size_of::<Detail>() + detail.heap_bytes());
        quality + detail
    }
}

impl Detail {
    fn heap_bytes(&self) -> usize {
        let states = self.states_start.iter().chain(&self.states_end);
        let error = self.error.as_ref();
        self.params.own_bytes()
            + self.custom_metadata.own_bytes()
            + states.map(|name| name.len() + size_of::<Box<str>>()).sum::<usize>()
            + error.map_or(0, |error| error.id.as_ref().map_or(0, |id| id.len()) + error.source.len())
    }
}
