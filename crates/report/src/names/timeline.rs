//! What the playheads of a session count: seconds of a content with a beginning and an end, or the time of a clock.

use datafusion::arrow::datatypes::DataType;
use datafusion::functions::string::expr_fn::{lower, split_part, starts_with};
use datafusion::logical_expr::{Expr, cast, lit, try_cast, when};
use datafusion::prelude::ident;

/// The dimension of that name.
pub(crate) const TIMELINE: &str = "timeline";

/// Its meaning.
pub(crate) const TIMELINE_MEANING: &str = "What the playheads of a session count: content (seconds of a content of known \
    length), no_length (seconds of a content that has no length), live (a content type that begins with live or linear: \
    seconds of the day), beyond_length (all of them lie behind the content's length, so it is not theirs).";

/// What playheads count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timeline {
    /// Seconds of a content of known length.
    Content,
    /// Seconds of a content without a length.
    NoLength,
    /// Seconds of the day.
    Live,
    /// Something that the content's length does not bound.
    BeyondLength,
}

impl Timeline {
    pub(crate) const ALL: [Self; 4] = [Self::Content, Self::NoLength, Self::Live, Self::BeyondLength];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::NoLength => "no_length",
            Self::Live => "live",
            Self::BeyondLength => "beyond_length",
        }
    }
}

/// The timeline in a row of sessions.
pub(crate) fn timeline() -> Expr {
    let name = |timeline: Timeline| lit(timeline.name());
    let content_type = || lower(ident("content_type"));
    // As the accounting tells them apart (metrics contract, section 6).
    let is_live = starts_with(content_type(), lit("live")).or(starts_with(content_type(), lit("linear")));
    let length = || ident("content_length");
    let has_length = length().gt(lit(0.0)).and(length().lt(lit(f64::INFINITY)));
    let first_minute =
        try_cast(split_part(ident("content_segment"), lit("-"), lit(1_i64)), DataType::Float64);
    let is_beyond = (first_minute * lit(60.0)).gt_eq(length());
    let other = when(is_beyond, name(Timeline::BeyondLength)).otherwise(name(Timeline::Content));
    let chosen = other.and_then(|other| {
        let with_length = when(has_length, other).otherwise(name(Timeline::NoLength))?;
        when(is_live, name(Timeline::Live)).otherwise(with_length)
    });
    // Only branches of several types make an error, and these are all texts.
    cast(chosen.unwrap_or_else(|_| name(Timeline::Content)), DataType::Utf8)
}

/// The condition that a row has one of these timelines.
pub(crate) fn is_one_of(timelines: &[Timeline]) -> Expr {
    timeline().in_list(timelines.iter().map(|timeline| lit(timeline.name())).collect(), false)
}
