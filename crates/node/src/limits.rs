//! Every limit of a node, in one place. The protocol limits the content of bodies, and the accounting limits sessions; a
//! node uses those limits as they are. Limits that an operator may change are fields of [`crate::settings::Capacity`],
//! with these as their defaults.

use std::time::Duration;

pub use playhead_protocol::limits::{BATCH_BYTES, BATCH_EVENTS, EVENT_BYTES};

/// Bytes of a request's line and headers together; beyond it, the request is refused and the connection closed.
pub const HEADER_BYTES: usize = 32 * 1024;

/// Headers of a request.
pub const HEADERS: usize = 64;

/// Bytes of a query string in the report API.
pub const QUERY_BYTES: usize = 8 * 1024;

/// Connections at a time; a further one is refused as busy and closed.
pub const CONNECTIONS: usize = 16_384;

/// A connection on which no request's headers have arrived completely for so long is closed.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

/// A body must have arrived completely within this time.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that reads nothing of its response for this long is disconnected.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// Bytes of bodies that are being read or wait to be committed, over all connections. A body counts with what has
/// arrived of it. Beyond it, requests are refused as busy.
pub(crate) const BODIES_IN_FLIGHT_BYTES: usize = 256 * 1024 * 1024;

/// The part of [`BODIES_IN_FLIGHT_BYTES`] that only small bodies may take.
pub(crate) const SMALL_BODIES_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of bodies in flight from one address; all addresses of an IPv6 /64 are one. Beyond it, requests are refused as busy.
pub const ADDRESS_BODIES_BYTES: usize = 64 * 1024 * 1024;

/// The part of [`ADDRESS_BODIES_BYTES`] that only small bodies may take: behind a proxy that is not a trusted one, all
/// clients have one address.
pub const ADDRESS_SMALL_BODIES_BYTES: usize = 16 * 1024 * 1024;

/// A body of at most so many bytes is small: any single event, and so any start.
pub(crate) const SMALL_BODY_BYTES: usize = EVENT_BYTES;

/// Bytes of a large body that must arrive within each [`BODY_PACE_TIME`]; otherwise the body is refused and its bytes are released.
pub const BODY_PACE_BYTES: usize = 64 * 1024;

/// The time in which the next [`BODY_PACE_BYTES`] of a large body must arrive.
pub const BODY_PACE_TIME: Duration = Duration::from_secs(2);

/// How long a login lasts, seconds.
pub const LOGIN_SECONDS: i64 = 12 * 60 * 60;

/// Bytes of the body of a login.
pub const LOGIN_BODY_BYTES: usize = 4 * 1024;

/// Wrong tokens that one address may send within [`WRONG_TOKENS_MS`]: as bearer token, at the login, as a cookie, or as a
/// password of the PostgreSQL port. Beyond it, further wrong tokens
/// of the address are refused until that time is over; a right one always passes.
pub const WRONG_TOKENS: u32 = 20;

/// The time over which wrong tokens are counted, ms.
pub const WRONG_TOKENS_MS: i64 = 60 * 1_000;

/// Streams of what happens now at a time. Beyond it, requests are refused as busy.
pub const LIVE_STREAMS: usize = 256;

/// Different filters of live numbers that are watched at a time, each by any number of streams. Beyond it, a stream with
/// another filter is refused as busy.
pub const LIVE_FILTERS: usize = 64;

/// Seconds for which a filter of live numbers is counted on when nobody watches it any more, so that a page that is loaded anew
/// still has its history; it makes room at once for a filter that is watched.
pub(crate) const LIVE_FILTER_REST: u32 = 60;

/// Report suites whose last hour is kept; those that appear beyond it have none until one of these has had no session for an
/// hour.
pub(crate) const LIVE_SUITES: usize = 100;

/// Seconds for which what happened is kept, one sample each.
pub(crate) const LIVE_HISTORY: usize = 3_600;

/// Contents in a sample, those with the most sessions.
pub(crate) const LIVE_CONTENT: usize = 20;

/// Bytes of a content's name and type in a sample; longer ones are cut.
pub(crate) const LIVE_TEXT_BYTES: usize = 512;

/// Bytes of a content's id in a sample: those of the longest that a filter can ask for. One that is cut would be another.
pub(crate) const LIVE_ID_BYTES: usize = playhead_report::limits::FILTER_TEXT_BYTES;

/// Refused collection requests that are kept; the oldest go first.
pub const REFUSALS: usize = 256;

/// Bytes of the body that are kept of a refused request.
pub const REFUSAL_BODY_BYTES: usize = 4 * 1024;

/// Bytes of each other text that is kept of a refused request: path, headers, places and messages of faults.
pub(crate) const REFUSAL_TEXT_BYTES: usize = 256;

/// Places with their messages that are kept of a refused request.
pub(crate) const REFUSAL_PLACES: usize = 20;

