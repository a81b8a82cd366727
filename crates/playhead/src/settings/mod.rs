//! The settings of a server, each defined once: its key, type, default and meaning. The table at the end generates the
//! flag, the key of the file, the environment variable, the help text, `--print-config` and the order of precedence.

pub(crate) mod config_file;
pub(crate) mod environment;
pub(crate) mod file;
pub(crate) mod logs;
pub(crate) mod period;
pub(crate) mod proxy_list;
pub(crate) mod report_suites;
mod server_settings;
pub(crate) mod size;
pub(crate) mod token;
pub(crate) mod webhook_origins;
pub(crate) mod written_value;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use playhead_journal::OpenOptions;
use playhead_lake::Location;
use playhead_node::limits;
use playhead_protocol::Validation;
use playhead_report::Zone;
use playhead_session::limits::SILENT_AFTER_MAX_MS;
use serde::Deserialize;

use crate::error::Error;
use crate::settings::file::OptionalFile;
use crate::settings::logs::{LogFilter, LogFormat};
use crate::settings::period::{Delay, Period};
use crate::settings::proxy_list::ProxyList;
use crate::settings::report_suites::ReportSuites;
use crate::settings::size::{Count, Limit, Size};
use crate::settings::token::Token;
use crate::settings::webhook_origins::WebhookOrigins;

/// The origin of a value. Later variants win over earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The setting is unset.
    Default,
    /// The configuration file.
    File,
    /// An environment variable.
    Environment,
    /// A flag of the command line.
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

/// A value in force, and its origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its origin.
    pub source: Source,
}

/// A setting as `--print-config` and the help describe it.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    /// Its key in the file.
    pub key: &'static str,
    /// Its meaning.
    pub meaning: &'static str,
    /// Its value, as the file has it; an error if a file cannot hold it.
    pub value: Result<toml::Value, String>,
    /// The origin of the value.
    pub source: Source,
}

/// Keys whose values are never printed.
pub(crate) const SECRETS: &[&str] = &["admin_token", "read_token", "webhook_secret"];

/// The name of a setting's environment variable.
pub(crate) fn variable_of(key: &str) -> String {
    format!("PLAYHEAD_{}", key.to_ascii_uppercase())
}

