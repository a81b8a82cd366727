//! Things that are done, or defined, in one place.

use crate::source::{sources, words};
use crate::{STREET, assert_none};

/// The only file that adds routes: it goes through the table of calls.
const ROUTER: &str = "crates/server/src/http/wire/router.rs";

/// The file that defines lengths of time.
const TIME: &str = "crates/protocol/src/time.rs";

#[test]
fn the_environment_is_read_in_one_place() {
    let mut broken = Vec::new();
    for source in STREET.into_iter().flat_map(sources) {
        let is_the_place = source.path.ends_with("environment.rs") || source.path.ends_with("main.rs");
        for (number, line) in source.lines().filter(|(_, line)| line.contains("env::var")) {
            if !is_the_place {
                broken.push(format!("{}:{number}: pass it in: {}", source.path, line.trim()));
            }
        }
    }
    assert_none("only settings/environment.rs and main.rs read the environment", &broken);
}

#[test]
fn routes_come_from_the_table_of_calls() {
    let mut broken = Vec::new();
    for source in sources("server").into_iter().filter(|source| source.path != ROUTER) {
        for (number, _) in source.lines().filter(|(_, line)| is_route(line)) {
            broken.push(format!("{}:{number}: add the call to the table of calls instead", source.path));
        }
    }
    assert_none(&format!("only {ROUTER} adds routes"), &broken);
}

/// `.route("/path"`, or `.route(` at the end of a line; a method called `route` with another argument is none.
fn is_route(line: &str) -> bool {
    line.split_once(".route(").is_some_and(|(_, argument)| argument.is_empty() || argument.starts_with('"'))
}

#[test]
fn rows_are_parsed_in_one_place() {
    let mut broken = Vec::new();
    for source in STREET.into_iter().flat_map(sources) {
        let path = source.path.as_str();
        for (number, line) in source.lines().filter(|(_, line)| parses_a_row(line)) {
            if !path.starts_with("crates/session/src/rows/") {
                broken.push(format!("{path}:{number}: call session::rows instead of `{}`", line.trim()));
            }
        }
    }
    assert_none("only session::rows reads a closed session's row", &broken);
}

/// Whether a line calls a decoder and names a row after it: as the type (`from_str::<AdRow>`) or as the argument
/// (`&record.row`, `rows`).
fn parses_a_row(line: &str) -> bool {
    const DECODERS: [&str; 4] = ["from_str", "from_slice", "from_value", "from_raw_value"];
    let mut words = words(line);
    words.any(|word| DECODERS.contains(&word))
        && words.any(|word| matches!(word, "row" | "rows") || word.ends_with("Row"))
}

#[test]
fn calls_that_parse_rows_are_told_from_others() {
    assert!(parses_a_row("let row = serde_json::from_str(&record.row).map_err(broken)?;"));
    assert!(parses_a_row("serde_json::from_slice::<SessionRow>(text)"));
    assert!(!parses_a_row("let row = from_slice(&event.body).map_err(narrow);"));
    assert!(!parses_a_row("out.extend_from_slice(row);"));
}

#[test]
fn lengths_of_time_have_one_home() {
    let mut broken = Vec::new();
    for source in STREET.into_iter().chain(["samples", "bench", "fuzz"]).flat_map(sources) {
        for (number, line) in source.lines().filter(|_| source.path != TIME) {
            let mut after_const = words(line).skip_while(|word| *word != "const").skip(1);
            if after_const.next().is_some_and(is_a_length_of_time) {
                broken.push(format!("{}:{number}: import it from playhead_protocol::time", source.path));
            }
        }
    }
    assert_none(&format!("only {TIME} says how long a day is"), &broken);
}

/// `DAY_MS`, `HOUR_SECONDS`: a name made of a unit and a unit, and of nothing else.
fn is_a_length_of_time(name: &str) -> bool {
    name.split_once('_').is_some_and(|(length, unit)| {
        ["WEEK", "DAY", "HOUR", "MINUTE", "SECOND"].contains(&length)
            && ["SECONDS", "SECS", "MS", "US", "NS"].contains(&unit)
    })
}
