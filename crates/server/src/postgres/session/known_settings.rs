//! The settings that a connection has, as PostgreSQL names them. Those that change nothing here are known all the same, because
//! clients set them by themselves.

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// Any text.
    Text,
    /// `on` or `off`.
    Switch,
    /// `on` or `off`, of which one is not possible here.
    Only(&'static str),
    /// One of these words.
    Words(&'static [&'static str]),
    /// A whole number.
    Number(i64, i64),
    /// A length of time, kept in milliseconds.
    Time,
    /// A number with a fraction, or a size with its unit.
    Amount,
    /// A time zone.
    Zone,
    /// The style of dates: ISO, and an order.
    DateStyle,
    /// The encoding of texts: UTF8.
    Encoding,
    /// It cannot be changed.
    Fixed,
}

/// A setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// As PostgreSQL writes it.
    pub(super) name: &'static str,
    pub(super) usual: &'static str,
    pub(super) values: Values,
    /// Whether the client is told of changes.
    pub(super) is_told: bool,
}

const fn known(name: &'static str, usual: &'static str, values: Values) -> Known {
    Known { name, usual, values, is_told: false }
}

const fn told(name: &'static str, usual: &'static str, values: Values) -> Known {
    Known { name, usual, values, is_told: true }
}

/// The version of PostgreSQL whose behaviour clients may expect.
pub(in crate::postgres) const SERVER_VERSION: &str = "16.6";

/// The same as a number.
const SERVER_VERSION_NUMBER: &str = "160006";

