//! The log: on standard error, as text or as JSON lines.

use std::fmt;
use std::str::FromStr;

use playhead_lake::QUIET_LIBRARIES;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tracing_subscriber::EnvFilter;

use crate::error::Error;
use crate::settings::written_value;

/// A log filter that is known to be valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LogFilter(String);

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".into())
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match EnvFilter::builder().parse(text) {
            Ok(_) if !text.trim().is_empty() => Ok(Self(text.to_owned())),
            Ok(_) => Err("the filter is empty; write off to log nothing".into()),
            Err(error) => Err(format!("`{text}` is not a log filter: {error}")),
        }
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for LogFilter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LogFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{text}` is not a log format; write text or json")),
        }
    }
}

impl<'de> Deserialize<'de> for LogFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}

/// Starts logging for the rest of the process. `is_coloured` applies to text only.
///
/// # Errors
///
/// If the process logs already, or the filter is invalid.
pub(crate) fn start(filter: &LogFilter, format: LogFormat, is_coloured: bool) -> Result<(), Error> {
    let failed = |error: &dyn fmt::Display| Error::System {
        context: "cannot start the log",
        message: error.to_string(),
    };
    let text =
        if filter.0.trim() == "off" { filter.0.clone() } else { format!("{QUIET_LIBRARIES},{}", filter.0) };
    let filter = EnvFilter::builder().parse(&text).map_err(|error| failed(&error))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => log.with_ansi(is_coloured).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| failed(&error))
}
