//! An annotation: something that happened at a time, and that explains what numbers do there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kept::content::{Content, Kept};
use crate::kept::fields::{Fields, written_time};
use crate::limits::{ANNOTATION_TEXT_BYTES, ANNOTATIONS, KEPT_NAME_BYTES};

/// What an annotation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnotationKind {
    /// A new version of a player, a site or a server.
    Release,
    /// Something did not work.
    Outage,
    /// Anything else.
    Other,
}

/// Something that happened at a time.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Annotation {
    /// When it happened, or began.
    #[serde(rename = "at", with = "written_time")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at_ms: i64,
    /// When it ended; null for a moment.
    #[serde(rename = "to", with = "written_time::optional")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub to_ms: Option<i64>,
    /// What it is about.
    pub kind: AnnotationKind,
    /// What happened, in one line.
    pub text: String,
    /// The report suite that it concerns; null for all.
    pub report_suite: Option<String>,
}

impl Annotation {
    /// Whether it happened within this range, at least in part, in this report suite. An end that is absent is open.
    pub fn is_in(&self, from_ms: Option<i64>, to_ms: Option<i64>, report_suite: Option<&str>) -> bool {
        let ends_ms = self.to_ms.unwrap_or(self.at_ms);
        let is_in_suite = match (report_suite, &self.report_suite) {
            (Some(wanted), Some(own)) => wanted == own,
            _ => true,
        };
        is_in_suite
            && from_ms.is_none_or(|from_ms| ends_ms >= from_ms)
            && to_ms.is_none_or(|to_ms| self.at_ms < to_ms)
    }
}

/// Annotations of the time axis.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct Annotations {
    /// Those in the range, by their time.
    annotations: Vec<Kept<Annotation>>,
}

impl Annotations {
    /// The list of these.
    pub fn of(mut annotations: Vec<Kept<Annotation>>) -> Self {
        annotations.sort_by_key(|kept| kept.content.at_ms);
        Self { annotations }
    }
}

impl Content for Annotation {
    const KIND: &'static str = "annotations";
    const ONE: &'static str = "annotation";
    const MOST: usize = ANNOTATIONS;
    const MOST_OF_OWNER: usize = ANNOTATIONS;

    fn read(fields: &mut Fields<'_>) -> Self {
        let (at_ms, to_ms) = (fields.moment_ms("at"), fields.optional_moment_ms("to"));
        if let (Some(at_ms), Some(to_ms)) = (at_ms, to_ms)
            && to_ms <= at_ms
        {
            fields.fault("to", "must be later than at; leave it out for a moment");
        }
        let kinds = [
            ("release", AnnotationKind::Release),
            ("outage", AnnotationKind::Outage),
            ("other", AnnotationKind::Other),
        ];
        let kind =
            fields.choice("kind", &kinds, Some(AnnotationKind::Other)).unwrap_or(AnnotationKind::Other);
        let text = fields.line("text", ANNOTATION_TEXT_BYTES);
        let report_suite = fields.optional_line("report_suite", KEPT_NAME_BYTES);
        Self { at_ms: at_ms.unwrap_or_default(), to_ms, kind, text, report_suite }
    }

    fn is_shared(&self) -> bool {
        true
    }
}
