//! Results in a file, for programs.

use std::path::Path;

use serde::Serialize;

use crate::error::Error;

/// Writes results for programs.
pub(super) fn write_json(path: Option<&Path>, results: &impl Serialize) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
    let mut text = serde_json::to_vec_pretty(results).map_err(|error| unwritable(error.into()))?;
    text.push(b'\n');
    std::fs::write(path, text).map_err(unwritable)
}
