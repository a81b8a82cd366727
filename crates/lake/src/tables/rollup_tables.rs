//! The rollups: sessions summed up by day and a few dimensions, so that a query over a year reads thousands of rows and
//! not millions.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::Result;
use datafusion::functions_aggregate::expr_fn::{count, sum};
use datafusion::prelude::{DataFrame, Expr, cast, col, lit, when};
use playhead_session::{ColumnType, SESSION_COLUMNS};

use crate::tables::definition::Definition;
use crate::tables::{DAY, Table};

/// The column of a rollup that identifies the files of sessions from which a day's rows were made.
pub(crate) const SOURCE_FINGERPRINT: &str = "source_fingerprint";
/// The column of a rollup with the UTC day on which its sessions began, by the devices' clocks.
pub const STARTED_DAY: &str = "started_day";
/// The column of a rollup that counts its sessions.
pub const SESSIONS: &str = "sessions";

/// A table of sums over sessions.
///
/// A rollup is made from the table of sessions and can be made again at any time. A rollup with other dimensions or sums
/// is another table, with another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rollup {
    /// Its name, beside those of the tables.
    pub name: &'static str,
    /// The columns of sessions that distinguish its rows, besides the day on which sessions began. Null is a value.
    pub dimensions: &'static [&'static str],
}

/// All rollups, those with the fewest rows first.
pub static ROLLUPS: &[Rollup] = &[
    Rollup {
        name: "rollup_daily_channel",
        dimensions: &[
            "report_suite",
            "content_type",
            "stream_type",
            "channel",
            "player_name",
            "app_version",
            "source",
        ],
    },
    Rollup {
        name: "rollup_daily_content",
        dimensions: &["report_suite", "content_id", "content_name", "content_type", "stream_type", "show"],
    },
];

/// The counts of sessions with at least one event of a kind, by the column that counts these events.
pub static IMPACTED_STREAMS: &[(&str, &str)] = &[
    ("pause_impacted_streams", "pause_events"),
    ("buffer_impacted_streams", "buffer_events"),
    ("stall_impacted_streams", "stall_events"),
    ("error_impacted_streams", "error_events"),
    ("bitrate_change_impacted_streams", "bitrate_changes"),
    ("dropped_frame_impacted_streams", "dropped_frames"),
];

/// A sum of a rollup.
#[derive(Debug, Clone)]
pub struct Sum {
    /// Its column; for a sum of a column of sessions, that column's name.
    pub name: String,
    /// Int64 or Float64.
    pub data_type: DataType,
    /// Its meaning.
    pub meaning: String,
    /// The sum over rows of sessions.
    pub(crate) over_sessions: Expr,
}

/// The sums of every rollup, in the order of its columns.
///
/// Each is null if no session has a value, and sums of sums are sums: a query adds them up over the rows of a group.
pub fn sums() -> Vec<Sum> {
    let is_true = |condition: Expr| cast(condition, DataType::Int64);
    let mut sums = vec![Sum {
        name: SESSIONS.to_owned(),
        data_type: DataType::Int64,
        meaning: "Sessions.".to_owned(),
        over_sessions: count(lit(1_i64)),
    }];
    for column in SESSION_COLUMNS {
        let (data_type, value) = match column.column_type {
            ColumnType::Boolean => (DataType::Int64, is_true(col(column.name))),
            ColumnType::Count => (DataType::Int64, col(column.name)),
            ColumnType::Seconds | ColumnType::Number => (DataType::Float64, col(column.name)),
            _ => continue,
        };
        sums.push(Sum {
            name: column.name.to_owned(),
            data_type,
            meaning: format!("Sum over the sessions: {}", column.meaning),
            over_sessions: sum(value),
        });
        // A value that not every session has cannot be averaged over all of them.
        if column.column_type == ColumnType::Number {
            sums.push(Sum {
                name: format!("{}_sessions", column.name),
                data_type: DataType::Int64,
                meaning: format!("Sessions that have {}.", column.name),
                over_sessions: count(col(column.name)),
            });
        }
    }
    for (name, counted) in IMPACTED_STREAMS {
        let happened = when(col(*counted).gt(lit(0)), lit(1_i64)).otherwise(lit(0_i64));
        sums.extend(happened.ok().map(|happened| Sum {
            name: (*name).to_owned(),
            data_type: DataType::Int64,
            meaning: format!("Sessions whose {counted} are more than 0."),
            over_sessions: sum(happened),
        }));
    }
    sums
}

impl Rollup {
    /// The rollup of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ROLLUPS.iter().find(|rollup| rollup.name == name)
    }

    /// The columns of its rows from [`Rollup::of_sessions`]: `started_day`, the dimensions, the sums.
    pub fn columns(&self) -> Vec<Field> {
        let dimension = |name: &&str| {
            let column = Table::Sessions.columns().iter().find(|column| column.name == *name);
            column.map(crate::tables::TableColumn::field)
        };
        let started_day = commented(
            Field::new(STARTED_DAY, DataType::Date32, true),
            "The UTC day on which the sessions began, by the devices' clocks.",
        );
        let sums =
            sums().into_iter().map(|sum| commented(Field::new(sum.name, sum.data_type, true), &sum.meaning));
        std::iter::once(started_day).chain(self.dimensions.iter().filter_map(dimension)).chain(sums).collect()
    }

    /// The schema of its table.
    pub fn schema(&self) -> SchemaRef {
        let day = commented(
            Field::new(DAY, DataType::Date32, true),
            "The partition of sessions that the rows were made from.",
        );
        let fingerprint = commented(
            Field::new(SOURCE_FINGERPRINT, DataType::Int64, true),
            "Which files of sessions the rows were made from; they count only while these are the files of the day.",
        );
        let fields: Vec<Field> = [day, fingerprint].into_iter().chain(self.columns()).collect();
        Arc::new(Schema::new(fields))
    }

    pub(crate) fn definition(&self) -> Definition {
        Definition {
            name: self.name,
            meaning: "Sums over the sessions of a day, made from the table sessions.",
            schema: self.schema(),
            pruning_columns: vec![SOURCE_FINGERPRINT, STARTED_DAY, "report_suite"],
        }
    }

    /// Its rows for rows of sessions: one for each day of their starts and each combination of its dimensions.
    ///
    /// To sum these rows up again, use `LogicalPlanBuilder::aggregate`: `DataFrame::aggregate` finds that the groups
    /// determine the sums and would group by those as well.
    ///
    /// # Errors
    ///
    /// If the rows lack a column of sessions that the rollup needs.
    pub fn of_sessions(&self, sessions: DataFrame) -> Result<DataFrame> {
        let started_day = cast(col("started_at"), DataType::Date32).alias(STARTED_DAY);
        let groups =
            std::iter::once(started_day).chain(self.dimensions.iter().map(|name| col(*name))).collect();
        let sums = sums().into_iter().map(|sum| sum.over_sessions.alias(sum.name)).collect();
        sessions.aggregate(groups, sums)
    }
}

fn commented(field: Field, meaning: &str) -> Field {
    field.with_metadata([("comment".to_owned(), meaning.to_owned())].into())
}
