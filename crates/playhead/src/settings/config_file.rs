//! The configuration file: TOML, with one key per setting.

use std::path::Path;

use playhead_report::nearest::did_you_mean;

use crate::error::Error;
use crate::settings::{KEYS, Layer, RENAMED, check_named_once};

/// Reads the settings of a file.
///
/// # Errors
///
/// If the file cannot be read, is not TOML, or has an unknown key or an invalid value.
pub(crate) fn read(path: &Path) -> Result<Layer, Error> {
    let text =
        std::fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    parse(&text).map_err(|message| Error::Setting { place: path.display().to_string(), message })
}

/// Reads the settings of a file's text.
///
/// # Errors
///
/// If it is not TOML, has an unknown key or an invalid value, or sets one setting under both of its names.
pub(crate) fn parse(text: &str) -> Result<Layer, String> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| explain(text, &error))?;
    let is_known = |key: &str| KEYS.contains(&key) || RENAMED.iter().any(|(old, _)| *old == key);
    if let Some(unknown) = table.keys().find(|key| !is_known(key)) {
        return Err(format!("the key `{unknown}` is unknown{}", did_you_mean(unknown, KEYS.iter().copied())));
    }
    let layer = toml::from_str(text).map_err(|error| explain(text, &error))?;
    check_named_once(&layer, |key| format!("`{key}`"))?;
    Ok(layer)
}

/// The error with its line number. TOML's own rendering shows the line itself, which may contain the admin token.
fn explain(text: &str, error: &toml::de::Error) -> String {
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("line {}: {}", before.matches('\n').count() + 1, error.message()),
        None => error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_value_is_read() {
        let layer = parse(
            "listen = \"0.0.0.0:80\"\nreport_suites = [\"a\", \"b\"]\nmetrics_open = true\nconnections = 100\n\
             open_sessions_memory = 1048576\nevent_retention = \"none\"\njournal_size_max = \"2GiB\"\n\
             validation = \"lenient\"\naddress_requests_per_second = 5\nlog_format = \"json\"\n",
        )
        .unwrap();
        assert_eq!(layer.listen.unwrap().port(), 80);
        assert_eq!(layer.report_suites.unwrap().names(), ["a", "b"]);
        assert_eq!(layer.metrics_open, Some(true));
        assert_eq!(layer.connections.unwrap().get(), 100);
        assert_eq!(layer.open_sessions_memory.unwrap().to_string(), "1MiB");
        assert_eq!(layer.journal_size_max.unwrap().to_string(), "2GiB");
        assert_eq!(layer.idle_timeout, None);
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_the_right_one() {
        let error = parse("idle_timout = \"5s\"").unwrap_err();
        assert_eq!(error, "the key `idle_timout` is unknown (did you mean idle_timeout?)");
        let error = parse("[server]\nlisten = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.starts_with("the key `server` is unknown"), "{error}");
        let error = parse("new_admin_token = true").unwrap_err();
        assert!(error.starts_with("the key `new_admin_token` is unknown"), "{error}");
    }

    #[test]
    fn an_old_key_is_read_but_not_beside_the_new_one() {
        assert_eq!(parse("questions = 3").unwrap().questions.unwrap().get(), 3);
        assert_eq!(
            parse("questions = 3\nqueries = 3\n").unwrap_err(),
            "`questions` is the old name of `queries`, and both are set; remove `questions`"
        );
    }

    #[test]
    fn an_impossible_value_is_reported_with_its_line() {
        let error = parse("# comment\nidle_timeout = 5\n").unwrap_err();
        assert!(error.starts_with("line 2: `5` is not a duration: it has no unit"), "{error}");
        let error = parse("\n\nlisten = \n").unwrap_err();
        assert!(error.starts_with("line 3: "), "{error}");
    }

    #[test]
    fn a_faulty_file_does_not_put_the_token_into_the_message() {
        for text in ["admin_token = [\"0123456789abcdef\"]", "admin_token = \"0123456789abcdef"] {
            let error = parse(text).unwrap_err();
            assert!(!error.contains("0123456789abcdef"), "{error}");
        }
    }
}
