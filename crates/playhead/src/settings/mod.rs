//! The settings of a server, each defined once: its key, type, default and meaning. Flag, key of the file, environment
//! variable, help text, `--print-config` and the order of precedence all follow from the one table at the end.

pub mod config_file;
pub mod environment;
pub mod logs;
pub mod period;
pub mod size;
pub(crate) mod written_value;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use playhead_journal::OpenOptions;
use playhead_lake::Location;
use playhead_node::settings::{LakeSettings, QuerySettings};
use playhead_node::{limits, settings::Capacity};
use playhead_protocol::Validation;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::settings::logs::{LogFilter, LogFormat};
use crate::settings::period::{Delay, Period};
use crate::settings::size::{Count, Limit, Size};

/// Where a value came from. The later ones win over the earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File,
    /// An environment variable.
    Environment,
    /// A flag of the call.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        })
    }
}

/// A value in force, and where it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

/// A setting as `--print-config` and the help describe it.
#[derive(Debug, Clone)]
pub struct Described {
    /// Its key in the file.
    pub key: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Its value, as the file has it.
    pub value: Result<toml::Value, String>,
    /// Where the value came from.
    pub source: Source,
}

/// Keys whose values are never printed.
pub const SECRETS: &[&str] = &["admin_token", "read_token"];

/// The name of a setting's environment variable.
pub fn variable_of(key: &str) -> String {
    format!("PLAYHEAD_{}", key.to_ascii_uppercase())
}

macro_rules! settings {
    ($($key:ident: $type:ty = $default:expr, $value_name:literal $([$($arg:tt)+])?, $meaning:literal;)*) => {
        /// Settings as one place gives them: the flags, the environment or the file.
        #[derive(Debug, Clone, Default, PartialEq, clap::Args, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Layer {
            $(
                #[doc = $meaning]
                #[arg(long, help = $meaning, help_heading = "Settings", value_name = $value_name $(, $($arg)+)?)]
                pub $key: Option<$type>,
            )*
        }

        /// The settings in force.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Effective {
            $(
                #[doc = $meaning]
                pub $key: Sourced<$type>,
            )*
        }

        /// The keys of all settings, in the order of the table.
        pub const KEYS: &[&str] = &[$(stringify!($key)),*];

        impl Layer {
            /// Takes a value as text, which is how the environment gives it.
            ///
            /// # Errors
            ///
            /// What is wrong with the value, or that there is no such key.
            pub fn set_from_text(&mut self, key: &str, text: &str) -> Result<(), String> {
                match key {
                    $(stringify!($key) => {
                        self.$key = Some(text.parse::<$type>().map_err(|error| error.to_string())?);
                        Ok(())
                    })*
                    _ => Err("is no setting".into()),
                }
            }
        }

        impl Effective {
            /// Joins what the places give: a flag wins over the environment, that over the file, that over the default.
            pub fn resolve(flags: Layer, environment: Layer, file: Layer) -> Self {
                Self { $($key: pick(flags.$key, environment.$key, file.$key, $default),)* }
            }

            /// Every setting in the order of the table.
            pub fn describe(&self) -> Vec<Described> {
                vec![$(Described {
                    key: stringify!($key),
                    meaning: $meaning,
                    value: toml::Value::try_from(&self.$key.value).map_err(|error| error.to_string()),
                    source: self.$key.source,
                }),*]
            }
        }
    };
}

fn pick<T>(flag: Option<T>, environment: Option<T>, file: Option<T>, default: T) -> Sourced<T> {
    let places = [(flag, Source::Flag), (environment, Source::Environment), (file, Source::File)];
    let set = places.into_iter().find_map(|(value, source)| Some(Sourced { value: value?, source }));
    set.unwrap_or(Sourced { value: default, source: Source::Default })
}

impl Default for Effective {
    fn default() -> Self {
        Self::resolve(Layer::default(), Layer::default(), Layer::default())
    }
}