/// Requests that wait for the writer: one for each connection at most. Beyond it, requests are refused as busy.
pub const INGEST_QUEUE: usize = CONNECTIONS;

/// One in so many places of the queue to the writer is kept for what a session or a bill cannot do without: `sessionStart`,
/// `sessionComplete`, `sessionEnd`, `adComplete` and downloaded sessions.
pub(crate) const QUEUE_PART_FOR_STARTS: usize = 4;

/// One in so many places of the queue to the writer is kept for anything but pings: a lost ping costs a session seconds,
/// because the next one follows.
pub(crate) const QUEUE_PART_BEFORE_PINGS: usize = 2;

/// One in so many connections is kept for starts, ends and ad completes: while all others are taken, any other event is refused as busy,
/// and each connection ends with its first response.
pub const CONNECTIONS_PART_FOR_STARTS: usize = 16;

/// Events in one commit, unless a single downloaded session has more.
pub const COMMIT_EVENTS: usize = 4_096;

/// Bytes of bodies in one commit, unless a single downloaded session has more.
pub(crate) const COMMIT_BYTES: usize = 8 * 1024 * 1024;

/// States of open sessions that one commit checkpoints beside its events.
pub const COMMIT_CHECKPOINTS: usize = 512;

/// Rows of closed sessions in one commit, or as many as it has events: few enough that other players do not wait for them.
pub(crate) const COMMIT_CLOSED: usize = 512;

/// Sessions that time closes in one tick, less those that wait for their rows to be written: when a million fall silent at
/// once, they close within a minute, and other players are answered in between.
pub(crate) const TICK_TIMEOUTS: usize = 2_048;

/// Open sessions at a time. Beyond it, `sessionStart` is refused as busy.
pub const OPEN_SESSIONS: usize = 2_000_000;

/// Bytes of memory for open sessions. Beyond it, `sessionStart` is refused as busy.
pub const OPEN_SESSIONS_BYTES: usize = 8 * 1024 * 1024 * 1024;

/// Rows of open sessions that are made for a query at a time, unless one session has more; with these bytes of text there are
/// fewer. They are all that a query takes of the memory of the process that collects.
pub(crate) const OPEN_BATCH_ROWS: usize = 8_192;

/// See [`OPEN_BATCH_ROWS`].
pub(crate) const OPEN_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Looks at open sessions before a query is given the rows that were found by then, even if there are none.
pub(crate) const OPEN_BATCH_STEPS: usize = 4_096;

/// Report requests that read the journal at the same time; others wait for a reader.
pub const REPORT_READERS: usize = 4;

/// Report requests that wait for a reader. Further ones are refused as busy.
pub(crate) const REPORTS_WAITING: usize = 64;

/// Sessions in one page of a list.
pub const PAGE_SESSIONS: usize = playhead_report::limits::LISTED_SESSIONS;

/// Closed sessions that one request looks through for those that match; a page may then be short, with a cursor.
pub(crate) const PAGE_SCANNED: usize = 20_000;

/// Events in one page of a session's events.
pub const PAGE_EVENTS: usize = 1_000;

/// Events of one session that its report goes back over.
pub(crate) const SESSION_EVENTS: usize = 200_000;

/// How long a closed session stays known, so that late events for it are told apart from events of unknown sessions
/// (protocol contract, section 4).
pub const CLOSED_KNOWN_MS: i64 = 24 * 60 * 60 * 1_000;

/// How far the server's clock may be off from the time that has passed before that is a step. Smaller corrections are
/// followed without a word.
pub(crate) const CLOCK_STEP_MS: u64 = 5_000;

/// How long after a step of the server's clock the next one is followed, so that a clock that is set again and again does
/// not keep the server busy.
pub(crate) const CLOCK_STEP_REST_MS: i64 = 10_000;

/// Steps of the server's clock that the journal keeps.
pub(crate) const CLOCK_STEPS_KEPT: usize = 1_000;

/// Sessions that are excluded from reports at a time.
pub const EXCLUDED_SESSIONS: usize = 1_000;

/// Bytes of the reason why a session is excluded.
pub const EXCLUSION_REASON_BYTES: usize = 400;

/// Bytes of the body that excludes a session; room for the longest reason, escaped as JSON.
pub const EXCLUSION_BODY_BYTES: usize = 4 * 1024;

/// Views of the dashboard that are kept.
pub(crate) const VIEWS: usize = 500;

/// Views that one token may keep.
pub const VIEWS_OF_OWNER: usize = VIEWS / 2;

/// Bytes of the address of a view.
pub const VIEW_ADDRESS_BYTES: usize = 4 * 1024;

/// Boards that are kept.
pub(crate) const BOARDS: usize = 100;

/// Boards that one token may keep.
pub const BOARDS_OF_OWNER: usize = BOARDS / 2;

