//! The one table of the report API's calls. The router ([`routes`]) and the OpenAPI document ([`openapi`]) fold over it.
//!
//! [`routes`]: crate::http::api::routes
//! [`openapi`]: crate::http::api::openapi

use playhead_node::exclusions::{ExclusionList, ExclusionReport};
use playhead_node::kept::Kept;
use playhead_node::kept::annotation::{Annotation, Annotations};
use playhead_node::kept::board::Board;
use playhead_node::kept::schedule::Schedule;
use playhead_node::kept::view::View;
use playhead_node::live::history::HistoryReport;
use playhead_node::live::sampler::LiveSample;
use playhead_node::schedules::run::Run;
use playhead_node::schedules::{ScheduleList, ScheduleState};
use playhead_node::sessions::effects::EventPage;
use playhead_node::sessions::explain::Explanation;
use playhead_node::sessions::list::SessionPage;
use playhead_node::sessions::row_schemas::SessionDetail;
use playhead_node::tables::queries::{Panel, Report};
use playhead_report::ZoneClocks;
use serde_json::{Map, Value};

use crate::access::Right;
use crate::http::api::call::{Call, Handler, Parameter, RequestBody, Response, Verb, schema_of};
use crate::http::api::kept::{self, lists, schedules};
use crate::http::api::{exclusions, live, login, openapi, queries, sessions, shapes, time_zones};

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
const TIME_ZONE: Parameter = text(
    "time_zone",
    "An IANA time zone, such as Europe/Berlin; the server's (`--time-zone`) when it is missing.",
);
const FILTERS: Parameter = text("filters", "Filters as in the body of /query, as JSON.");
const START_FILTERS: Parameter =
    text("filters", "Filters as in the body of /query, as JSON, by texts that sessionStart gives.");
const LIVE_FILTERS: &[Parameter] = &[
    START_FILTERS,
    text("report_suite", "Only sessions of this report suite."),
    text("channel", "Only sessions of this channel."),
    text("content_id", "Only sessions of this content."),
    text("player_name", "Only sessions of this player."),
];
const SEGMENT: Parameter = text("segment", "A standard segment: all, audio, video, or a content type.");
const BY: Parameter = text("by", "A dimension to break the answer down by.");
const NAMES: Parameter =
    flag("names", "Whether values of content_id come with their names; false when it is missing.");
const INCLUDE_OPEN: Parameter = flag("include_open", "Whether open sessions count; true when it is missing.");
const LIMIT: Parameter = number("limit", "The most rows to return.");
const TOP: Parameter = number(
    "limit",
    "The most entries of a list and values of a breakdown, 1 to 50; 10 when it is missing. The rest is in `other`.",
);
const CURSOR: Parameter = text("cursor", "Where to go on: `next_cursor` of the page before.");

/// A handler of the table.
macro_rules! handler {
    ($($handler:tt)+) => {
        |request| Box::pin($($handler)+(request))
    };
}

/// The handler of a report from the tables.
macro_rules! report {
    ($report:expr) => {
        |request| Box::pin(queries::report($report, request))
    };
}

/// A call that any token allows.
const fn get(
    name: &'static str,
    path: &'static str,
    handler: Handler,
    response: Response,
    summary: &'static str,
    parameters: &'static [Parameter],
) -> Call {
    let (needs, verb) = (Right::Token, Verb::Get);
    Call { name, verb, path, handler, needs, summary, parameters, body: None, response, is_query: false }
}

/// The same with `POST`.
const fn post(
    name: &'static str,
    path: &'static str,
    handler: Handler,
    response: Response,
    summary: &'static str,
) -> Call {
    Call { verb: Verb::Post, ..get(name, path, handler, response, summary, &[]) }
}

/// The same with `PUT`.
const fn put(
    name: &'static str,
    path: &'static str,
    handler: Handler,
    response: Response,
    summary: &'static str,
) -> Call {
    Call { verb: Verb::Put, ..get(name, path, handler, response, summary, &[]) }
}

/// The same with `DELETE`, which has nothing to answer.
const fn delete(name: &'static str, path: &'static str, handler: Handler, summary: &'static str) -> Call {
    Call { verb: Verb::Delete, ..get(name, path, handler, Response::Empty, summary, &[]) }
}

/// A call that reads the tables.
const fn query(call: Call) -> Call {
    Call { is_query: true, ..call }
}

