//! The values of a breakdown, each with a number.

use std::collections::HashMap;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringArray};

use crate::error::Error;
use crate::panels::memory::{PanelMemory, unexpected_column};

/// The values seen so far.
#[derive(Debug, Default)]
pub(crate) struct Values {
    numbers: HashMap<Box<str>, u32>,
    null: Option<u32>,
    next: u32,
}

/// Bytes of a value beside its text: its entry, with its share of the map's free space.
const ENTRY_BYTES: usize = 2 * size_of::<(Box<str>, u32)>() + 16;

impl Values {
    /// The number of a value; a new one gets the next.
    pub(crate) fn number(&mut self, value: Option<&str>, memory: &PanelMemory) -> Result<u32, Error> {
        let known = match value {
            Some(value) => self.numbers.get(value).copied(),
            None => self.null,
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let number = self.next;
        self.next += 1;
        match value {
            Some(value) => {
                memory.take(value.len() + ENTRY_BYTES)?;
                self.numbers.insert(value.into(), number);
            }
            None => self.null = Some(number),
        }
        Ok(number)
    }

    /// The number of values.
    pub(crate) const fn len(&self) -> usize {
        self.next as usize
    }

    /// Each value at the place of its number.
    pub(crate) fn in_order(self) -> Vec<Option<String>> {
        let mut values = vec![None; self.len()];
        for (value, number) in self.numbers {
            values[number as usize] = Some(value.into());
        }
        values
    }
}

/// A column of texts.
pub(crate) fn texts<'a>(column: &'a ArrayRef, name: &str) -> Result<&'a StringArray, Error> {
    column.as_string_opt::<i32>().ok_or_else(|| unexpected_column(name))
}

/// The text in a row, if it has one.
pub(crate) fn text(column: &StringArray, row: usize) -> Option<&str> {
    column.is_valid(row).then(|| column.value(row))
}
