//! Concurrency as rows: one for each point of each series.

use std::iter::once;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, StringArray, TimestampMicrosecondArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};
use playhead_protocol::time::SECOND_MS;

use crate::limits::BATCH_ROWS;
use crate::panels::PanelRows;
use crate::panels::concurrency::{ConcurrencyRequest, ConcurrencyResponse, CountSeries, Counted};
use crate::query::rows::Rows;

/// Which sessions a row is about.
#[derive(Clone)]
struct Subject {
    /// `all`, `value` or `other`.
    series: &'static str,
    value: Option<String>,
    name: Option<String>,
}

impl PanelRows for ConcurrencyRequest {
    type Response = ConcurrencyResponse;

    /// `time`, with a breakdown also `series` (`all`, `value`, `other`), the dimension and, if asked for, its names; then the
    /// counts. The series come one after the other.
    fn rows(&self, response: ConcurrencyResponse) -> Rows {
        let has_present = self.grid.step_ms != SECOND_MS;
        let breakdown = self.breakdown.as_ref();
        let with_names = breakdown.is_some_and(|breakdown| breakdown.with_names);
        let subject = |series| Subject { series, value: None, name: None };
        let of_values = response.series.into_iter().map(|series| {
            let name = series.name.name;
            (Subject { series: "value", value: series.value, name }, series.counts)
        });
        let other = response.other.map(|counts| (subject("other"), counts));
        let all: Vec<(Subject, CountSeries)> =
            once((subject("all"), response.all)).chain(of_values).chain(other).collect();
        let (grid, has_breakdown) = (self.grid, breakdown.is_some());
        let batches = all.into_iter().flat_map(move |(subject, counts)| {
            let CountSeries { values, present, .. } = counts;
            let present = present.map(|present| present.values).unwrap_or_default();
            let points = values.len();
            (0..points).step_by(BATCH_ROWS).map(move |from| {
                let within = from..points.min(from + BATCH_ROWS);
                let start_us = |point: usize| (grid.from_ms + point as i64 * grid.step_ms) * 1_000;
                let times: TimestampMicrosecondArray =
                    within.clone().map(|point| Some(start_us(point))).collect();
                let mut columns: Vec<ArrayRef> = vec![Arc::new(times.with_timezone("UTC"))];
                let same = |text: Option<&str>| -> ArrayRef {
                    Arc::new(within.clone().map(|_| text).collect::<StringArray>())
                };
                if has_breakdown {
                    columns.push(same(Some(subject.series)));
                    columns.push(same(subject.value.as_deref()));
                }
                if with_names {
                    columns.push(same(subject.name.as_deref()));
                }
                let counts = |values: &[u64]| -> ArrayRef {
                    let values = values.get(within.clone()).unwrap_or_default();
                    Arc::new(UInt64Array::from(values.to_vec()))
                };
                columns.push(counts(&values));
                if has_present {
                    columns.push(counts(&present));
                }
                columns
            })
        });
        Rows::new(fields(self), batches)
    }
}

fn fields(request: &ConcurrencyRequest) -> Vec<Field> {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let mut fields =
        vec![Field::new("time", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true)];
    if let Some(breakdown) = &request.breakdown {
        fields.push(text("series"));
        fields.push(text(&breakdown.dimension.name));
        if breakdown.with_names {
            fields.push(text(breakdown.dimension.named_by().unwrap_or("name")));
        }
    }
    let (concurrent, present) = match request.counted {
        Counted::Sessions => ("concurrent_sessions", "present_sessions"),
        Counted::Visitors => ("concurrent_visitors", "present_visitors"),
    };
    fields.push(Field::new(concurrent, DataType::UInt64, true));
    if request.grid.step_ms != SECOND_MS {
        fields.push(Field::new(present, DataType::UInt64, true));
    }
    fields
}
