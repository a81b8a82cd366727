//! Packing rows.

use playhead_protocol::PackedPairs;

use crate::accounting::views::PlayerState;
use crate::rows::cell::{Cell, to_ms_precision};
use crate::rows::codec::packed::LATEST;
use crate::rows::codec::packed::layout::{Form, Packed, State, states_length};
use crate::rows::codec::packed::numbers::{push_float, push_varint, zigzag};
use crate::rows::row::RowsOf;
use crate::rows::view_rows::RowCells;

/// Bytes that the rows of most sessions fit into.
const USUAL_BYTES: usize = 512;

impl RowsOf<'_> {
    /// The rows as the journal keeps them; [`ReadRows`](crate::ReadRows) reads them back.
    pub fn pack(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(USUAL_BYTES);
        bytes.push(LATEST.number);
        bytes.extend(self.session.session_id.as_bytes());
        let mut packer = Packer { bytes, before_ms: 0, metadata: None };
        packer.row(LATEST.session, self.session.cells_behind_id().map(|(_, cell)| cell));
        packer.metadata = Some(&self.session.custom_metadata);
        for (columns, rows) in
            LATEST.views.iter().zip([self.ad_cells(), self.chapter_cells(), self.error_cells()])
        {
            push_varint(&mut packer.bytes, rows.len() as u64);
            for RowCells(cells) in rows {
                packer.row(columns, cells.into_iter().map(|(_, cell)| cell));
            }
        }
        packer.bytes
    }
}

struct Packer<'a> {
    bytes: Vec<u8>,
    /// The moment that was written last.
    before_ms: i64,
    /// The session's own metadata, behind the session's row.
    metadata: Option<&'a PackedPairs>,
}

impl Packer<'_> {
    fn row<'row>(&mut self, columns: &[Packed], cells: impl Iterator<Item = Cell<'row>>) {
        let states_at = self.bytes.len();
        self.bytes.resize(states_at + states_length(columns.len()), 0);
        for (place, ((_, form), cell)) in columns.iter().zip(cells).enumerate() {
            let state = self.cell(*form, &cell);
            self.bytes[states_at + place / 4] |= (state as u8) << (place % 4 * 2);
        }
    }

    /// Writes the value of a cell, if it has one. A cell of another type than its column's is nothing.
    fn cell(&mut self, form: Form, cell: &Cell<'_>) -> State {
        match (form, cell) {
            (Form::Boolean, Cell::Boolean(value)) => usual_or_value(!value),
            (Form::Text, Cell::Text(text)) | (Form::Json, Cell::Json(text)) => {
                self.unless(text.is_empty(), |packer| packer.text(text))
            }
            (Form::Integer, Cell::Integer(number)) | (Form::Seconds, Cell::Seconds(number)) => {
                self.unless(*number == 0, |packer| packer.integer(*number))
            }
            (Form::Number, Cell::Number(number)) => {
                self.unless(number.to_bits() == 0, |packer| push_float(&mut packer.bytes, *number))
            }
            (Form::Time, Cell::Time(ms)) => self.unless(*ms == self.before_ms, |packer| packer.time(*ms)),
            (Form::Texts, Cell::Texts(texts)) => self.list(texts, |packer, text| packer.text(text)),
            (Form::Pairs, Cell::Pairs(pairs)) if self.metadata == Some(pairs) => State::OfSession,
            (Form::Pairs, Cell::Pairs(pairs)) => self.unless(pairs.is_empty(), |packer| packer.pairs(pairs)),
            (Form::States, Cell::States(states)) => self.list(states, Self::player_state),
            (Form::TimeSpans, Cell::TimeSpans(spans)) => self.list(spans, |packer, &(from, to)| {
                packer.time(from);
                packer.time(to);
            }),
            (Form::ContentSpans, Cell::ContentSpans(spans)) => self.list(spans, |packer, &(from, to)| {
                // As in text and in the tables.
                push_float(&mut packer.bytes, to_ms_precision(from));
                push_float(&mut packer.bytes, to_ms_precision(to));
            }),
            _ => State::Null,
        }
    }

    fn unless(&mut self, is_usual: bool, write: impl FnOnce(&mut Self)) -> State {
        if !is_usual {
            write(self);
        }
        usual_or_value(is_usual)
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) -> State {
        self.unless(items.is_empty(), |packer| {
            push_varint(&mut packer.bytes, items.len() as u64);
            items.iter().for_each(|item| write(packer, item));
        })
    }

    fn text(&mut self, text: &str) {
        push_varint(&mut self.bytes, text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn integer(&mut self, number: i64) {
        push_varint(&mut self.bytes, zigzag(number));
    }

    fn time(&mut self, ms: i64) {
        self.integer(ms.wrapping_sub(self.before_ms));
        self.before_ms = ms;
    }

    fn pairs(&mut self, pairs: &PackedPairs) {
        push_varint(&mut self.bytes, pairs.iter().count() as u64);
        for (key, value) in pairs.iter() {
            self.text(key);
            self.text(value);
        }
    }

    fn player_state(&mut self, state: &PlayerState) {
        self.text(&state.name);
        push_varint(&mut self.bytes, state.count.into());
        self.integer(state.time_ms);
    }
}

const fn usual_or_value(is_usual: bool) -> State {
    if is_usual { State::Usual } else { State::Value }
}