const ISOLATIONS: &[&str] = &["read committed", "read uncommitted", "repeatable read", "serializable"];
const LEVELS: &[&str] =
    &["debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "notice", "info", "warning", "error"];

/// All of them, in order of their names in small letters.
pub(super) const SETTINGS: &[Known] = &[
    told("application_name", "", Values::Text),
    known("array_nulls", "on", Values::Switch),
    known("backslash_quote", "safe_encoding", Values::Text),
    known("block_size", "8192", Values::Fixed),
    known("bytea_output", "hex", Values::Words(&["hex", "escape"])),
    known("check_function_bodies", "on", Values::Switch),
    told("client_encoding", "UTF8", Values::Encoding),
    known("client_min_messages", "notice", Values::Words(LEVELS)),
    known("constraint_exclusion", "partition", Values::Text),
    known("cursor_tuple_fraction", "0.1", Values::Amount),
    told("DateStyle", "ISO, MDY", Values::DateStyle),
    known("deadlock_timeout", "1000", Values::Time),
    known("default_statistics_target", "100", Values::Number(1, 10_000)),
    known("default_table_access_method", "heap", Values::Text),
    known("default_tablespace", "", Values::Text),
    known("default_text_search_config", "pg_catalog.simple", Values::Text),
    known("default_transaction_deferrable", "off", Values::Switch),
    known("default_transaction_isolation", "read committed", Values::Words(ISOLATIONS)),
    told("default_transaction_read_only", "on", Values::Switch),
    known("effective_cache_size", "4GB", Values::Amount),
    known("effective_io_concurrency", "1", Values::Number(0, 1_000)),
    known("enable_async_append", "on", Values::Switch),
    known("enable_bitmapscan", "on", Values::Switch),
    known("enable_hashagg", "on", Values::Switch),
    known("enable_hashjoin", "on", Values::Switch),
    known("enable_indexonlyscan", "on", Values::Switch),
    known("enable_indexscan", "on", Values::Switch),
    known("enable_material", "on", Values::Switch),
    known("enable_mergejoin", "on", Values::Switch),
    known("enable_nestloop", "on", Values::Switch),
    known("enable_parallel_append", "on", Values::Switch),
    known("enable_parallel_hash", "on", Values::Switch),
    known("enable_seqscan", "on", Values::Switch),
    known("enable_sort", "on", Values::Switch),
    known("enable_tidscan", "on", Values::Switch),
    known("escape_string_warning", "on", Values::Switch),
    known("extra_float_digits", "1", Values::Number(-15, 3)),
    known("from_collapse_limit", "8", Values::Number(1, i64::MAX)),
    known("geqo", "on", Values::Switch),
    known("gin_fuzzy_search_limit", "0", Values::Number(0, i64::MAX)),
    known("hash_mem_multiplier", "2", Values::Amount),
    known("idle_in_transaction_session_timeout", "0", Values::Time),
    known("idle_session_timeout", "0", Values::Time),
    told("in_hot_standby", "off", Values::Fixed),
    told("integer_datetimes", "on", Values::Fixed),
    told(
        "IntervalStyle",
        "postgres",
        Values::Words(&["postgres", "postgres_verbose", "sql_standard", "iso_8601"]),
    ),
    told("is_superuser", "off", Values::Fixed),
    known("jit", "off", Values::Switch),
    known("join_collapse_limit", "8", Values::Number(1, i64::MAX)),
    known("lc_collate", "C", Values::Fixed),
    known("lc_ctype", "C", Values::Fixed),
    known("lc_messages", "C", Values::Text),
    known("lc_monetary", "C", Values::Text),
    known("lc_numeric", "C", Values::Text),
    known("lc_time", "C", Values::Text),
    known("lo_compat_privileges", "off", Values::Switch),
    known("lock_timeout", "0", Values::Time),
    known("log_duration", "off", Values::Switch),
    known("log_min_duration_statement", "-1", Values::Text),
    known("log_statement", "none", Values::Text),
    known("maintenance_work_mem", "64MB", Values::Amount),
    known("max_connections", "64", Values::Fixed),
    known("max_function_args", "100", Values::Fixed),
    known("max_identifier_length", "63", Values::Fixed),
    known("max_index_keys", "32", Values::Fixed),
    known("max_parallel_workers", "8", Values::Number(0, 1_024)),
    known("max_parallel_workers_per_gather", "2", Values::Number(0, 1_024)),
    known("max_stack_depth", "2MB", Values::Amount),
    known("parallel_leader_participation", "on", Values::Switch),
    known("parallel_setup_cost", "1000", Values::Amount),
    known("parallel_tuple_cost", "0.1", Values::Amount),
    known("password_encryption", "scram-sha-256", Values::Text),
    known("plan_cache_mode", "auto", Values::Words(&["auto", "force_generic_plan", "force_custom_plan"])),
    known("port", "5432", Values::Fixed),
    known("quote_all_identifiers", "off", Values::Switch),
    known("random_page_cost", "4", Values::Amount),
    known("role", "none", Values::Words(&["none"])),
    known("row_security", "on", Values::Switch),
    told("search_path", "\"$user\", public", Values::Text),
    known("seq_page_cost", "1", Values::Amount),
    told("server_encoding", "UTF8", Values::Fixed),
    told("server_version", SERVER_VERSION, Values::Fixed),
    known("server_version_num", SERVER_VERSION_NUMBER, Values::Fixed),
    told("session_authorization", "", Values::Fixed),
    known("session_replication_role", "origin", Values::Words(&["origin", "replica", "local"])),
    known("ssl", "off", Values::Fixed),
    told("standard_conforming_strings", "on", Values::Only("on")),
    known("statement_timeout", "0", Values::Time),
    known("synchronize_seqscans", "on", Values::Switch),
    known("synchronous_commit", "on", Values::Text),
    known("tcp_keepalives_count", "0", Values::Number(0, i64::MAX)),
    known("tcp_keepalives_idle", "0", Values::Number(0, i64::MAX)),
    known("tcp_keepalives_interval", "0", Values::Number(0, i64::MAX)),
    known("temp_buffers", "8MB", Values::Amount),
    known("temp_tablespaces", "", Values::Text),
    told("TimeZone", "UTC", Values::Zone),
    known("track_activities", "on", Values::Switch),
    known("transaction_deferrable", "off", Values::Switch),
    known("transaction_isolation", "read committed", Values::Words(ISOLATIONS)),
    known("transaction_read_only", "on", Values::Switch),
    known("transaction_timeout", "0", Values::Time),
    known("transform_null_equals", "off", Values::Only("off")),
    known("wal_level", "replica", Values::Fixed),
    known("work_mem", "4MB", Values::Amount),
    known("xmlbinary", "base64", Values::Words(&["base64", "hex"])),
    known("xmloption", "content", Values::Words(&["content", "document"])),
];

/// The setting of a name, whatever its letters.
pub(super) fn setting(name: &str) -> Option<&'static Known> {
    SETTINGS.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}
