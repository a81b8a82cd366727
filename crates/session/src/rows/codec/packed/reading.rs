//! Reading packed rows. Any bytes can be read: those that are no rows give an error, and no list takes more memory than a
//! multiple of the bytes that are there.

use std::borrow::Cow;
use std::sync::LazyLock;

use playhead_protocol::{PackedPairs, PairsPacker, SessionId};

use crate::accounting::views::PlayerState;
use crate::rows::cell::Cell;
use crate::rows::codec::packed::LAYOUTS;
use crate::rows::codec::packed::layout::{Form, Layout, Packed, State, states_length};
use crate::rows::codec::packed::numbers::{of_zigzag, take_float, take_varint};
use crate::rows::codec::read::{Cells, Expected, OF_VIEWS, ReadRows, SESSION};
use crate::rows::codec::{RowsError, VIEWS};
use crate::rows::view_rows::RowCells;

/// Reads rows that [`RowsOf::pack`](crate::RowsOf::pack) wrote.
pub(in crate::rows::codec) fn read(bytes: &[u8]) -> Result<ReadRows<'_>, RowsError> {
    let Some((&number, rest)) = bytes.split_first() else {
        return Err(RowsError::Packed("there are no bytes"));
    };
    let Some((layout, places)) =
        LAYOUTS.iter().zip(PLACES.iter()).find(|(layout, _)| layout.number == number)
    else {
        return Err(RowsError::UnknownLayout(number));
    };
    let mut unpacker = Unpacker { rest, before_ms: 0, metadata: None };
    let rows = unpacker
        .rows(layout, places)
        .ok_or(RowsError::Packed("a value ends early or is none of its column"))?;
    if unpacker.rest.is_empty() { Ok(rows) } else { Err(RowsError::Packed("there is more behind them")) }
}

/// Where a row that is read has the columns of a layout; `None` for one that it does not have any more.
struct Places {
    session: Vec<Option<usize>>,
    views: [Vec<Option<usize>>; VIEWS.len()],
}

/// The places of the columns of each layout, in the order of [`LAYOUTS`].
static PLACES: LazyLock<Vec<Places>> = LazyLock::new(|| {
    let places = |columns: &[Packed], expected: &[Expected]| {
        let place = |(name, _): &Packed| expected.iter().position(|column| column.0 == *name);
        columns.iter().map(place).collect()
    };
    let of_layout = |layout: &&Layout| Places {
        session: places(layout.session, &SESSION),
        views: std::array::from_fn(|view| places(layout.views[view], &OF_VIEWS[view])),
    };
    LAYOUTS.iter().map(of_layout).collect()
});

struct Unpacker<'a> {
    rest: &'a [u8],
    /// The moment that was read last.
    before_ms: i64,
    /// The session's own metadata, behind the session's row.
    metadata: Option<PackedPairs>,
}

impl<'a> Unpacker<'a> {
    fn rows(&mut self, layout: &Layout, places: &Places) -> Option<ReadRows<'a>> {
        let (id, rest) = self.rest.split_first_chunk::<{ SessionId::LENGTH }>()?;
        self.rest = rest;
        let mut session = Cells::new(&SESSION);
        session.set("session_id", Cell::Text(SessionId::from_bytes(*id).to_string().into()));
        let session = self.row(layout.session, &places.session, session)?;
        self.metadata = match session.get("custom_metadata") {
            Cell::Pairs(pairs) => Some(pairs.as_ref().clone()),
            _ => None,
        };
        let mut views: [Vec<RowCells<'a>>; VIEWS.len()] = Default::default();
        for (view, rows) in views.iter_mut().enumerate() {
            *rows = self.views(layout.views[view], &places.views[view], &OF_VIEWS[view])?;
        }
        let [ads, chapters, errors] = views;
        Some(ReadRows { session, ads, chapters, errors })
    }

