//! Readers of span columns, for panels.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, ListArray};
use datafusion::arrow::datatypes::{Float64Type, Int64Type, TimestampMicrosecondType};

/// A column of lists of spans of time, as ms since the epoch.
#[derive(Debug)]
pub(crate) struct TimeSpanColumn<'a> {
    list: &'a ListArray,
    from: &'a [i64],
    to: &'a [i64],
}

impl<'a> TimeSpanColumn<'a> {
    /// `None` if the column does not have this type.
    pub(crate) fn new(column: &'a ArrayRef) -> Option<Self> {
        let list = column.as_list_opt::<i32>()?;
        let spans = list.values().as_struct_opt()?;
        let from = spans.column_by_name("from")?.as_primitive_opt::<TimestampMicrosecondType>()?;
        let to = spans.column_by_name("to")?.as_primitive_opt::<TimestampMicrosecondType>()?;
        Some(Self { list, from: from.values(), to: to.values() })
    }

    /// The spans of a row; none without a list.
    pub(crate) fn row(&self, row: usize) -> impl Iterator<Item = (i64, i64)> + use<'a> {
        let places = places(self.list, row);
        let (from, to) = (&self.from[places.clone()], &self.to[places]);
        // The end is rounded up, so that no fraction of a millisecond is lost.
        from.iter().zip(to).map(|(from, to)| (from.div_euclid(1_000), ceil_ms(*to)))
    }
}

/// A column of lists of spans of content, in seconds.
#[derive(Debug)]
pub(crate) struct ContentSpanColumn<'a> {
    list: &'a ListArray,
    from: &'a [f64],
    to: &'a [f64],
}

impl<'a> ContentSpanColumn<'a> {
    /// `None` if the column does not have this type.
    pub(crate) fn new(column: &'a ArrayRef) -> Option<Self> {
        let list = column.as_list_opt::<i32>()?;
        let spans = list.values().as_struct_opt()?;
        let from = spans.column_by_name("from")?.as_primitive_opt::<Float64Type>()?;
        let to = spans.column_by_name("to")?.as_primitive_opt::<Float64Type>()?;
        Some(Self { list, from: from.values(), to: to.values() })
    }

    /// The number of rows.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// The spans of a row; none without a list.
    pub(crate) fn row(&self, row: usize) -> impl Iterator<Item = (f64, f64)> + use<'a> {
        let places = places(self.list, row);
        self.from[places.clone()].iter().copied().zip(self.to[places].iter().copied())
    }
}

fn places(list: &ListArray, row: usize) -> std::ops::Range<usize> {
    if list.is_null(row) {
        return 0..0;
    }
    // Offsets of lists are never negative.
    list.value_offsets()[row] as usize..list.value_offsets()[row + 1] as usize
}

fn ceil_ms(microseconds: i64) -> i64 {
    microseconds.div_euclid(1_000) + i64::from(microseconds.rem_euclid(1_000) > 0)
}

/// A column of whole numbers.
pub(crate) fn integers(column: &ArrayRef) -> Option<&[i64]> {
    column.as_primitive_opt::<Int64Type>().map(|column| &column.values()[..])
}
