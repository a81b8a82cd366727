//! Annotations on a terminal.

use serde_json::Value;

use crate::terminal::session_tables::{TEXT_LEAST, WHOLE, cell};
use crate::terminal::tables::{Heading, Table, Terminal};

/// An annotation that is kept.
pub(crate) fn annotation(annotation: &Value) -> String {
    let [id, at, text] = ["id", "at", "text"].map(|name| cell(name, &annotation[name]));
    format!("annotation {id} stands at {at}: {text}")
}

/// The list of annotations.
pub(crate) fn annotations(list: &Value, terminal: Terminal) -> String {
    let annotations = list["annotations"].as_array().map(Vec::as_slice).unwrap_or_default();
    if annotations.is_empty() {
        return "there are no annotations".into();
    }
    let names = ["id", "at", "to", "kind", "report_suite", "text"];
    let mut rows = Table::new([
        Heading::whole("id"),
        Heading::whole("at"),
        Heading::whole("to").leaving(1),
        Heading::clipped("kind").leaving(3),
        Heading::clipped("report suite").leaving(2),
        Heading::wrapped("text", TEXT_LEAST),
    ]);
    for annotation in annotations {
        rows.add_row(names.map(|name| cell(name, &annotation[name])));
    }
    rows.text(terminal, WHOLE)
}
