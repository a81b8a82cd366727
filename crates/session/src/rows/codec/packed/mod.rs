//! The rows of a closed session as the journal keeps them: bytes, a seventh of the JSON text and made without it.
//!
//! ```text
//! layout (one byte, never that of `{`) | session id (32 bytes) | the session's row
//! number of ads | their rows | number of chapters | their rows | number of errors | their rows
//! ```
//!
//! A row is two bits for each column ([`layout::State`]), in the order of the layout, and then the values of those that have one:
//!
//! | form | value |
//! |---|---|
//! | text, JSON | its length and its bytes |
//! | boolean | none: the state says all |
//! | whole number, duration in ms | the number |
//! | number | if it is so many thousandths, twice these; else 1 and the 8 bytes of the float |
//! | moment | ms since the moment written before it |
//! | list, map | the number of items, and each with all its parts |
//!
//! Lengths and numbers are LEB128, those that may be negative zigzag.

pub(super) mod layout;
pub(super) mod layout_1;
pub(super) mod numbers;
pub(super) mod reading;
pub(super) mod writing;

use crate::rows::codec::packed::layout::Layout;
use crate::rows::codec::packed::layout_1::LAYOUT_1;

/// Every layout that is read.
pub(super) const LAYOUTS: [&Layout; 1] = [&LAYOUT_1];

/// The layout that is written.
pub(super) const LATEST: &Layout = &LAYOUT_1;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use playhead_protocol::{ParamId, ValueType};

    use super::*;
    use crate::rows::codec::packed::layout::{Form, Packed};
    use crate::rows::columns::{ColumnType, SESSION_COLUMNS, start_columns};
    use crate::rows::param_columns::{AD_EVENTS, CHAPTER_EVENTS};
    use crate::rows::view_rows::view_columns;

    fn of_param((id, name): (ParamId, &'static str)) -> Packed {
        let form = match id.param().value_type {
            ValueType::String => Form::Text,
            ValueType::Number => Form::Number,
            ValueType::Integer => Form::Integer,
            ValueType::Boolean => Form::Boolean,
            ValueType::Object | ValueType::Array => Form::Json,
        };
        (name, form)
    }

    fn form_of(column_type: ColumnType) -> Form {
        match column_type {
            ColumnType::Text => Form::Text,
            ColumnType::Boolean => Form::Boolean,
            ColumnType::Count | ColumnType::Milliseconds => Form::Integer,
            ColumnType::Number => Form::Number,
            ColumnType::Seconds => Form::Seconds,
            ColumnType::Time => Form::Time,
            ColumnType::Texts => Form::Texts,
            ColumnType::TextMap => Form::Pairs,
            ColumnType::States => Form::States,
            ColumnType::TimeSpans => Form::TimeSpans,
            ColumnType::ContentSpans => Form::ContentSpans,
        }
    }

    /// Already a column more would shift the values of all rows that a journal holds.
    #[test]
    fn the_latest_layout_has_the_columns_of_the_tables() {
        let accounted = SESSION_COLUMNS.iter().map(|column| match column.name {
            // Seconds, but not from whole milliseconds.
            "unique_time_played" => (column.name, Form::Number),
            name => (name, form_of(column.column_type)),
        });
        let session: Vec<Packed> = start_columns().map(of_param).chain(accounted).collect();
        assert_eq!(
            LATEST.session, session,
            "columns have changed: add a layout, and leave those before as they are"
        );
        for (place, (events, started_at)) in
            [(AD_EVENTS, "ad_started_at"), (CHAPTER_EVENTS, "chapter_started_at")].into_iter().enumerate()
        {
            let own = [
                (started_at, Form::Time),
                ("time_played", Form::Seconds),
                ("end", Form::Text),
                ("custom_metadata", Form::Pairs),
            ];
            let view: Vec<Packed> = view_columns(events).map(of_param).chain(own).collect();
            assert_eq!(LATEST.views[place], view, "columns have changed: add a layout");
        }
    }

    #[test]
    fn no_json_text_begins_like_a_layout() {
        let numbers: BTreeSet<u8> = LAYOUTS.iter().map(|layout| layout.number).collect();
        assert_eq!(numbers.len(), LAYOUTS.len());
        assert_eq!(numbers.last(), Some(&LATEST.number));
        assert!(numbers.iter().all(|number| !b" \t\r\n{".contains(number) && *number > 0));
    }
}