    fn views(
        &mut self,
        columns: &[Packed],
        places: &[Option<usize>],
        expected: &'static [Expected],
    ) -> Option<Vec<RowCells<'a>>> {
        // Each has the states of its columns at least.
        let count = self.count(states_length(columns.len()))?;
        (0..count).map(|_| self.row(columns, places, Cells::new(expected))).collect()
    }

    fn row(
        &mut self,
        columns: &[Packed],
        places: &[Option<usize>],
        mut row: Cells<'a>,
    ) -> Option<RowCells<'a>> {
        let (states, rest) = self.rest.split_at_checked(states_length(columns.len()))?;
        self.rest = rest;
        let of_four = columns.chunks(4).zip(places.chunks(4));
        // Most columns are null, often four side by side.
        for (&states, (columns, places)) in states.iter().zip(of_four).filter(|(states, _)| **states != 0) {
            for (place, ((_, form), at)) in columns.iter().zip(places).enumerate() {
                let state = State::of_bits(states >> (place * 2));
                if state != State::Null {
                    let cell = self.cell(*form, state)?;
                    if let Some((_, read)) = at.and_then(|at| row.cells.get_mut(at)) {
                        *read = cell;
                    }
                }
            }
        }
        Some(RowCells(row.cells))
    }

    fn cell(&mut self, form: Form, state: State) -> Option<Cell<'a>> {
        let has_value = state == State::Value;
        if state == State::OfSession {
            let metadata = self.metadata.clone().filter(|_| form == Form::Pairs)?;
            return Some(Cell::Pairs(Cow::Owned(metadata)));
        }
        Some(match form {
            Form::Boolean => Cell::Boolean(has_value),
            Form::Text => Cell::Text(Cow::Borrowed(if has_value { self.text()? } else { "" })),
            Form::Json => Cell::Json(Cow::Borrowed(if has_value { self.text()? } else { "" })),
            Form::Integer => Cell::Integer(if has_value { self.integer()? } else { 0 }),
            Form::Seconds => Cell::Seconds(if has_value { self.integer()? } else { 0 }),
            Form::Number => Cell::Number(if has_value { take_float(&mut self.rest)? } else { 0.0 }),
            Form::Time => Cell::Time(if has_value { self.time()? } else { self.before_ms }),
            Form::Texts => Cell::Texts(self.list(has_value, 1, |rows| Some(Cow::Borrowed(rows.text()?)))?),
            Form::Pairs => Cell::Pairs(Cow::Owned(self.pairs(has_value)?)),
            Form::States => Cell::States(self.list(has_value, 3, Self::player_state)?.into()),
            Form::TimeSpans => {
                Cell::TimeSpans(self.list(has_value, 2, |rows| Some((rows.time()?, rows.time()?)))?.into())
            }
            Form::ContentSpans => {
                let span = |rows: &mut Self| Some((take_float(&mut rows.rest)?, take_float(&mut rows.rest)?));
                Cell::ContentSpans(self.list(has_value, 2, span)?.into())
            }
        })
    }

    /// A number of items that take `bytes_each` at least; more than the bytes can hold are none.
    fn count(&mut self, bytes_each: usize) -> Option<usize> {
        let count = usize::try_from(take_varint(&mut self.rest)?).ok()?;
        (count.checked_mul(bytes_each)? <= self.rest.len()).then_some(count)
    }

    fn list<T>(
        &mut self,
        has_value: bool,
        bytes_each: usize,
        read: impl Fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let count = if has_value { self.count(bytes_each)? } else { 0 };
        (0..count).map(|_| read(self)).collect()
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(take_varint(&mut self.rest)?).ok()?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        std::str::from_utf8(text).ok()
    }

    fn integer(&mut self) -> Option<i64> {
        take_varint(&mut self.rest).map(of_zigzag)
    }

    fn time(&mut self) -> Option<i64> {
        self.before_ms = self.before_ms.wrapping_add(self.integer()?);
        Some(self.before_ms)
    }

    fn pairs(&mut self, has_value: bool) -> Option<PackedPairs> {
        let mut pairs = PairsPacker::default();
        for _ in 0..if has_value { self.count(2)? } else { 0 } {
            pairs.push(self.text()?, self.text()?);
        }
        Some(pairs.finish())
    }

    fn player_state(&mut self) -> Option<PlayerState> {
        Some(PlayerState {
            name: self.text()?.into(),
            count: u32::try_from(take_varint(&mut self.rest)?).ok()?,
            time_ms: self.integer()?,
            is_open: false,
        })
    }
}
