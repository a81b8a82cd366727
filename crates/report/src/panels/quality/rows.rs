//! Quality as rows: one for each bucket of the series, or one for all without a series.

use std::iter::once;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, TimestampMicrosecondArray, UInt64Array};
use datafusion::arrow::datatypes::{DataType, Field, TimeUnit};

use crate::panels::PanelRows;
use crate::panels::quality::sums::QualityNumbers;
use crate::panels::quality::{QualityRequest, QualityResponse};
use crate::query::rows::Rows;

/// A number of a row.
enum Number {
    /// A whole one.
    Count(fn(&QualityNumbers) -> u64),
    /// Any other, which may be missing.
    Value(fn(&QualityNumbers) -> Option<f64>),
}

/// The columns, under the names that the same numbers have as metrics.
const COLUMNS: [(&str, Number); 19] = [
    ("sessions", Number::Count(|of| of.sessions)),
    ("content_time_spent", Number::Value(|of| Some(of.content_time_spent))),
    ("time_to_start_sessions", Number::Count(|of| of.time_to_start_ms.sessions)),
    ("time_to_start_ms_p50", Number::Value(|of| of.time_to_start_ms.p50)),
    ("time_to_start_ms_p90", Number::Value(|of| of.time_to_start_ms.p90)),
    ("time_to_start_ms_p95", Number::Value(|of| of.time_to_start_ms.p95)),
    ("time_to_start_ms_p99", Number::Value(|of| of.time_to_start_ms.p99)),
    ("total_buffer_duration", Number::Value(|of| Some(of.total_buffer_duration))),
    ("rebuffer_ratio", Number::Value(|of| of.rebuffer_ratio)),
    ("total_stall_duration", Number::Value(|of| Some(of.total_stall_duration))),
    ("stall_ratio", Number::Value(|of| of.stall_ratio)),
    ("error_events", Number::Count(|of| of.error_events)),
    ("error_sessions", Number::Count(|of| of.error_sessions)),
    ("error_rate", Number::Value(|of| of.error_rate)),
    ("start_failures", Number::Count(|of| of.start_failures)),
    ("exits_before_start", Number::Count(|of| of.exits_before_start)),
    ("qoe_score", Number::Value(|of| of.qoe_score)),
    ("dropped_frames", Number::Value(|of| Some(of.dropped_frames))),
    ("dropped_frame_impacted_streams", Number::Count(|of| of.dropped_frame_impacted_streams)),
];

impl PanelRows for QualityRequest {
    type Response = QualityResponse;

    /// `time` if there is a series, then the numbers.
    fn rows(&self, response: QualityResponse) -> Rows {
        let moment = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let has_series = !self.buckets.is_empty();
        let time = has_series.then(|| Field::new("time", moment, true));
        let numbers = COLUMNS.iter().map(|(name, number)| match number {
            Number::Count(_) => Field::new(*name, DataType::UInt64, true),
            Number::Value(_) => Field::new(*name, DataType::Float64, true),
        });
        let fields = time.into_iter().chain(numbers).collect();

        let of_buckets: Vec<QualityNumbers> = match has_series {
            true => response.series.into_iter().map(|point| point.numbers).collect(),
            false => vec![response.all],
        };
        let starts = self.buckets.starts_ms().iter().take(of_buckets.len());
        let times: TimestampMicrosecondArray = starts.map(|start_ms| Some(start_ms * 1_000)).collect();
        let times: ArrayRef = Arc::new(times.with_timezone("UTC"));
        let numbers = COLUMNS.iter().map(|(_, number)| -> ArrayRef {
            match number {
                Number::Count(of) => Arc::new(of_buckets.iter().map(of).map(Some).collect::<UInt64Array>()),
                Number::Value(of) => Arc::new(of_buckets.iter().map(of).collect::<Float64Array>()),
            }
        });
        let columns = has_series.then_some(times).into_iter().chain(numbers).collect();
        Rows::new(fields, once(columns))
    }
}
