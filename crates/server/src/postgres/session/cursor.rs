//! Cursors: the rows of a query, of which the client takes some at a time, forwards and as far back as they are kept.

use std::collections::VecDeque;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion_postgres::pgwire::error::PgWireResult;
use playhead_node::limits::POSTGRES_CURSOR_BYTES;

use crate::postgres::refusal::{NOT_POSSIBLE_NOW, Told};
use crate::postgres::session::queries::Started;
use crate::postgres::session::running::{Piece, Rows};
use crate::postgres::statements::statement::{Declare, Direction};
use crate::postgres::values::columns::Columns;
use crate::postgres::wire::Delivery;

/// Rows that are kept, with the number of the first of them, from 1.
struct Kept {
    first: u64,
    piece: Piece,
}

impl Kept {
    /// The number behind its last row.
    fn end(&self) -> u64 {
        self.first + self.piece.batch.num_rows() as u64
    }
}

/// A cursor.
pub(super) struct Cursor {
    rows: Rows,
    columns: Arc<Columns>,
    /// Whether it goes back, if the client said so.
    scrolls: Option<bool>,
    /// Whether it outlives its transaction.
    pub(super) is_held: bool,
    /// Whether its rows are in binary form whatever the client wants.
    pub(super) is_binary: bool,
    /// Rises from cursor to cursor.
    pub(super) number: u64,
    kept: VecDeque<Kept>,
    /// Rows that the query has given so far.
    read: u64,
    has_ended: bool,
    /// The row where it is: 0 before the first, one more than there are behind the last.
    at: u64,
}

impl Cursor {
    pub(super) fn new(declare: &Declare, started: Started, number: u64) -> Self {
        Self {
            rows: started.rows,
            columns: started.columns,
            scrolls: declare.scrolls,
            is_held: declare.is_held,
            is_binary: declare.is_binary,
            number,
            kept: VecDeque::new(),
            read: 0,
            has_ended: false,
            at: 0,
        }
    }

    pub(super) fn columns(&self) -> &Arc<Columns> {
        &self.columns
    }

    /// Moves and sends the rows that it passes; how many there were. Nothing is sent without a delivery.
    pub(super) async fn go(
        &mut self,
        direction: Direction,
        mut delivery: Option<&mut Delivery<'_>>,
    ) -> PgWireResult<u64> {
        match direction {
            Direction::Forward(0) | Direction::Backward(0) | Direction::Relative(0) => {
                self.check_goes_back()?;
                if self.at == 0 || self.at > self.read {
                    return Ok(0);
                }
                self.send(delivery).await
            }
            Direction::Forward(rows) => self.forward(rows, &mut delivery).await,
            Direction::ForwardAll => self.forward(u64::MAX, &mut delivery).await,
            Direction::Backward(rows) => self.backward(rows, &mut delivery).await,
            Direction::BackwardAll => self.backward(u64::MAX, &mut delivery).await,
            Direction::Absolute(row) if row >= 0 => self.to(row.unsigned_abs(), delivery).await,
            Direction::Absolute(row) => {
                self.check_goes_back()?;
                while self.read_on().await? {}
                let from_end = row.unsigned_abs();
                self.to((self.read + 1).saturating_sub(from_end), delivery).await
            }
            Direction::Relative(rows) => self.to(self.at.saturating_add_signed(rows), delivery).await,
        }
    }

    async fn forward(&mut self, rows: u64, delivery: &mut Option<&mut Delivery<'_>>) -> PgWireResult<u64> {
        let mut passed = 0;
        while passed < rows && self.exists(self.at + 1).await? {
            self.at += 1;
            passed += self.send(delivery.as_deref_mut()).await?;
        }
        if passed < rows {
            self.at = self.read + 1;
        }
        Ok(passed)
    }

    async fn backward(&mut self, rows: u64, delivery: &mut Option<&mut Delivery<'_>>) -> PgWireResult<u64> {
        self.check_goes_back()?;
        let mut passed = 0;
        while passed < rows && self.at > 1 {
            self.at -= 1;
            passed += self.send(delivery.as_deref_mut()).await?;
        }
        if passed < rows {
            self.at = 0;
        }
        Ok(passed)
    }

    /// Goes to a row.
    async fn to(&mut self, row: u64, delivery: Option<&mut Delivery<'_>>) -> PgWireResult<u64> {
        if row <= self.at {
            self.check_goes_back()?;
        }
        if row == 0 {
            self.at = 0;
            return Ok(0);
        }
        if !self.exists(row).await? {
            self.at = self.read + 1;
            return Ok(0);
        }
        self.at = row;
        self.send(delivery).await
    }

    /// Sends the row where it is, if anything is to be sent.
    async fn send(&mut self, delivery: Option<&mut Delivery<'_>>) -> PgWireResult<u64> {
        let (batch, row) = self.kept_row(self.at)?;
        if let Some(delivery) = delivery {
            delivery.send(batch, row).await?;
        }
        Ok(1)
    }

    fn kept_row(&self, row: u64) -> Result<(&RecordBatch, usize), Told> {
        let kept = self.kept.iter().find(|kept| (kept.first..kept.end()).contains(&row)).ok_or_else(lost)?;
        Ok((&kept.piece.batch, usize::try_from(row - kept.first).unwrap_or(usize::MAX)))
    }

    /// Whether the query gives a row of this number.
    async fn exists(&mut self, row: u64) -> PgWireResult<bool> {
        while self.read < row {
            if !self.read_on().await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes the next rows of the query, in place of the oldest if too many are kept. False after the last.
    async fn read_on(&mut self) -> PgWireResult<bool> {
        if self.has_ended {
            return Ok(false);
        }
        let limit = if self.scrolls == Some(false) { 0 } else { POSTGRES_CURSOR_BYTES };
        while self.kept.iter().map(|kept| kept.piece.room.bytes).sum::<usize>() > limit {
            self.kept.pop_front();
        }
        let Some(piece) = self.rows.next().await? else {
            self.has_ended = true;
            return Ok(false);
        };
        let first = self.read + 1;
        self.read += piece.batch.num_rows() as u64;
        self.kept.push_back(Kept { first, piece });
        Ok(true)
    }

    fn check_goes_back(&self) -> Result<(), Told> {
        if self.scrolls == Some(false) {
            return Err(Told::new(NOT_POSSIBLE_NOW, "cursor can only scan forward"));
        }
        Ok(())
    }
}

/// The refusal of a row that is not kept any more.
fn lost() -> Told {
    let message = format!(
        "cursor can only scan forward from here: of the rows behind it, {} MiB are kept",
        POSTGRES_CURSOR_BYTES / 1024 / 1024
    );
    Told::new(NOT_POSSIBLE_NOW, message)
}
