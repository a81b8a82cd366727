//! The letters of pictures.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use playhead_picture::Fonts;
use playhead_picture::limits::FONT_BYTES;

/// The built-in letters, and beside them those of the operator's font, if there is one.
///
/// # Errors
///
/// What has to be said to the operator whose font cannot be used.
pub fn read_fonts(own: Option<&Path>) -> Result<Fonts, String> {
    let Some(path) = own else { return Fonts::new(None).map_err(|fault| fault.to_string()) };
    let failed = |why: String| format!("report_font: {} {why}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| failed(format!("cannot be opened: {error}")))?;
    let read = file.take(FONT_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| failed(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > FONT_BYTES {
        return Err(failed(format!("has more than {FONT_BYTES} bytes")));
    }
    Fonts::new(Some(bytes)).map_err(|fault| failed(fault.to_string()))
}