macro_rules! settings {
    ($($key:ident $((was $old:ident))?: $type:ty = $default:expr, $value_name:literal $([$($arg:tt)+])?, $meaning:literal;)*) => {
        /// Settings of one layer: the flags, the environment or the file.
        #[derive(Debug, Clone, Default, PartialEq, clap::Args, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct Layer {
            $(
                #[doc = $meaning]
                #[arg(long, help = $meaning, help_heading = "Settings", value_name = $value_name $(, $($arg)+)?)]
                pub $key: Option<$type>,
                $(
                    #[doc = concat!("Its old name, which still works: ", stringify!($old), ".")]
                    #[arg(long, hide = true, value_name = $value_name, conflicts_with = stringify!($key))]
                    pub $old: Option<$type>,
                )?
            )*
        }

        /// The settings in force.
        #[derive(Debug, Clone, PartialEq)]
        pub(crate) struct Effective {
            $(
                #[doc = $meaning]
                pub $key: Sourced<$type>,
            )*
        }

        /// The keys of all settings, in the order of the table.
        pub(crate) const KEYS: &[&str] = &[$(stringify!($key)),*];

        /// Settings that once had another name, which still works: the old key and the key.
        pub(crate) const RENAMED: &[(&str, &str)] = &[$($((stringify!($old), stringify!($key)),)?)*];

        impl Layer {
            /// Sets a value from text, which is the form of the environment. The key may be an old one.
            ///
            /// # Errors
            ///
            /// If the value is invalid, or the key is unknown.
            pub(crate) fn set_from_text(&mut self, key: &str, text: &str) -> Result<(), String> {
                match key {
                    $(stringify!($key) => {
                        self.$key = Some(text.parse::<$type>().map_err(|error| error.to_string())?);
                        Ok(())
                    }
                    $(stringify!($old) => {
                        self.$old = Some(text.parse::<$type>().map_err(|error| error.to_string())?);
                        Ok(())
                    })?)*
                    _ => Err("is not a setting".into()),
                }
            }

            /// The first setting that has a value under both of its names: the old key and the key.
            fn named_twice(&self) -> Option<(&'static str, &'static str)> {
                $($(
                    if self.$key.is_some() && self.$old.is_some() {
                        return Some((stringify!($old), stringify!($key)));
                    }
                )?)*
                None
            }
        }

        impl Effective {
            /// Joins the layers: a flag wins over the environment, the environment over the file, the file over the
            /// default.
            pub(crate) fn resolve(flags: Layer, environment: Layer, file: Layer) -> Self {
                Self {
                    $($key: pick(
                        flags.$key$(.or(flags.$old))?,
                        environment.$key$(.or(environment.$old))?,
                        file.$key$(.or(file.$old))?,
                        $default,
                    ),)*
                }
            }

            /// Every setting in the order of the table.
            pub(crate) fn describe(&self) -> Vec<Described> {
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

/// Checks that no setting of a layer has a value under both of its names; `name` maps a key to its name in the layer.
///
/// # Errors
///
/// On the first setting that has.
fn check_named_once(layer: &Layer, name: impl Fn(&str) -> String) -> Result<(), String> {
    match layer.named_twice() {
        Some((old, new)) => {
            Err(format!("{} is the old name of {}, and both are set; remove {0}", name(old), name(new)))
        }
        None => Ok(()),
    }
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
    /// The location of the lake; `variables` are those for an object store.
    ///
    /// # Errors
    ///
    /// If the location is invalid.
    pub(crate) fn lake_location(&self, variables: &[(String, String)]) -> Result<Location, Error> {
        lake_location(&self.data.value, &self.lake.value, variables)
    }

    /// The options to open the journal with; `now_ms` is its creation time if it is new.
    pub(crate) fn journal_options(&self, now_ms: i64) -> OpenOptions {
        let max_bytes = self.journal_size_max.value.get().map(Size::as_bytes);
        OpenOptions { max_bytes, ..OpenOptions::new(now_ms) }
    }
}

/// The location of the lake. A place without a scheme is a path relative to the data directory.
///
/// # Errors
///
/// If the location is invalid.
pub(crate) fn lake_location(
    data: &Path,
    place: &str,
    variables: &[(String, String)],
) -> Result<Location, Error> {
    let location = match place.contains("://") {
        true => Location::parse(place, variables),
        false => Location::directory(&data.join(place)),
    };
    location.map_err(|error| Error::Setting { place: "lake".into(), message: error.to_string() })
}

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

// key (was old_key): type = default, "NAME OF THE VALUE" [more of clap's], "meaning";
settings! {
    listen: SocketAddr = LISTEN, "ADDRESS:PORT",
        "Address to listen on; port 0 picks a free port";
    data: PathBuf = PathBuf::from("./playhead-data"), "DIR",
        "Directory of the journal; created if missing";
    validation: Validation = Validation::Standard, "LEVEL",
        "How strictly events are validated: lenient, standard or strict";
    reorder_window: Delay = Delay::seconds(5), "DURATION",
        "How long an event waits for events that were sent before it";
    idle_timeout: Period = Period::seconds(600), "DURATION",
        "A session closes after this time without any event";
    playhead_timeout: Period = Period::seconds(1_800), "DURATION",
        "A session closes after this time with events but an unchanged playhead";
    silent_after: Period<{ SILENT_AFTER_MAX_MS.unsigned_abs() }> = Period::seconds(30), "DURATION",
        "A session is silent after this time, or three of its ping intervals if that is longer, without any event; at most 1h";
    report_suites: ReportSuites = ReportSuites::default(), "NAME,...",
        "Report suites whose sessions are collected; an empty list means all";
    admin_token: Token = Token::default(), "TOKEN",
        "Token for everything but collection, at least 16 characters; if unset, the first start creates one";
    read_token: Token = Token::default(), "TOKEN",
        "Second token that can only read: reports, dashboard, metrics and PostgreSQL; at least 16 characters";
    metrics_open: bool = false, "BOOL" [num_args = 0..=1, require_equals = true, default_missing_value = "true"],
        "Whether /metrics needs no token";
    trusted_proxy: ProxyList = ProxyList::default(), "ADDRESS[/BITS],...",
        "Reverse proxy whose X-Forwarded-For or Forwarded names the client that limits count; an address or a network, several times";
    connections: Count = Count::of(limits::CONNECTIONS), "COUNT",
        "Maximum number of open connections; a further one gets 503";
    waiting_requests: Count = Count::of(limits::INGEST_QUEUE), "COUNT",
        "Maximum number of requests that wait to be stored; pings may take half, and three quarters are for all but starts, ends and ad completes";
    open_sessions: Count = Count::of(limits::OPEN_SESSIONS), "COUNT",
        "Maximum number of open sessions; the start of a further one gets 503";
    open_sessions_memory: Size = Size::of_bytes(limits::OPEN_SESSIONS_BYTES as u64), "SIZE",
        "Memory for open sessions; beyond it the start of a session gets 503";
    address_requests_per_second: u32 = 0, "COUNT",
        "Maximum number of requests per second from one address, averaged over ten seconds; 0 means no limit";
    connection_idle_timeout: Period = Period::seconds(limits::IDLE_TIMEOUT.as_secs()), "DURATION",
        "How long a connection may be idle, or take to send the headers of a request";
    body_timeout: Period = Period::seconds(limits::BODY_TIMEOUT.as_secs()), "DURATION",
        "How long the body of a request may take to arrive";
    checkpoint_interval: Period = Period::seconds(30), "DURATION",
        "How often open sessions are checkpointed; a restart replays about as much";
    lake: String = "lake".into(), "PLACE",
        "Location of the tables: a directory, relative to the data directory, or s3://bucket/prefix with AWS_... variables";
    lake_interval: Period = Period::seconds(limits::LAKE_INTERVAL.as_secs()), "DURATION",
        "How often closed sessions and events move from the journal into the tables";
    event_retention: Limit<Period> = Limit::At(Period::days(30)), "DURATION",
        "How long the rows of events are kept; none means forever";
    session_retention: Limit<Period> = Limit::Unlimited, "DURATION",
        "How long the rows of sessions, ads, chapters and errors are kept; none means forever";
    maintenance_memory: Size = Size::of_bytes(limits::MAINTENANCE_BYTES as u64), "SIZE",
        "Memory for merging small files of the tables";
    queries (was questions): Count = Count::of(limits::QUERIES), "COUNT",
        "Maximum number of queries that run at the same time; others wait";
    query_memory (was question_memory): Size = Size::of_bytes(limits::QUERY_MEMORY_BYTES as u64), "SIZE",
        "Memory for all queries together; a query that needs more fails";
    query_timeout (was question_timeout): Period = Period::seconds(limits::QUERY_TIMEOUT.as_secs()), "DURATION",
        "Time limit of a query";
    query_threads (was question_threads): u32 = 0, "COUNT",
        "Parts of a query that are computed side by side; 0 means one per core that queries may use, 2 at least";
    time_zone: Zone = Zone::UTC, "ZONE",
        "Time zone of reports that name none, such as Europe/Berlin: days begin and end in it";
    report_folder: OptionalFile = OptionalFile::default(), "DIR",
        "Directory below which reports are written by schedule; none means that they are not";
    report_font: OptionalFile = OptionalFile::default(), "FILE",
        "Font (.ttf, .otf, .ttc) for letters that the built-in one lacks in pictures of reports, such as Chinese ones; none means boxes";
    webhook_origins: WebhookOrigins = WebhookOrigins::default(), "URL,...",
        "Webhooks that schedules may call, such as https://hooks.example.com; an empty list means none";
    webhook_secret: Token = Token::default(), "SECRET",
        "Secret that signs what is sent to webhooks (HMAC-SHA256), at least 16 characters";
    postgres_listen: Limit<SocketAddr> = Limit::Unlimited, "ADDRESS:PORT",
        "Address to listen on for the PostgreSQL protocol, with the token as password; none disables it";
    postgres_tls_certificate: OptionalFile = OptionalFile::default(), "FILE",
        "Certificate for the PostgreSQL port (PEM, the server's first); read again when it changes; none means no TLS";
    postgres_tls_key: OptionalFile = OptionalFile::default(), "FILE",
        "Private key of that certificate (PEM, without a passphrase)";
    postgres_tls_optional: bool = false, "BOOL" [num_args = 0..=1, require_equals = true, default_missing_value = "true"],
        "Whether other machines may log in to the PostgreSQL port without TLS although it has a certificate";
    journal_size_max: Limit<Size> = Limit::Unlimited, "SIZE",
        "Maximum size of the journal; none means the disk is the limit";
    log: LogFilter = LogFilter::default(), "FILTER",
        "Log filter: error, warn, info, debug, trace, or a filter such as info,playhead_server=debug";
    log_format: LogFormat = LogFormat::Text, "FORMAT",
        "Log format on standard error: text or json";
}

#[cfg(test)]
mod tests {
    use playhead_node::settings::Capacity;

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
            ("silent_after", "45s"),
            ("report_suites", "one, two"),
            ("admin_token", "0123456789abcdef"),
            ("read_token", "fedcba9876543210"),
            ("metrics_open", "true"),
            ("trusted_proxy", "10.0.0.0/8,::1"),
            ("connections", "3"),
            ("waiting_requests", "12"),
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
            ("queries", "12"),
            ("query_memory", "13MiB"),
            ("query_timeout", "14s"),
            ("query_threads", "15"),
            ("time_zone", "europe/berlin"),
            ("report_folder", "/srv/reports"),
            ("report_font", "/srv/fonts/cjk.ttc"),
            ("webhook_origins", "https://hooks.example.com, http://10.0.0.5:9000"),
            ("webhook_secret", "secret-of-webhooks"),
            ("postgres_listen", "127.0.0.1:16"),
            ("postgres_tls_certificate", "server.crt"),
            ("postgres_tls_key", "server.key"),
            ("postgres_tls_optional", "true"),
            ("journal_size_max", "10GiB"),
        ];
        let effective = Effective::resolve(layer(&pairs), Layer::default(), Layer::default());
        assert_eq!(
            format!("{:?}", effective.server_settings(true)),
            "Settings { listen: [::1]:9000, validation: Strict, accounting: Settings { \
             reorder_window_ms: 0, idle_timeout_ms: 1000, playhead_timeout_ms: 2000, silent_after_ms: 45000 }, \
             report_suites: [\"one\", \"two\"], admin_token: Some(\"0123456789abcdef\"), read_token: Some(\"fedcba9876543210\"), \
             new_admin_token: true, metrics_open: true, trusted_proxies: TrustedProxies([10.0.0.0/8, ::1]), capacity: \
             Capacity { connections: 3, waiting_requests: 12, open_sessions: 4, open_sessions_bytes: 5242880, \
             address_requests_per_second: 6, idle_timeout: 7s, body_timeout: 8s }, checkpoint_interval: 9s, \
             lake: LakeSettings { interval: 10s, event_retention: None, session_retention: Some(86400s), \
             maintenance_memory_bytes: 11534336, scratch: \"/srv/playhead/scratch\" }, queries: QuerySettings { \
             memory_bytes: 13631488, timeout: 14s, at_a_time: 12, threads: 15, time_zone: Europe/Berlin }, places: Places { \
             folder: Some(\"/srv/reports\"), webhook_origins: [Origin(\"https://hooks.example.com\"), Origin(\"http://10.0.0.5:9000\")], \
             has_webhook_secret: true }, report_font: Some(\"/srv/fonts/cjk.ttc\"), \
             webhook_secret: Some(\"secret-of-webhooks\"), postgres_listen: Some(127.0.0.1:16), \
             postgres_tls: TlsFiles { certificate: Some(\"server.crt\"), key: Some(\"server.key\") }, \
             postgres_tls_optional: true }"
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
    fn the_token_is_never_printed() {
        let secret = "0123456789abcdef";
        let effective =
            Effective::resolve(layer(&[("admin_token", secret)]), Layer::default(), Layer::default());
        let read = Effective::resolve(layer(&[("read_token", secret)]), Layer::default(), Layer::default());
        assert!(!format!("{read:?} {:?}", read.describe()).contains(secret));
        assert!(!format!("{effective:?} {:?}", effective.describe()).contains(secret));
        assert!(SECRETS.iter().all(|key| KEYS.contains(key)));
    }

    #[test]
    fn an_old_name_sets_its_setting_in_every_layer() {
        let sourced = |effective: &Effective| (effective.queries.value.get(), effective.queries.source);
        for (old, key) in RENAMED {
            assert!(KEYS.contains(key) && !KEYS.contains(old), "{old}");
        }
        let old = || layer(&[("questions", "3")]);
        let none = Layer::default;
        assert_eq!(sourced(&Effective::resolve(old(), none(), none())), (3, Source::Flag));
        assert_eq!(sourced(&Effective::resolve(none(), old(), none())), (3, Source::Environment));
        assert_eq!(sourced(&Effective::resolve(none(), none(), old())), (3, Source::File));
        let flags = layer(&[("queries", "4")]);
        assert_eq!(sourced(&Effective::resolve(flags, old(), old())), (4, Source::Flag));
        let old = [("question_memory", "5MiB"), ("question_timeout", "6s"), ("question_threads", "7")];
        let effective = Effective::resolve(none(), none(), layer(&old));
        assert_eq!(effective.query_memory.value.as_bytes(), 5 << 20);
        assert_eq!(effective.query_timeout.value.as_ms(), 6_000);
        assert_eq!(effective.query_threads.value, 7);
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
            ("trusted_proxy", "10.0.0.0/8,proxy"),
            ("connections", "0"),
            ("event_retention", "0d"),
            ("log", "playhead=loud"),
            ("log_format", "xml"),
            ("time_zone", "Europe/Berln"),
            ("time_zone", "+02:00"),
            ("address_requests_per_second", "-1"),
        ];
        for (key, text) in cases {
            assert!(Layer::default().set_from_text(key, text).is_err(), "{key} = {text}");
        }
    }
}
