//! The reference of parameters for the documentation, generated from the table.

use std::fmt::Write as _;

use crate::event_type::EventType;
use crate::param_table::{Carrier, PARAMS, Param, Requirement};

const INTRODUCTION: &str = "\
# Parameters

Every documented key of `params` and `qoeData`, by the events that carry it. This file is generated from the table in
`crates/protocol/src/param_table.rs`; a test compares the two.

*Required* keys must be there at the validation levels `standard` and `strict`; at `lenient` only `media.id` and
`media.ad.id` must. An integer may be written with a fraction of zero (`10.0`). `null` stands for an absent value.
*Column* is the name of the value in rows and in SQL; values without one shape the accounting or stay in the stored
event.
";

/// The reference of all parameters as Markdown: one table for each group of event types that carry the same keys, and
/// one for `qoeData`.
pub fn reference_markdown() -> String {
    let mut markdown = INTRODUCTION.to_owned();
    for (event_types, params) in groups() {
        let names: Vec<_> = event_types.iter().map(|event_type| format!("`{event_type}`")).collect();
        push_table(&mut markdown, &names.join(", "), &params);
    }
    let quality: Vec<_> = PARAMS.iter().filter(|param| param.carrier == Carrier::Quality).collect();
    push_table(&mut markdown, "`qoeData` of any event", &quality);
    markdown
}

/// Event types with the same parameters stand together.
fn groups() -> Vec<(Vec<EventType>, Vec<&'static Param>)> {
    let mut groups: Vec<(Vec<EventType>, Vec<&'static Param>)> = Vec::new();
    for &event_type in EventType::ALL {
        let params: Vec<_> = PARAMS.iter().filter(|param| param.is_sent_on(event_type)).collect();
        if params.is_empty() {
            continue;
        }
        match groups.iter_mut().find(|(_, known)| *known == params) {
            Some((event_types, _)) => event_types.push(event_type),
            None => groups.push((vec![event_type], params)),
        }
    }
    groups
}

fn push_table(markdown: &mut String, title: &str, params: &[&Param]) {
    markdown.push_str("\n## ");
    markdown.push_str(title);
    markdown.push_str("\n\n| key | type | required | column | meaning |\n|---|---|---|---|---|\n");
    for param in params {
        let required = match param.requirement {
            Requirement::Required => "yes",
            Requirement::Optional => "no",
        };
        let column = param.column.map(|column| format!("`{column}`")).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(
            markdown,
            "| `{}` | {} | {required} | {column} | {} |",
            param.key,
            param.value_type.name(),
            param.meaning.replace('|', "\\|"),
        );
    }
}
