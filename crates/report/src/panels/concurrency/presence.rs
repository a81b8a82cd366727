//! When a session is present: its spans, up to where it fell silent.
//!
//! `active_spans` end where a session fell silent. `playing_spans` are the time that counts as played, all of it; a session
//! plays in the part of them that is in the others, and after its last event until `playing_until`.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::TimestampMicrosecondType;
use datafusion::logical_expr::Expr;
use datafusion::prelude::ident;
use schemars::JsonSchema;
use serde::Serialize;

use crate::panels::span_columns::TimeSpanColumn;

/// The activity for which a session counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Anything before its end but silence: also paused, buffering, starting.
    Active,
    /// Playing content or an ad.
    Playing,
}

const ACTIVE: &str = "active_spans";
const PLAYING: &str = "playing_spans";
const LAST_EVENT: &str = "last_event_at";
const PLAYING_UNTIL: &str = "playing_until";

/// The columns that say when a session is present.
pub(crate) fn columns(doing: Doing) -> Vec<Expr> {
    let names: &[&str] = match doing {
        Doing::Active => &[ACTIVE],
        Doing::Playing => &[ACTIVE, PLAYING, LAST_EVENT, PLAYING_UNTIL],
    };
    names.iter().map(|name| ident(*name)).collect()
}

/// These columns of a batch.
#[derive(Debug)]
pub(crate) struct PresenceColumns<'a> {
    active: TimeSpanColumn<'a>,
    playing: Option<PlayingColumns<'a>>,
}

#[derive(Debug)]
struct PlayingColumns<'a> {
    spans: TimeSpanColumn<'a>,
    last_event: &'a ArrayRef,
    until: &'a ArrayRef,
}

impl<'a> PresenceColumns<'a> {
    /// `None` if a column does not have its type.
    pub(crate) fn new(batch: &'a RecordBatch) -> Option<Self> {
        let active = TimeSpanColumn::new(batch.column_by_name(ACTIVE)?)?;
        let Some(spans) = batch.column_by_name(PLAYING) else { return Some(Self { active, playing: None }) };
        let moments = |name: &str| {
            let column = batch.column_by_name(name)?;
            column.as_primitive_opt::<TimestampMicrosecondType>().map(|_| column)
        };
        let (last_event, until) = (moments(LAST_EVENT)?, moments(PLAYING_UNTIL)?);
        let playing = PlayingColumns { spans: TimeSpanColumn::new(spans)?, last_event, until };
        Some(Self { active, playing: Some(playing) })
    }

    /// Hands out the spans of a row; they may overlap.
    pub(crate) fn each(&self, row: usize, mut take: impl FnMut((i64, i64))) {
        let Some(playing) = &self.playing else { return self.active.row(row).for_each(take) };
        common_parts(playing.spans.row(row), self.active.row(row), &mut take);
        if let (Some(from_ms), Some(to_ms)) =
            (moment_ms(playing.last_event, row), moment_ms(playing.until, row))
            && from_ms < to_ms
        {
            take((from_ms, to_ms));
        }
    }
}

fn moment_ms(column: &ArrayRef, row: usize) -> Option<i64> {
    let column = column.as_primitive_opt::<TimestampMicrosecondType>()?;
    column.is_valid(row).then(|| column.value(row).div_euclid(1_000))
}

/// Hands out what two lists of spans have in common; the spans of each are in order and disjoint. A span without length is in
/// another if that holds its moment or ends there.
fn common_parts(
    mut some: impl Iterator<Item = (i64, i64)>,
    mut others: impl Iterator<Item = (i64, i64)>,
    take: &mut impl FnMut((i64, i64)),
) {
    let (mut one, mut other) = (some.next(), others.next());
    while let (Some((from, to)), Some((other_from, other_to))) = (one, other) {
        let part = (from.max(other_from), to.min(other_to));
        if part.0 < part.1 || (part.0 == part.1 && from == to) {
            take(part);
        }
        if to <= other_to {
            one = some.next();
        } else {
            other = others.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn common(some: &[(i64, i64)], others: &[(i64, i64)]) -> Vec<(i64, i64)> {
        let mut parts = Vec::new();
        common_parts(some.iter().copied(), others.iter().copied(), &mut |part| parts.push(part));
        parts
    }

    #[test]
    fn only_what_both_lists_hold_is_common() {
        assert_eq!(common(&[(0, 100)], &[(0, 30), (60, 100)]), [(0, 30), (60, 100)]);
        assert_eq!(
            common(&[(5, 10), (20, 70), (80, 90)], &[(0, 30), (60, 100)]),
            [(5, 10), (20, 30), (60, 70), (80, 90)]
        );
        assert_eq!(common(&[(30, 60)], &[(0, 30), (60, 100)]), []);
        assert_eq!(common(&[(5, 5), (40, 40)], &[(0, 30)]), [(5, 5)]);
        assert_eq!(common(&[], &[(0, 30)]), []);
    }
}