impl Effective {
    /// The settings as the server takes them.
    pub fn server_settings(&self, new_admin_token: bool) -> playhead_node::settings::Settings {
        let bytes = |size: Size| usize::try_from(size.as_bytes()).unwrap_or(usize::MAX);
        playhead_node::settings::Settings {
            listen: self.listen.value,
            validation: self.validation.value,
            accounting: playhead_session::Settings {
                reorder_window_ms: self.reorder_window.value.as_ms(),
                idle_timeout_ms: self.idle_timeout.value.as_ms(),
                playhead_timeout_ms: self.playhead_timeout.value.as_ms(),
            },
            report_suites: self.report_suites.value.0.clone(),
            admin_token: self.admin_token.value.reveal().map(str::to_owned),
            read_token: self.read_token.value.reveal().map(str::to_owned),
            new_admin_token,
            metrics_open: self.metrics_open.value,
            capacity: Capacity {
                connections: self.connections.value.get(),
                open_sessions: self.open_sessions.value.get(),
                open_sessions_bytes: bytes(self.open_sessions_memory.value),
                address_requests_per_second: self.address_requests_per_second.value,
                idle_timeout: self.connection_idle_timeout.value.into(),
                body_timeout: self.body_timeout.value.into(),
            },
            checkpoint_interval: self.checkpoint_interval.value.into(),
            lake: LakeSettings {
                interval: self.lake_interval.value.into(),
                event_retention: self.event_retention.value.get().map(Into::into),
                session_retention: self.session_retention.value.get().map(Into::into),
                maintenance_memory_bytes: bytes(self.maintenance_memory.value),
                scratch: self.data.value.join("scratch"),
            },
            questions: QuerySettings {
                memory_bytes: bytes(self.question_memory.value),
                timeout: self.question_timeout.value.into(),
                at_a_time: self.questions.value.get(),
                threads: usize::try_from(self.question_threads.value).unwrap_or(usize::MAX),
            },
            postgres_listen: self.postgres_listen.value.get(),
        }
    }

    /// Where the lake is; `variables` are those for an object store.
    ///
    /// # Errors
    ///
    /// When there can be no lake.
    pub fn lake_location(&self, variables: &[(String, String)]) -> Result<Location, Error> {
        lake_location(&self.data.value, &self.lake.value, variables)
    }

    /// How the journal is opened; `now_ms` is its creation time if it is new.
    pub fn journal_options(&self, now_ms: i64) -> OpenOptions {
        let max_bytes = self.journal_size_max.value.get().map(Size::as_bytes);
        OpenOptions { max_bytes, ..OpenOptions::new(now_ms) }
    }
}

/// Where the lake is: what a place without a scheme says is taken from the data directory on.
///
/// # Errors
///
/// When there can be no lake.
pub fn lake_location(data: &Path, place: &str, variables: &[(String, String)]) -> Result<Location, Error> {
    let location = match place.contains("://") {
        true => Location::parse(place, variables),
        false => Location::directory(&data.join(place)),
    };
    location.map_err(|error| Error::Setting { place: "lake".into(), message: error.to_string() })
}

/// A list of report suites: separated by commas in a flag and in the environment, an array in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct ReportSuites(Vec<String>);

impl ReportSuites {
    /// Their names; none means that all are collected.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for ReportSuites {
    type Error = String;

    fn try_from(names: Vec<String>) -> Result<Self, String> {
        match names.iter().find(|name| name.trim().is_empty() || name.trim() != *name) {
            Some(name) => Err(format!("`{name}` is no name of a report suite")),
            None => Ok(Self(names)),
        }
    }
}

impl FromStr for ReportSuites {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>())
    }
}

/// A token, which is taken in but never given out: neither printed nor logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Token(Option<String>);

impl Token {
    /// Whether one was set.
    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// The token itself, for the server alone.
    fn reveal(&self) -> Option<&str> {
        self.0.as_deref()
    }

    fn shown(&self) -> &'static str {
        if self.is_set() { "(set)" } else { "(not set)" }
    }
}

impl FromStr for Token {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(Some(text.to_owned())))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        written_value::deserialize(deserializer)
    }
}

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

