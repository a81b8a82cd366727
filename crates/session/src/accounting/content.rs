//! What the accounting needs to know of the content that a session plays.

use playhead_protocol::time::DAY_SECONDS;
use playhead_protocol::{PackedParams, ParamId};
use serde::{Deserialize, Serialize};

/// Length and kind of the content.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content {
    /// Seconds; only lengths above 0 say anything.
    length: Option<f64>,
    is_live: bool,
}

impl Content {
    pub(crate) fn of(params: &PackedParams) -> Self {
        let content_type = params.text(ParamId::named("media.contentType")).unwrap_or_default();
        Self {
            length: params.number(ParamId::named("media.length")).filter(|&length| length > 0.0),
            is_live: content_type.eq_ignore_ascii_case("live") || content_type.eq_ignore_ascii_case("linear"),
        }
    }

    /// Seconds, when known and above 0.
    pub(crate) fn length(self) -> Option<f64> {
        self.length
    }

    /// Whether a playhead lies outside the content (protocol contract, section 2).
    pub(crate) fn is_outside(self, playhead: f64) -> bool {
        // Live and linear content counts seconds of the day.
        let end = if self.is_live { Some(DAY_SECONDS) } else { self.length };
        playhead < 0.0 || end.is_some_and(|end| playhead >= end)
    }
}