/// A panel of the reports.
macro_rules! panel {
    ($panel:ident, $name:literal, $summary:literal, $parameters:expr) => {
        panel!($panel, Json, $name, $summary, $parameters)
    };
    ($panel:ident, $response:ident, $name:literal, $summary:literal, $parameters:expr) => {
        query(get(
            $name,
            Panel::$panel.path(),
            report!(Report::Panel(Panel::$panel)),
            Response::$response(|generator| Panel::$panel.schema(generator)),
            $summary,
            $parameters,
        ))
    };
}

/// All calls.
#[rustfmt::skip]
pub(crate) const CALLS: &[Call] = &[
    get("listSessions", "sessions", handler!(sessions::list), Response::Json(schema_of::<SessionPage>),
        "Sessions, the latest start first or in the order of any number of theirs. With `segment`, `include_open`, `time_zone`, `order_by`, or filters of anything but texts of the start, they are counted in `total`.", &[
            FROM, TO, TIME_ZONE, text("filters", "Filters as in the body of /query, as JSON; also of what one ad, chapter or error of the session has."),
            SEGMENT, INCLUDE_OPEN, text("report_suite", "Of this report suite."), text("content_id", "Of this content."),
            text("visitor_id", "Of the visitors with this id, of whatever kind it is."), flag("open", "Only open sessions, or only closed ones."),
            text("diagnosis", "With this diagnosis."),
            text("q", "With this text in the session id, content id, content name or visitor id, without case."),
            text("order_by", "A number, time or truth value of sessions, or a metric of theirs; behind - if descending. -started_at when it is missing."),
            LIMIT, CURSOR,
        ]),
    get("getSession", "sessions/{sid}", handler!(sessions::session), Response::Json(schema_of::<SessionDetail>),
        "A session's row with its ads, chapters and errors.", &[]),
    get("listEvents", "sessions/{sid}/events", handler!(sessions::events), Response::Json(schema_of::<EventPage>),
        "A session's accepted events in the order of processing, with what each did.", &[LIMIT, CURSOR]),
    get("explainSession", "sessions/{sid}/explain", handler!(sessions::explanation), Response::Json(schema_of::<Explanation>),
        "What each metric of a session is made of: the intervals that add up to a duration, the events that changed any other.", &[]),
    get("listExclusions", "exclusions", handler!(exclusions::list), Response::Json(schema_of::<ExclusionList>),
        "The sessions that are excluded from all reports, the latest exclusion first.", &[]),
    get("getExclusion", "sessions/{sid}/exclusion", handler!(exclusions::get), Response::Json(schema_of::<ExclusionReport>),
        "Why and since when no report counts a session; 404 if reports count it.", &[]),
    Call { needs: Right::AdminToken, body: Some(RequestBody::Exclusion),
        ..post("excludeSession", "sessions/{sid}/exclusion", handler!(exclusions::exclude),
            Response::Json(schema_of::<ExclusionReport>),
            "Excludes a session from all reports; its rows and events are kept. A session that is excluded already keeps its first reason.") },
    Call { needs: Right::AdminToken, verb: Verb::Delete,
        ..get("undoExclusion", "sessions/{sid}/exclusion", handler!(exclusions::undo), Response::Empty,
            "Lets a session that was excluded count again; answers when all reports count it.", &[]) },
    get("listViews", "views", handler!(lists::views), Response::Json(schema_of::<lists::Views>),
        "The views of the dashboard that the token may see: shared ones and its own; the admin token sees all.", &[]),
    Call { body: Some(RequestBody::NewView), ..post("addView", "views", handler!(kept::add::<View>),
        Response::Created(schema_of::<Kept<View>>), "Keeps a view of the dashboard; it belongs to the token.") },
    get("getView", "views/{id}", handler!(kept::get::<View>), Response::Json(schema_of::<Kept<View>>), "A view.", &[]),
    Call { body: Some(RequestBody::ChangedView), ..put("changeView", "views/{id}", handler!(kept::change::<View>),
        Response::Json(schema_of::<Kept<View>>), "Changes a view of one's own; the admin token changes any.") },
    delete("removeView", "views/{id}", handler!(kept::remove::<View>), "Removes a view of one's own; the admin token removes any."),
    get("listBoards", "boards", handler!(lists::boards), Response::Json(schema_of::<lists::Boards>),
        "The boards that the token may see: shared ones and its own; the admin token sees all.", &[]),
    Call { body: Some(RequestBody::NewBoard), ..post("addBoard", "boards", handler!(kept::add::<Board>),
        Response::Created(schema_of::<Kept<Board>>), "Keeps a board of panels; it belongs to the token.") },
    get("getBoard", "boards/{id}", handler!(kept::get::<Board>), Response::Json(schema_of::<Kept<Board>>), "A board.", &[]),
    Call { body: Some(RequestBody::ChangedBoard), ..put("changeBoard", "boards/{id}", handler!(kept::change::<Board>),
        Response::Json(schema_of::<Kept<Board>>), "Changes a board of one's own; the admin token changes any.") },
    delete("removeBoard", "boards/{id}", handler!(kept::remove::<Board>), "Removes a board of one's own; the admin token removes any."),
    get("listAnnotations", "annotations", handler!(lists::annotations), Response::Json(schema_of::<Annotations>),
        "What happened at which time, to be read beside numbers over time; by its time.", &[
            FROM, TO, text("report_suite", "Those of this report suite, and those of all."),
        ]),
    Call { needs: Right::AdminToken, body: Some(RequestBody::NewAnnotation),
        ..post("addAnnotation", "annotations", handler!(kept::add::<Annotation>),
            Response::Created(schema_of::<Kept<Annotation>>), "Keeps an annotation, which everybody sees.") },
    get("getAnnotation", "annotations/{id}", handler!(kept::get::<Annotation>),
        Response::Json(schema_of::<Kept<Annotation>>), "An annotation.", &[]),
    Call { needs: Right::AdminToken, body: Some(RequestBody::ChangedAnnotation),
        ..put("changeAnnotation", "annotations/{id}", handler!(kept::change::<Annotation>),
            Response::Json(schema_of::<Kept<Annotation>>), "Changes an annotation.") },
    Call { needs: Right::AdminToken,
        ..delete("removeAnnotation", "annotations/{id}", handler!(kept::remove::<Annotation>), "Removes an annotation.") },
    Call { needs: Right::AdminToken,
        ..get("listSchedules", "schedules", handler!(schedules::list), Response::Json(schema_of::<ScheduleList>),
            "The schedules of reports, the oldest first, each with its last runs; and where the operator lets reports be sent to.", &[]) },
    Call { needs: Right::AdminToken, body: Some(RequestBody::NewSchedule),
        ..post("addSchedule", "schedules", handler!(schedules::add), Response::Created(schema_of::<ScheduleState>),
            "Keeps a schedule: from now on the server sends the report by itself.") },
    Call { needs: Right::AdminToken,
        ..get("getSchedule", "schedules/{id}", handler!(schedules::get), Response::Json(schema_of::<ScheduleState>),
            "A schedule with its last runs.", &[]) },
    Call { needs: Right::AdminToken, body: Some(RequestBody::ChangedSchedule),
        ..put("changeSchedule", "schedules/{id}", handler!(schedules::change), Response::Json(schema_of::<ScheduleState>),
            "Changes a schedule. Times that were due before are not made up for.") },
    Call { needs: Right::AdminToken,
        ..delete("removeSchedule", "schedules/{id}", handler!(kept::remove::<Schedule>), "Removes a schedule with its runs; files that it wrote stay.") },
    Call { needs: Right::AdminToken,
        ..post("runSchedule", "schedules/{id}/run", handler!(schedules::run), Response::Json(schema_of::<Run>),
            "Sends the report of a schedule at once, as if it were due now, and answers how that ended; it is tried once.") },
    query(Call { body: Some(RequestBody::ReportQuery),
        ..post("query", Report::Query.path(), report!(Report::Query),
            Response::Tabular(schema_of::<shapes::Answer>), "Metrics by dimensions and time, with totals.") }),
    query(Call { body: Some(RequestBody::Sql),
        ..post("sql", Report::Sql.path(), report!(Report::Sql),
            Response::Tabular(schema_of::<shapes::Rows>), "The rows of one SQL statement over the tables, read-only.") }),
    panel!(Concurrency, Tabular, "concurrency",
        "How many sessions or visitors were active or playing at the same time, with the peak; by minute also how many at some time in each.", &[
            FROM, TO, TIME_ZONE, one_of("granularity", &["second", "minute"], "The step of the series."),
            one_of("count", &["sessions", "visitors"], "What is counted."),
            one_of("state", &["active", "playing"], "In which state."), FILTERS, SEGMENT, INCLUDE_OPEN, BY, TOP, NAMES,
        ]),
    panel!(Audience, "audience",
        "The average minute audience of a content, and the audience of each of its minutes; of live content by the clock.",
        &[required("content_id", "The content."),
            one_of("by", &["auto", "content", "clock"], "Minutes of the content or of the clock; without it those that the content has."), FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN]),
    panel!(Retention, "retention",
        "The share of content starts that watched each second or percent of a content, and how often each was watched again.",
        &[required("content_id", "The content."),
            one_of("by", &["second", "percent"], "The step along the content."), FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN]),
    panel!(Funnel, "funnel",
        "Media starts, content starts, progress marks and completes, each with its share.",
        &[FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN, BY, TOP, NAMES]),
    panel!(TimeSpent, "timeSpent",
        "Playing time by wall-clock bucket.",
        &[FROM, TO, TIME_ZONE, one_of("bucket", &["5", "15", "30", "60"], "Minutes of a bucket."), FILTERS, SEGMENT, INCLUDE_OPEN, BY, TOP, NAMES]),
    panel!(Quality, Tabular, "quality",
        "Quality of experience: startup time, rebuffering, bitrates, errors.",
        &[FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN,
            one_of("granularity", &["none", "minute", "hour", "day", "week", "month"], "The step of the series."), TOP]),
    panel!(Worsened, "qualityWorsened",
        "What got worse: the values of dimensions whose share of the affected sessions rose most against the stretch before, which is as long.", &[
            FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN,
            text("metric", "A number of sessions, such as error_impacted_streams (when it is missing), start_failures or rebuffer_ratio."),
            text("above", "A session is affected if the metric is above this in it; 0 when it is missing."),
            text("by", "Dimensions with commas between them, at most 20; the usual ones when it is missing."), TOP, NAMES,
        ]),
    panel!(MetadataKeys, "metadataKeys",
        "The keys of custom metadata, with how many sessions have each.",
        &[FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN, TOP]),
    panel!(Ads, "ads",
        "Ads: starts, completes, skips, time, by pod position, by ad, by advertiser and by campaign.",
        &[FROM, TO, TIME_ZONE, FILTERS, SEGMENT, INCLUDE_OPEN, TOP,
            flag("breaks", "Whether the response shows where breaks lose viewers.")]),
    query(get("catalogue", Report::Catalogue.path(), report!(Report::Catalogue),
        Response::Json(schema_of::<shapes::Catalogue>),
        "All metrics and dimensions with their definitions.", &[])),
    get("timeZone", "time-zone", handler!(time_zones::clocks), Response::Json(schema_of::<ZoneClocks>),
        "How far the clocks of a time zone are ahead of UTC, by the database that reports and SQL take their time zones from.",
        &[required("name", "An IANA time zone, such as Europe/Berlin.")]),
    query(get("export", Report::Export.path(), report!(Report::Export), Response::File,
        "All rows of a table in a time range.", &[
            FROM, TO, TIME_ZONE,
            one_of("format", &["parquet", "csv", "jsonl", "adobe-feed"], "The format."),
            flag("include_open", "Whether rows of open sessions are exported; true when it is missing."),
        ])),
    Call { needs: Right::AdminToken, ..post("maintain", "maintenance", handler!(queries::maintain),
        Response::Json(schema_of::<queries::Maintained>),
        "Moves what the journal has into the tables now, and puts their files in order; answers when it is done.") },
    get("openapi", "openapi.json", handler!(openapi::serve), Response::Json(schema_of::<Map<String, Value>>), "This document.", &[]),
    Call { body: Some(RequestBody::Login), needs: Right::Nothing, ..post("login", "login", handler!(login::log_in),
        Response::Json(schema_of::<login::LoggedIn>),
        "Logs in with a token: sets the cookie `playhead_login`, which stands for it for 12 hours. With the cookie, other methods than GET need the header `X-Playhead-Request: dashboard`.") },
    Call { needs: Right::Nothing, ..post("logout", "logout", handler!(login::log_out), Response::Empty,
        "Logs out: takes the cookie back.") },
    get("access", "access", handler!(login::access), Response::Json(schema_of::<login::AccessResponse<'static>>),
        "What the token or the cookie allows, and what the server is set to.", &[]),
    get("live", "live", handler!(live::watch), Response::Events(schema_of::<LiveSample<'static>>),
        "What happens now: an event `live` a second, with sessions and viewers as of `counted_at` and what happened in the second before `at`.", LIVE_FILTERS),
    get("liveHistory", "live/history", handler!(live::history), Response::Json(schema_of::<HistoryReport>),
        "The last hour by second, as far as it is kept: since the start of the server without filters and for one report suite, else since the filters are watched; null in seconds in which sessions were not counted.", LIVE_FILTERS),
    get("listFaults", "faults", handler!(live::list_faults), Response::Json(schema_of::<live::FaultList>),
        "The last collection requests that were refused since the start of the server, the latest first.", &[LIMIT]),
];

/// The OpenAPI document of the report API.
pub fn openapi_document() -> Value {
    openapi::document(CALLS)
}
