//! The one table of the report API's calls: the router and the OpenAPI document both come from it.

/// A call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// Its name in the document.
    pub(crate) name: &'static str,
    /// `get` or `post`.
    pub(crate) method: &'static str,
    /// Its path, with `{...}` for what varies.
    pub(crate) path: &'static str,
    /// What it answers, in a sentence.
    pub(crate) summary: &'static str,
    /// Parameters of its query string.
    pub(crate) parameters: &'static [Parameter],
    /// Its body.
    pub(crate) body: Option<Body>,
    /// What comes back.
    pub(crate) answer: Answer,
    /// Who may call it.
    pub(crate) needs: Needs,
    /// Whether it is answered from the tables, within the limits of questions.
    pub(crate) is_question: bool,
}

/// A parameter of a query string.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    /// The JSON type of its value.
    pub(crate) kind: &'static str,
    pub(crate) is_required: bool,
    /// The values that it takes; empty for any.
    pub(crate) values: &'static [&'static str],
    pub(crate) meaning: &'static str,
}

/// The body of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// Metrics by dimensions.
    ReportQuery,
    /// A statement.
    Sql,
    /// A token.
    Login,
}

/// What a call needs to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing.
    Nothing,
    /// Any token.
    Token,
    /// The admin token.
    AdminToken,
}