// key: type = default, "NAME OF THE VALUE" [more of clap's], "meaning";
settings! {
    listen: SocketAddr = LISTEN, "ADDRESS:PORT",
        "Where to listen; port 0 takes a free one";
    data: PathBuf = PathBuf::from("./playhead-data"), "DIR",
        "Directory of the journal; made when it is missing";
    validation: Validation = Validation::Standard, "LEVEL",
        "How strictly events are taken: lenient, standard or strict";
    reorder_window: Delay = Delay::seconds(5), "DURATION",
        "How long an event waits for others that were sent before it";
    idle_timeout: Period = Period::seconds(600), "DURATION",
        "Without any event for so long, a session closes";
    playhead_timeout: Period = Period::seconds(1_800), "DURATION",
        "With events, but the playhead unchanged for so long, a session closes";
    report_suites: ReportSuites = ReportSuites::default(), "NAME,...",
        "Report suites whose sessions are collected; an empty list stands for all";
    admin_token: Token = Token::default(), "TOKEN",
        "The token for everything but collection, at least 16 characters; without one the first start makes one";
    read_token: Token = Token::default(), "TOKEN",
        "A second token, which may only read: reports, dashboard, metrics and PostgreSQL; at least 16 characters";
    metrics_open: bool = false, "BOOL" [num_args = 0..=1, require_equals = true, default_missing_value = "true"],
        "Whether /metrics answers without the token";
    connections: Count = Count::of(limits::CONNECTIONS), "COUNT",
        "Connections at a time; one more is answered 503";
    open_sessions: Count = Count::of(limits::OPEN_SESSIONS), "COUNT",
        "Open sessions at a time; the start of one more is answered 503";
    open_sessions_memory: Size = Size::of_bytes(limits::OPEN_SESSIONS_BYTES as u64), "SIZE",
        "Memory for open sessions; beyond it the start of a session is answered 503";
    address_requests_per_second: u32 = 0, "COUNT",
        "Requests of one address a second, counted over ten seconds; 0 for no limit";
    connection_idle_timeout: Period = Period::seconds(limits::IDLE_TIMEOUT.as_secs()), "DURATION",
        "How long a connection may be idle, or take for the headers of a request";
    body_timeout: Period = Period::seconds(limits::BODY_TIMEOUT.as_secs()), "DURATION",
        "How long the body of a request may take to arrive";
    checkpoint_interval: Period = Period::seconds(30), "DURATION",
        "How often open sessions are checkpointed: about what a restart has to go over again";
    lake: String = "lake".into(), "PLACE",
        "Where the tables are: a directory, from the data directory on, or s3://bucket/prefix with AWS_... variables";
    lake_interval: Period = Period::seconds(limits::LAKE_INTERVAL.as_secs()), "DURATION",
        "How often closed sessions and events move from the journal into the tables";
    event_retention: Limit<Period> = Limit::At(Period::days(30)), "DURATION",
        "How long the rows of events are kept; none for ever";
    session_retention: Limit<Period> = Limit::Unlimited, "DURATION",
        "How long the rows of sessions, ads, chapters and errors are kept; none for ever";
    maintenance_memory: Size = Size::of_bytes(limits::MAINTENANCE_BYTES as u64), "SIZE",
        "Memory for putting small files of the tables together";
    questions: Count = Count::of(limits::QUERIES), "COUNT",
        "Queries that are answered at the same time; others wait";
    question_memory: Size = Size::of_bytes(limits::QUERY_MEMORY_BYTES as u64), "SIZE",
        "Memory for all questions together; one that needs more is refused";
    question_timeout: Period = Period::seconds(limits::QUERY_TIMEOUT.as_secs()), "DURATION",
        "How long a question may take";
    question_threads: u32 = 0, "COUNT",
        "Threads of one question; 0 for one a core";
    postgres_listen: Limit<SocketAddr> = Limit::Unlimited, "ADDRESS:PORT",
        "Where to listen for the PostgreSQL protocol, with the token as password; none to do without";
    journal_size_max: Limit<Size> = Limit::Unlimited, "SIZE",
        "The largest size of the journal; none for what the disk holds";
    log: LogFilter = LogFilter::default(), "FILTER",
        "What is logged: error, warn, info, debug, trace, or a filter such as info,playhead_server=debug";
    log_format: LogFormat = LogFormat::Text, "FORMAT",
        "How it is logged, on standard error: text or json";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::environment::Environment;

    fn layer(pairs: &[(&str, &str)]) -> Layer {
        let mut layer = Layer::default();
        for (key, text) in pairs {
            layer.set_from_text(key, text).unwrap();
        }
        layer
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_file_and_that_over_the_default() {
        let file = layer(&[("idle_timeout", "1m"), ("reorder_window", "1s"), ("log", "warn")]);
        let environment =
            Environment::of([("PLAYHEAD_IDLE_TIMEOUT", "2m"), ("PLAYHEAD_REORDER_WINDOW", "2s")])
                .settings()
                .unwrap();
        let flags = layer(&[("idle_timeout", "3m")]);
        let effective = Effective::resolve(flags, environment, file);
        let sourced = |sourced: Sourced<Period>| (sourced.value.to_string(), sourced.source);
        assert_eq!(sourced(effective.idle_timeout), ("3m".into(), Source::Flag));
        assert_eq!(effective.reorder_window.value.to_string(), "2s");
        assert_eq!(effective.reorder_window.source, Source::Environment);
        assert_eq!(effective.log.source, Source::File);
        assert_eq!(sourced(effective.playhead_timeout), ("30m".into(), Source::Default));
    }

    #[test]
    fn every_value_reaches_the_server() {
        let pairs = [
            ("listen", "[::1]:9000"),
            ("data", "/srv/playhead"),
            ("validation", "strict"),
            ("reorder_window", "0s"),
            ("idle_timeout", "1s"),
            ("playhead_timeout", "2s"),
            ("report_suites", "one, two"),
            ("admin_token", "0123456789abcdef"),
            ("read_token", "fedcba9876543210"),
            ("metrics_open", "true"),
            ("connections", "3"),
            ("open_sessions", "4"),
            ("open_sessions_memory", "5MiB"),
            ("address_requests_per_second", "6"),
            ("connection_idle_timeout", "7s"),
            ("body_timeout", "8s"),
            ("checkpoint_interval", "9s"),
            ("lake", "s3://bucket/lake"),
            ("lake_interval", "10s"),
            ("event_retention", "none"),
            ("session_retention", "1d"),
            ("maintenance_memory", "11MiB"),
            ("questions", "12"),
            ("question_memory", "13MiB"),
            ("question_timeout", "14s"),
            ("question_threads", "15"),
            ("postgres_listen", "127.0.0.1:16"),
            ("journal_size_max", "10GiB"),
        ];
        let effective = Effective::resolve(layer(&pairs), Layer::default(), Layer::default());
        assert_eq!(
            format!("{:?}", effective.server_settings(true)),
            "Settings { listen: [::1]:9000, validation: Strict, accounting: Settings { \
             reorder_window_ms: 0, idle_timeout_ms: 1000, playhead_timeout_ms: 2000 }, report_suites: [\"one\", \
             \"two\"], admin_token: Some(\"0123456789abcdef\"), read_token: Some(\"fedcba9876543210\"), \
             new_admin_token: true, metrics_open: true, capacity: \
             Capacity { connections: 3, open_sessions: 4, open_sessions_bytes: 5242880, \
             address_requests_per_second: 6, idle_timeout: 7s, body_timeout: 8s }, checkpoint_interval: 9s, \
             lake: LakeSettings { interval: 10s, event_retention: None, session_retention: Some(86400s), \
             maintenance_memory_bytes: 11534336, scratch: \"/srv/playhead/scratch\" }, questions: QuerySettings { \
             memory_bytes: 13631488, timeout: 14s, at_a_time: 12, threads: 15 }, postgres_listen: Some(127.0.0.1:16) }"
        );
        assert_eq!(effective.data.value, PathBuf::from("/srv/playhead"));
        assert_eq!(effective.journal_options(7).max_bytes, Some(10 << 30));
        assert_eq!(effective.journal_options(7).created_at_ms, 7);
    }

    #[test]
    fn defaults_are_those_of_the_accounting_and_of_the_server() {
        let settings = Effective::default().server_settings(false);
        assert_eq!(settings.accounting, playhead_session::Settings::default());
        assert_eq!(format!("{:?}", settings.capacity), format!("{:?}", Capacity::default()));
        assert_eq!(settings.lake.event_retention, Some(std::time::Duration::from_secs(30 * 24 * 3_600)));
    }

    #[test]
    fn the_token_is_never_given_out() {
        let secret = "0123456789abcdef";
        let effective =
            Effective::resolve(layer(&[("admin_token", secret)]), Layer::default(), Layer::default());
        let read = Effective::resolve(layer(&[("read_token", secret)]), Layer::default(), Layer::default());
        assert!(!format!("{read:?} {:?}", read.describe()).contains(secret));
        assert!(!format!("{effective:?} {:?}", effective.describe()).contains(secret));
        assert!(SECRETS.iter().all(|key| KEYS.contains(key)));
    }

    #[test]
    fn impossible_values_are_refused() {
        let cases = [
            ("listen", "8080"),
            ("listen", "localhost"),
            ("validation", "loose"),
            ("idle_timeout", "0s"),
            ("report_suites", "one,,two"),
            ("metrics_open", "yes"),
            ("connections", "0"),
            ("event_retention", "0d"),
            ("log", "playhead=loud"),
            ("log_format", "xml"),
            ("address_requests_per_second", "-1"),
        ];
        for (key, text) in cases {
            assert!(Layer::default().set_from_text(key, text).is_err(), "{key} = {text}");
        }
    }
}