/// Panels of a board.
pub const BOARD_PANELS: usize = 24;

/// Bytes of the parameters of a panel, as JSON.
pub const PANEL_PARAMETERS_BYTES: usize = 4 * 1024;

/// Annotations of the time axis that are kept.
pub const ANNOTATIONS: usize = 1_000;

/// Bytes of the text of an annotation.
pub const ANNOTATION_TEXT_BYTES: usize = 400;

/// Schedules of reports that are kept.
pub const SCHEDULES: usize = 100;

/// Runs of a schedule that are kept; the oldest go first.
pub(crate) const SCHEDULE_RUNS: usize = 20;

/// Runs of schedules at the same time; others wait for their turn.
pub(crate) const SCHEDULES_AT_A_TIME: usize = 2;

/// Bytes of a report that is sent by schedule.
pub(crate) const SCHEDULED_REPORT_BYTES: usize = 32 * 1024 * 1024;

/// Buckets of time that a picture by schedule is drawn of.
pub(crate) const PICTURE_BUCKETS: usize = 100_000;

/// How long after an attempt that failed for a reason that may pass the next one follows; after the last of them, the run has
/// failed.
pub const SCHEDULE_PAUSES: [Duration; 3] =
    [Duration::from_secs(60), Duration::from_secs(5 * 60), Duration::from_secs(15 * 60)];

/// Due times that a run counts as missed; there may be more.
pub(crate) const SCHEDULE_MISSED: u32 = 1_000;

/// Bytes of the folder of a schedule.
pub const SCHEDULE_FOLDER_BYTES: usize = 200;

/// Parts of the path of the folder of a schedule.
pub const SCHEDULE_FOLDER_DEPTH: usize = 4;

/// Bytes of the name of a schedule in the name of a file.
pub(crate) const FILE_NAME_BYTES: usize = 80;

/// Files of one report that stand beside each other, where something else has its name already.
pub(crate) const FILES_OF_ONE_NAME: usize = 100;

/// Bytes of the fault that a run is kept with.
pub(crate) const RUN_FAULT_BYTES: usize = 1_000;

/// Bytes of the URL of a webhook.
pub const WEBHOOK_URL_BYTES: usize = 2 * 1024;

/// Origins of webhooks that an operator may allow.
pub const WEBHOOK_ORIGINS: usize = 100;

/// How long a webhook may take, from the connection to the head of its response.
pub const WEBHOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of the name of a view, a board or a schedule, of the title of a panel, and of the report suite of an annotation.
pub const KEPT_NAME_BYTES: usize = 200;

/// Bytes of the body with which a view, a board, an annotation or a schedule is kept or changed; room for the largest board.
pub const KEPT_BODY_BYTES: usize = 128 * 1024;

/// Addresses whose wrong tokens, or where a rate is set, requests are counted; the others share one count. All addresses
/// of an IPv6 /64 are one.
pub const RATED_ADDRESSES: usize = 65_536;

/// Addresses and networks of trusted proxies.
pub(crate) const TRUSTED_PROXIES: usize = 1_000;

/// Proxies between a client and this server that are looked through, from the last one on; what comes before is not
/// looked at, and the first of them counts as the client.
pub const PROXY_HOPS: usize = 16;

/// Report suites in the allow-list.
pub const REPORT_SUITES: usize = 10_000;

/// How long a connection that ends with a response still reads and drops what its client sends, so that the response is
/// not lost.
pub const LINGER_TIMEOUT: Duration = Duration::from_secs(5);

/// A client that sends nothing for this long after the last response has nothing more to send.
pub const LINGER_QUIET: Duration = Duration::from_millis(500);

/// Bytes that are dropped after the last response.
pub const LINGER_BYTES: usize = 2 * BATCH_BYTES;

/// Connections over the limit that get a refusal at the same time; further ones are closed without a response.
pub const TURNED_AWAY: usize = 256;

/// How long a shutdown waits for requests that are under way.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// How often closed sessions and events move from the journal into the lake.
pub const LAKE_INTERVAL: Duration = Duration::from_secs(60);

/// How long a shutdown goes on moving closed sessions and events into the lake; the rest moves at the next start.
pub(crate) const LAKE_DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// How long rows of events are kept in the lake.
pub(crate) const EVENT_RETENTION: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long a start waits for the tables, to see whether they are this journal's. Without them it goes on.
pub(crate) const TABLES_AT_START: Duration = Duration::from_secs(5);

/// Memory for putting small files of the lake together.
pub const MAINTENANCE_BYTES: usize = 512 * 1024 * 1024;

/// Memory of all queries together.
pub const QUERY_MEMORY_BYTES: usize = 1024 * 1024 * 1024;

/// How long one query may take.
pub const QUERY_TIMEOUT: Duration = Duration::from_secs(60);

/// Queries that run at the same time; others wait for a slot.
pub const QUERIES: usize = 4;

