//! The standard segments: named subsets of all sessions.

use datafusion::logical_expr::{Expr, lit};

use crate::faults::Faults;
use crate::names::dimension::{Dimension, Fact};
use crate::nearest::{did_you_mean, quoted};

/// A subset of all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub name: &'static str,
    /// Which sessions are in it.
    pub meaning: &'static str,
    rule: Rule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    All,
    Audio,
    Video,
    ContentType,
}

/// Content types whose sessions count as audio if they do not name a stream type.
const AUDIO_TYPES: [&str; 5] = ["song", "podcast", "audiobook", "radio", "aod"];

const fn content_type(name: &'static str, meaning: &'static str) -> Segment {
    Segment { name, meaning, rule: Rule::ContentType }
}

/// All segments. Those of a content type (parameter table, `media.contentType`) compare it without case. For other
/// content types, queries filter by `content_type`.
pub(crate) const SEGMENTS: &[Segment] = &[
    Segment { name: "all", meaning: "All sessions.", rule: Rule::All },
    Segment {
        name: "audio",
        meaning: "Sessions whose stream type is audio; without a stream type, those whose content type is song, podcast, \
                  audiobook, radio or aod.",
        rule: Rule::Audio,
    },
    Segment {
        name: "video",
        meaning: "Sessions whose stream type is video; without a stream type, those whose content type is none of the \
                  audio ones.",
        rule: Rule::Video,
    },
    content_type("vod", "Sessions whose content type is vod: video on demand."),
    content_type("live", "Sessions whose content type is live."),
    content_type("linear", "Sessions whose content type is linear: a programme that runs by the clock."),
    content_type("ugc", "Sessions whose content type is ugc: made by users."),
    content_type("dvod", "Sessions whose content type is dvod: downloaded video on demand."),
    content_type("song", "Sessions whose content type is song."),
    content_type("podcast", "Sessions whose content type is podcast."),
    content_type("audiobook", "Sessions whose content type is audiobook."),
    content_type("radio", "Sessions whose content type is radio."),
    content_type("aod", "Sessions whose content type is aod: audio on demand."),
];

impl Default for Segment {
    fn default() -> Self {
        SEGMENTS[0]
    }
}

impl Segment {
    /// The segment of that name, without regard to case.
    ///
    /// # Errors
    ///
    /// A phrase for a fault, with the nearest known name, if the name is unknown.
    pub fn named(name: &str) -> Result<Self, String> {
        let lower = name.to_lowercase();
        SEGMENTS.iter().find(|segment| segment.name == lower).copied().ok_or_else(|| {
            let near = did_you_mean(&lower, SEGMENTS.iter().map(|segment| segment.name));
            format!(
                "names no segment: {}{near}; other content types are filtered by content_type",
                quoted(name)
            )
        })
    }

    /// The segment at `path` of a query; all sessions if it names none.
    pub fn parse(name: Option<&str>, path: &str, faults: &mut Faults) -> Self {
        let Some(name) = name else { return Self::default() };
        Self::named(name).unwrap_or_else(|message| {
            faults.push(path, message);
            Self::default()
        })
    }

    /// The condition on rows of `fact`; `None` for all. Every segment applies to every fact.
    pub fn expr(&self, fact: Fact) -> Option<Expr> {
        let value = |name: &str| Dimension::named(name).map(|dimension| dimension.expr(fact));
        let (stream_type, content_type) = (value("stream_type")?, value("content_type")?);
        let is_audio_type =
            || content_type.clone().in_list(AUDIO_TYPES.iter().map(|name| lit(*name)).collect(), false);
        match self.rule {
            Rule::All => None,
            Rule::ContentType => Some(content_type.clone().eq(lit(self.name))),
            Rule::Audio => {
                let unsaid = stream_type.clone().is_null().and(is_audio_type());
                Some(stream_type.eq(lit("audio")).or(unsaid))
            }
            Rule::Video => {
                let unsaid = stream_type.clone().is_null().and(Expr::IsNotTrue(Box::new(is_audio_type())));
                Some(stream_type.eq(lit("video")).or(unsaid))
            }
        }
    }
}
