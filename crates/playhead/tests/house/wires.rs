//! Each wire has all that a front door needs: a parser, a fuzz target, a section of the docs and a documented session.

use std::fs;

use playhead_protocol::Wire;

use crate::assert_none;
use crate::source::top;

/// The places of a wire, each a file with a text that stands in it.
struct Places {
    parser: (&'static str, &'static str),
    fuzz_target: (&'static str, &'static str),
    docs: (&'static str, &'static str),
    documented_session: (&'static str, &'static str),
}

/// A wire without its places does not compile.
const fn places(wire: Wire) -> Places {
    match wire {
        Wire::CollectionV1 => Places {
            parser: ("crates/protocol/src/v1/parse_event.rs", "pub fn parse_event("),
            fuzz_target: ("crates/fuzz/tests/targets.rs", "fn event_parser_takes_any_bytes("),
            docs: ("docs/protocol.md", "/api/v1/sessions"),
            documented_session: ("testdata/timelines/1-view-to-end.json", "sessionStart"),
        },
    }
}

#[test]
fn each_wire_has_a_parser_a_fuzz_target_docs_and_a_documented_session() {
    let mut broken = Vec::new();
    for wire in Wire::ALL {
        let Places { parser, fuzz_target, docs, documented_session } = places(wire);
        for (path, text) in [parser, fuzz_target, docs, documented_session] {
            if !fs::read_to_string(top().join(path)).is_ok_and(|file| file.contains(text)) {
                broken.push(format!("{path}: give {wire:?} its `{text}`"));
            }
        }
    }
    assert_none("each wire has all that a front door needs", &broken);
}