/// Memory of the process that answers queries beside that of the queries, at least.
pub(crate) const REPORTER_BYTES: usize = 512 * 1024 * 1024;

/// Threads that run queries.
pub(crate) const REPORTER_THREADS: usize = 128;

/// Bytes of the stack of a thread that runs queries: the query engine goes through a query by recursion.
pub const QUERY_STACK_BYTES: usize = 16 * 1024 * 1024;

/// Threads that read files and the journal for queries.
pub const QUERY_BLOCKING_THREADS: usize = 32;

/// How much longer than its time a query may go on without a pause before the process that answers queries is ended.
pub(crate) const QUERY_GRACE: Duration = Duration::from_secs(1);

/// Bytes of the body of a query; room for the longest SQL, escaped as JSON.
pub const QUERY_BODY_BYTES: usize = 512 * 1024;

/// Closed sessions that one version of the tables takes in.
pub(crate) const HAND_OVER_SESSIONS: usize = 20_000;

/// Bytes of rows of closed sessions, as the journal has them, that one version of the tables takes in; a page more at most.
pub(crate) const HAND_OVER_BYTES: usize = 128 * 1024 * 1024;

/// Events that one version of the table of events takes in; fewer when their bodies are large.
pub(crate) const HAND_OVER_EVENTS: usize = 100_000;

/// Requests for upkeep that wait. Beyond it, requests are refused as busy.
pub(crate) const KEEPER_REQUESTS: usize = 4;

/// Connections to the PostgreSQL port at a time that have logged in; one more is refused.
pub const POSTGRES_CONNECTIONS: usize = 64;

/// Connections to the PostgreSQL port that have not logged in yet; with one more, the oldest of them is closed.
pub const POSTGRES_LOGINS: usize = 64;

/// How long a login on the PostgreSQL port may take.
pub const POSTGRES_LOGIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of a message on the PostgreSQL port before a login has succeeded.
pub const POSTGRES_LOGIN_BYTES: usize = 8 * 1024;

/// Bytes of rows that wait for a client of the PostgreSQL port: those of one query, or one cursor. A query whose rows do not
/// fit waits for its client until its time is up.
pub const POSTGRES_BUFFER_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of rows that wait for one client of the PostgreSQL port, those of all its cursors and portals.
pub const POSTGRES_CONNECTION_WAITING_BYTES: usize = 64 * 1024 * 1024;

/// Bytes of rows that wait for all clients of the PostgreSQL port together.
pub const POSTGRES_WAITING_BYTES: usize = 256 * 1024 * 1024;

/// Bytes of rows that a cursor keeps behind it, to go back to.
pub const POSTGRES_CURSOR_BYTES: usize = POSTGRES_BUFFER_BYTES / 2;

/// Cursors and portals that a connection to the PostgreSQL port may have open.
pub const POSTGRES_CURSORS: usize = 64;

/// Parameters of all prepared statements of a connection to the PostgreSQL port, and of all its portals: as many as one may
/// have.
pub const POSTGRES_PARAMETERS: usize = 65_535;

/// Bytes of the parameters of all portals of a connection to the PostgreSQL port.
pub const POSTGRES_PARAMETER_BYTES: usize = 4 * 1024 * 1024;

/// Prepared statements of a connection to the PostgreSQL port.
pub const POSTGRES_STATEMENTS: usize = 512;

/// Bytes of the texts of all prepared statements of a connection to the PostgreSQL port.
pub const POSTGRES_STATEMENT_BYTES: usize = 1024 * 1024;

/// Savepoints in a transaction on the PostgreSQL port.
pub const POSTGRES_SAVEPOINTS: usize = 1_000;

/// Settings of their own (`app.name`) that clients may make on a connection to the PostgreSQL port.
pub const POSTGRES_SETTINGS: usize = 100;

/// Bytes of the name of a setting on the PostgreSQL port.
pub const POSTGRES_SETTING_NAME_BYTES: usize = 1024;

/// Bytes of the value of a setting on the PostgreSQL port.
pub const POSTGRES_SETTING_BYTES: usize = 4 * 1024;

/// Bytes of a message on the PostgreSQL port after that: a statement with its parameters.
pub const POSTGRES_MESSAGE_BYTES: usize = 320 * 1024;

/// Bytes of a message on the PostgreSQL port that only names a statement or a portal.
pub const POSTGRES_SMALL_MESSAGE_BYTES: usize = 8 * 1024;

/// How long a connection to the PostgreSQL port is silent before the system looks whether its client is still there.
pub const POSTGRES_KEEPALIVE_IDLE: Duration = Duration::from_secs(60);

/// How long the system waits for an answer before it looks again.
pub const POSTGRES_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// How often it looks before the connection ends.
pub const POSTGRES_KEEPALIVE_PROBES: u32 = 6;
