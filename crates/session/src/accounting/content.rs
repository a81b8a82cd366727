//! The properties of the content that the accounting needs.

use playhead_protocol::time::DAY_SECONDS;
use playhead_protocol::{PackedParams, ParamId};
use serde::{Deserialize, Serialize};

use crate::accounting::kept::number::OptionalNumber;

/// Seconds beyond the end at which a playhead still counts as at the end: players round, and overshoot a little.
const END_TOLERANCE_SECONDS: f64 = 1.0;

/// Length and kind of the content.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Content {
    /// Seconds; only lengths above 0 are known ones.
    length: OptionalNumber,
    is_live: bool,
}

impl Content {
    pub(crate) fn of(params: &PackedParams) -> Self {
        let length = params.number(ParamId::named("media.length"));
        let content_type = params.text(ParamId::named("media.contentType")).unwrap_or_default();
        Self {
            length: OptionalNumber::of(length.filter(|&length| length > 0.0)),
            is_live: begins_with(content_type, "live") || begins_with(content_type, "linear"),
        }
    }

    /// Seconds, if known and above 0.
    pub(crate) fn length(self) -> Option<f64> {
        self.length.get()
    }

    /// Whether its playheads are seconds of the day.
    pub(crate) fn is_live(self) -> bool {
        self.is_live
    }

    /// Whether a playhead lies outside the content (metrics contract, section 6).
    pub(crate) fn is_outside(self, playhead: f64) -> bool {
        let end = if self.is_live { Some(DAY_SECONDS) } else { self.length() };
        playhead < 0.0 || end.is_some_and(|end| playhead > end + END_TOLERANCE_SECONDS)
    }

    /// The part of a span that lies within the content; `None` if there is none. The length of live content does not bound
    /// its playheads.
    pub(crate) fn cut(self, (from, to): (f64, f64)) -> Option<(f64, f64)> {
        let end = self.length().filter(|_| !self.is_live);
        let to = end.map_or(to, |end| to.min(end));
        (from < to).then_some((from, to))
    }
}

/// Whether a text begins with an ASCII word, whatever the case.
fn begins_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}
