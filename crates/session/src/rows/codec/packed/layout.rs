//! What a layout says: which columns rows have, in which order and form.

/// How the values of a column are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rows::codec) enum Form {
    Text,
    Boolean,
    Integer,
    Number,
    Seconds,
    Time,
    Json,
    Texts,
    Pairs,
    States,
    TimeSpans,
    ContentSpans,
}

/// A column's name and form.
pub(in crate::rows::codec) type Packed = (&'static str, Form);

/// The columns of a layout. A layout that a release has written never changes: a journal may hold rows in it. Another
/// order or number of columns, or another way to pack one, is another layout, with the next number.
#[derive(Debug)]
pub(in crate::rows::codec) struct Layout {
    /// The first byte of the rows.
    pub(in crate::rows::codec) number: u8,
    pub(in crate::rows::codec) session: &'static [Packed],
    /// The columns of the views, in the order of `VIEWS`.
    pub(in crate::rows::codec) views: [&'static [Packed]; 3],
}

/// What a row says of a column, in two bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::rows::codec) enum State {
    /// Nothing.
    Null = 0,
    /// Zero, false, empty, or the moment that was written before.
    Usual = 1,
    /// A value follows; `true`, of which none does.
    Value = 2,
    /// The map that the session's row has in its own `custom_metadata`.
    OfSession = 3,
}

impl State {
    pub(in crate::rows::codec) const fn of_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Null,
            1 => Self::Usual,
            2 => Self::Value,
            _ => Self::OfSession,
        }
    }
}

/// Bytes of the states of so many columns.
pub(in crate::rows::codec) const fn states_length(columns: usize) -> usize {
    columns.div_ceil(4)
}
