//! Columns in which upper and lower case mean the same. Rows have their texts in lower case, so that every reader of rows
//! counts `VOD` and `vod` as one; the raw events keep what was sent.

use std::borrow::Cow;

use playhead_protocol::{PackedParams, ParamId, ParamValue};

use crate::rows::cell::Cell;

/// The columns.
pub const CASELESS_COLUMNS: [&str; 2] = ["content_type", "stream_type"];

/// The parameters behind the columns, in their order.
const CASELESS_PARAMS: [ParamId; 2] =
    [ParamId::named("media.contentType"), ParamId::named("media.streamType")];

/// The value of a parameter in the row of a session.
pub(crate) fn caseless_cell(id: ParamId, value: ParamValue<'_>) -> Cell<'_> {
    match value {
        ParamValue::Text(text) if CASELESS_PARAMS.contains(&id) => Cell::Text(folded(text)),
        value => value.into(),
    }
}

/// The type of the content that a session plays, as its row has it.
pub fn content_type(params: &PackedParams) -> Option<Cow<'_, str>> {
    params.text(CASELESS_PARAMS[0]).map(folded)
}

fn folded(text: &str) -> Cow<'_, str> {
    let lower = text.to_lowercase();
    if lower == text { Cow::Borrowed(text) } else { Cow::Owned(lower) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_those_of_the_columns() {
        let columns: Vec<_> = CASELESS_PARAMS.iter().filter_map(|id| id.param().column).collect();
        assert_eq!(columns, CASELESS_COLUMNS);
    }

    #[test]
    fn only_texts_that_change_are_copied() {
        assert!(matches!(folded("vod"), Cow::Borrowed("vod")));
        assert_eq!(folded("VÖD"), "vöd");
    }
}