/// What a call answers, with the name of its schema; an empty one stands for any object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// JSON.
    Json(&'static str),
    /// JSON, CSV, Parquet or an Arrow stream, by `Accept`.
    Tabular(&'static str),
    /// A file in the format that was asked for.
    File,
    /// Server-sent events.
    Events,
    /// Nothing.
    Empty,
}

const fn text(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter { name, kind: "string", is_required: false, values: &[], meaning }
}

const fn required(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter { is_required: true, ..text(name, meaning) }
}

const fn number(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter { kind: "integer", ..text(name, meaning) }
}

const fn flag(name: &'static str, meaning: &'static str) -> Parameter {
    Parameter { kind: "boolean", ..text(name, meaning) }
}

const fn one_of(name: &'static str, values: &'static [&'static str], meaning: &'static str) -> Parameter {
    Parameter { values, ..text(name, meaning) }
}

const FROM: Parameter = text("from", "The beginning of the range: RFC 3339, or a date in the time zone.");
const TO: Parameter = text("to", "The end of the range, which is not part of it.");
const TIME_ZONE: Parameter =
    text("time_zone", "An IANA time zone, such as Europe/Berlin; UTC when it is missing.");
const FILTERS: Parameter = text("filters", "Filters as in the body of /query, as JSON.");
const SEGMENT: Parameter = text("segment", "A standard segment: all, audio, video, or a content type.");
const BY: Parameter = text("by", "A dimension to break the answer down by.");
const INCLUDE_OPEN: Parameter = flag("include_open", "Whether open sessions count; true when it is missing.");
const LIMIT: Parameter = number("limit", "The most rows to return.");
const CURSOR: Parameter = text("cursor", "Where to go on: `next_cursor` of the page before.");

const fn question(
    name: &'static str,
    path: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
) -> Call {
    Call {
        name,
        method: "get",
        path,
        summary,
        parameters,
        body: None,
        answer: Answer::Json(""),
        needs: Needs::Token,
        is_question: true,
    }
}

/// A call that is not answered from the tables.
const fn other(
    name: &'static str,
    path: &'static str,
    summary: &'static str,
    parameters: &'static [Parameter],
) -> Call {
    Call { is_question: false, ..question(name, path, summary, parameters) }
}

/// All calls.
#[rustfmt::skip]
pub(crate) const CALLS: &[Call] = &[
    Call { answer: Answer::Json("Sessions"), ..other("listSessions", "/reports/v1/sessions",
        "Sessions, the latest start first.", &[
            FROM, TO, text("report_suite", "Of this report suite."), text("content_id", "Of this content."),
            text("visitor_id", "Of this visitor."), flag("open", "Only open sessions, or only closed ones."),
            text("diagnosis", "With this diagnosis."),
            text("q", "With this text in the session id, content id, content name or visitor id, without case."),
            LIMIT, CURSOR,
        ]) },
    Call { answer: Answer::Json("Session"), ..other("getSession", "/reports/v1/sessions/{sid}",
        "A session's row with its ads, chapters and errors.", &[]) },
    Call { answer: Answer::Json("Events"), ..other("listEvents", "/reports/v1/sessions/{sid}/events",
        "A session's accepted events in the order of processing, with what each did.", &[LIMIT, CURSOR]) },
    Call { answer: Answer::Json("Explanation"), ..other("explainSession", "/reports/v1/sessions/{sid}/explain",
        "What each metric of a session is made of: the intervals that add up to a duration, the events that changed any other.", &[]) },
    Call { method: "post", body: Some(Body::ReportQuery), answer: Answer::Tabular("Answer"),
        ..question("query", "/reports/v1/query", "Metrics by dimensions and time, with totals.", &[]) },
    Call { method: "post", body: Some(Body::Sql), answer: Answer::Tabular("Rows"),
        ..question("sql", "/reports/v1/sql", "The rows of one SQL statement over the tables, read-only.", &[]) },
    question("concurrency", "/reports/v1/concurrency",
        "How many sessions or visitors were active or playing at the same time, with the peak.", &[
            FROM, TO, TIME_ZONE, one_of("granularity", &["second", "minute"], "The step of the series."),
            one_of("count", &["sessions", "visitors"], "What is counted."),
            one_of("state", &["active", "playing"], "In which state."), FILTERS, SEGMENT, INCLUDE_OPEN, BY, LIMIT,
        ]),
    question("audience", "/reports/v1/audience",
        "The average minute audience of a content, and the audience of each of its minutes.",
        &[required("content_id", "The content."), FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN]),
    question("retention", "/reports/v1/retention",
        "The share of content starts that watched each second or percent of a content, and how often each was watched again.",
        &[required("content_id", "The content."),
            one_of("by", &["second", "percent"], "The step along the content."), FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN]),
    question("funnel", "/reports/v1/funnel",
        "Media starts, content starts, progress marks and completes, each with its share.",
        &[FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN, BY, LIMIT]),
    question("timeSpent", "/reports/v1/time-spent",
        "Playing time by wall-clock bucket.",
        &[FROM, TO, TIME_ZONE, one_of("bucket", &["5", "15", "30", "60"], "Minutes of a bucket."), FILTERS, SEGMENT, INCLUDE_OPEN, BY, LIMIT]),
    question("quality", "/reports/v1/quality",
        "Quality of experience: startup time, rebuffering, bitrates, errors.",
        &[FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN,
            one_of("granularity", &["none", "hour", "day", "week", "month"], "The step of the series."), LIMIT]),
    question("ads", "/reports/v1/ads",
        "Ads: starts, completes, skips, time, by pod position, by ad, by advertiser and by campaign.",
        &[FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN, LIMIT]),
    question("catalogue", "/reports/v1/catalogue",
        "All metrics and dimensions with their definitions.", &[]),
    Call { answer: Answer::File, ..question("export", "/reports/v1/export/{table}",
        "All rows of a table in a time range.", &[
            FROM, TO, TIME_ZONE,
            one_of("format", &["parquet", "csv", "jsonl", "adobe-feed"], "The format."),
            flag("include_open", "Whether rows of open sessions are exported; true when it is missing."),
        ]) },
    Call { method: "post", needs: Needs::AdminToken, ..other("maintain", "/reports/v1/maintenance",
        "Moves what the journal has into the tables now, and puts their files in order; answers when it is done.", &[]) },
    other("openapi", "/reports/v1/openapi.json", "This document.", &[]),
    Call { method: "post", body: Some(Body::Login), needs: Needs::Nothing, answer: Answer::Json("Role"),
        ..other("login", "/reports/v1/login",
        "Logs in with a token: sets the cookie `playhead_login`, which stands for it for 12 hours. With the cookie, other methods than GET need the header `X-Playhead-Request: dashboard`.", &[]) },
    Call { method: "post", needs: Needs::Nothing, answer: Answer::Empty, ..other("logout", "/reports/v1/logout",
        "Logs out: takes the cookie back.", &[]) },
    Call { answer: Answer::Json("Access"), ..other("access", "/reports/v1/access",
        "What the token or the cookie allows, and what the server is set to.", &[]) },
    Call { answer: Answer::Events, ..other("live", "/reports/v1/live",
        "What happens now: an event `live` a second, with sessions and viewers as of `counted_at` and what happened in the second before `at`.", &[]) },
    Call { answer: Answer::Json("LiveHistory"), ..other("liveHistory", "/reports/v1/live/history",
        "The last hour by second, as far as the server has run; null in seconds in which sessions were not counted.", &[]) },
    Call { answer: Answer::Json("Faults"), ..other("listFaults", "/reports/v1/faults",
        "The last collection requests that were refused since the start of the server, the latest first.", &[LIMIT]) },
];
