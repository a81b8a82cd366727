"""The queries of the comparison: each as a request to Playhead, and as SQL written from the contracts alone.

The SQL is independent: it shares only the columns of the tables with Playhead.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

FIRST_DAY = date(2026, 1, 1)
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

# The viewer of a session (reports contract, section 2).
VISITOR = (
    "coalesce(nullif(marketing_cloud_user_id, ''), nullif(visitor_id, ''), nullif(app_installation_id, ''), session_id)"
)


@dataclass
class Query:
    """One query, and how to find its rows in Playhead's response."""

    name: str
    kind: str
    query: Any
    sql: list[str]
    rows: Callable[[Any], list]
    ordered: bool = False
    tolerance: float = 1e-6
    # A second statement that must give the same rows and is not timed.
    also: str | None = None


@dataclass
class Range:
    """A range of days; the end is exclusive."""

    first: date
    behind: date

    @property
    def ms(self) -> tuple[int, int]:
        return moment_ms(self.first), moment_ms(self.behind)

    @property
    def bounds(self) -> dict[str, str]:
        return {"from": self.first.isoformat(), "to": self.behind.isoformat()}

    @property
    def where(self) -> str:
        return f"started_at >= '{self.first} 00:00:00+00'::timestamptz and started_at < '{self.behind} 00:00:00+00'::timestamptz"


def moment_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=timezone.utc).timestamp() * 1_000)


def written(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, timezone.utc).isoformat().replace("+00:00", "Z")


def timestamp(ms: int) -> str:
    return f"'{datetime.fromtimestamp(ms / 1_000, timezone.utc).isoformat(sep=' ')}'::timestamptz"


def query_rows(response: Any) -> list:
    """The rows of a query, with times as ms; without empty buckets."""
    columns = response["columns"]
    times = [place for place, column in enumerate(columns) if column["kind"] == "time" or column["name"] == "time"]
    metrics = [place for place, column in enumerate(columns) if column["kind"] == "metric"]
    rows = []
    for row in response["rows"]:
        row = list(row)
        for place in times:
            row[place] = int(datetime.fromisoformat(row[place]).timestamp() * 1_000)
        if not times or any(row[place] for place in metrics):
            rows.append(row)
    return rows


def query(name: str, days: Range, sql: str | list[str], ordered: bool = False, also: str | None = None, **request: Any) -> Query:
    body = {**days.bounds, "limit": 100_000, **request}
    return Query(name, "query", body, [sql] if isinstance(sql, str) else sql, query_rows, ordered, also=also)


def queries(year: Range, month: Range, week: Range) -> list[Query]:
    sums = "count(*), sum(media_start::int), sum(content_start::int), sum(content_time_spent), sum(ad_time_spent)"
    summed = ["sessions", "media_starts", "content_starts", "content_time_spent", "ad_time_spent"]
    day = f"epoch_ms(started_at) // {DAY_MS} * {DAY_MS}"
    distinct = "count(distinct visitor_key)"
    by_contract = f"count(distinct {VISITOR})"
    month_of = "epoch_ms(date_trunc('month', started_at at time zone 'UTC'))"
    from_year, from_month, from_week = (f"from sessions where {days.where}" for days in (year, month, week))
    contains_and_in = [
        {"dimension": "content_name", "operator": "contains", "value": "LIGHT"},
        {"dimension": "player_name", "operator": "in", "values": ["avplayer", "exoplayer", "shaka"]},
        {"dimension": "channel", "operator": "!=", "value": "web"},
        {"or": [
            {"dimension": "content_time_spent", "operator": ">=", "value": 60},
            {"dimension": "error_events", "operator": ">", "value": 0},
        ]},
        {"dimension": "app_version", "operator": "not in", "values": ["7.4.1", "5.2"]},
    ]
    where_contains_and_in = (
        "contains(lower(content_name), 'light') and player_name in ('avplayer', 'exoplayer', 'shaka') and channel is distinct from 'web'"
        " and (content_time_spent >= 60 or error_events > 0) and coalesce(app_version, '') not in ('7.4.1', '5.2')"
    )
    ratios = {
        "average_content_time_spent": "sum(content_time_spent) / nullif(sum(content_start::int), 0)",
        "media_completion_rate": "sum(content_complete::int) / nullif(sum(media_start::int), 0)",
        "ads_per_stream": "sum(ad_count) / nullif(sum(media_start::int), 0)",
        "rebuffer_ratio": "sum(total_buffer_duration) / nullif(sum(total_buffer_duration) + sum(content_time_spent), 0)",
        "drop_before_start_rate": "sum(drop_before_start::int) / nullif(sum(media_start::int), 0)",
        "pause_impacted_streams": "count(*) filter (pause_events > 0)",
    }
    quantiles = {
        f"{column}_p{percent}": f"quantile_cont({column}, {percent / 100})"
        for column in ("time_to_start_ms", "average_bitrate")
        for percent in (50, 95)
    }
    return [
        query("30 days by channel", month, f"select channel, {sums} {from_month} group by 1",
              metrics=summed, dimensions=["channel"]),
        query("year, total", year, f"select {sums} {from_year}", metrics=summed),
        query("year by day and channel", year, f"select {day}, channel, {sums} {from_year} group by 1, 2",
              metrics=summed, dimensions=["channel"], granularity="day"),
        query("year, visitors", year, f"select {distinct} {from_year}",
              also=f"select {by_contract} {from_year}", metrics=["visitors"]),
        query("year by month, visitors", year, f"select {month_of}, {distinct} {from_year} group by 1",
              also=f"select {month_of}, {by_contract} {from_year} group by 1", metrics=["visitors"], granularity="month"),
        query("30 days, 20 contents with the most time", month,
              f"select content_id, sum(content_time_spent), count(*) {from_month} group by 1 order by 2 desc limit 20",
              ordered=True, metrics=["content_time_spent", "sessions"], dimensions=["content_id"],
              order_by="-content_time_spent", limit=20),
        query("week by hour", week, f"select epoch_ms(started_at) // {HOUR_MS} * {HOUR_MS}, {sums} {from_week} group by 1",
              metrics=summed, granularity="hour"),
        query("30 days by player, ratios", month, f"select player_name, {', '.join(ratios.values())} {from_month} group by 1",
              metrics=list(ratios), dimensions=["player_name"]),
        query("30 days, five filters, by app version", month,
              f"select app_version, {sums} {from_month} and {where_contains_and_in} group by 1",
              metrics=summed, dimensions=["app_version"], filters=contains_and_in),
        query("30 days by custom metadata", month,
              f"select custom_metadata['plan'], {sums} {from_month} and custom_metadata['experiment'] = 'B' group by 1",
              metrics=summed, dimensions=["custom.plan"],
              filters=[{"dimension": "custom.experiment", "operator": "=", "value": "B"}]),
        query("30 days by player, quantiles", month,
              f"select player_name, {', '.join(quantiles.values())} {from_month} group by 1",
              metrics=list(quantiles), dimensions=["player_name"]),
        query("30 days by pod position, ads", month,
              f"select pod_position, ad_pod_position, count(*), count(*) filter (\"end\" = 'completed'), sum(time_played),"
              f" count(distinct session_id) from ads where {month.where} group by 1, 2",
              metrics=["ad_starts", "ad_completes", "ad_time_spent", "sessions"],
              dimensions=["pod_position", "ad_pod_position"]),
        query("year, audio by content type and report suite", year,
              f"select lower(content_type), report_suite, {sums} {from_year} and lower(stream_type) = 'audio' group by 1, 2",
              metrics=summed, dimensions=["content_type", "report_suite"], segment="audio"),
        query("week by channel, player and app version", week,
              f"select channel, player_name, app_version, {sums} {from_week} group by 1, 2, 3",
              metrics=summed, dimensions=["channel", "player_name", "app_version"]),
    ]


def concurrency(name: str, from_ms: int, to_ms: int, step_ms: int, who: str, spans: str, **request: str) -> Query:
    first = from_ms // step_ms
    sql = f"""
        with spans as (
            select {who} as who, unnest({spans}) as span from sessions
            where started_at < {timestamp(to_ms)} and last_event_at >= {timestamp(from_ms)}
        ), moments as (
            select who, epoch_ms(span."from") as begins, greatest(epoch_ms(span."to") - 1, epoch_ms(span."from")) as last
            from spans
        ), points as (
            select who, greatest(begins, {from_ms}) // {step_ms} - {first} as a, least(last, {to_ms - 1}) // {step_ms} - {first} as b
            from moments where begins < {to_ms} and last >= {from_ms}
        ), marked as (
            select *, max(b) over (partition by who order by a, b rows between unbounded preceding and 1 preceding) as before
            from points
        ), numbered as (
            select *, sum((before is null or a > before)::int) over (partition by who order by a, b rows unbounded preceding) as island
            from marked
        ), islands as (
            select min(a) as a, max(b) as b from numbered group by who, island
        ), changes as (
            select a as point, 1 as change from islands union all select b + 1, -1 from islands
            union all select unnest(range({(to_ms - from_ms) // step_ms})), 0
        )
        select point, sum(sum(change)) over (order by point)::bigint from changes group by point
        qualify point < {(to_ms - from_ms) // step_ms} order by point"""
    query = {"from": written(from_ms), "to": written(to_ms), **request}
    return Query(name, "concurrency", query, [sql], lambda response: [list(pair) for pair in enumerate((response["present"] or response)["values"])], True)


def concurrencies(day: date) -> list[Query]:
    from_ms = moment_ms(day)
    evening_ms = from_ms + 18 * HOUR_MS
    return [
        concurrency("day by minute, active sessions", from_ms, from_ms + DAY_MS, 60_000, "session_id", "active_spans",
                    granularity="minute"),
        concurrency("day by minute, playing visitors", from_ms, from_ms + DAY_MS, 60_000, "visitor_key", "playing_spans",
                    granularity="minute", count="visitors", state="playing"),
        concurrency("four hours by second, playing sessions", evening_ms, evening_ms + 4 * HOUR_MS, 1_000, "session_id",
                    "playing_spans", granularity="second", state="playing"),
        concurrency("four hours by second, active visitors", evening_ms, evening_ms + 4 * HOUR_MS, 1_000, "visitor_key",
                    "active_spans", granularity="second", count="visitors"),
    ]


def content_panels(content: str, length: float, month: Range) -> list[Query]:
    of_content = f"from sessions where content_id = '{content}' and {month.where}"
    request = {"content_id": content, **month.bounds}
    audience = f"""
        with spans as (select unnest(list_concat(watched_spans, rewatched_spans)) as span {of_content}),
        minutes as (
            select span."from" as a, least(span."to", {length}) as b,
                unnest(range(floor(span."from" / 60)::bigint, ceil(least(span."to", {length}) / 60)::bigint)) as minute
            from spans where span."from" < {length}
        )
        select minute, sum(least(b, (minute + 1) * 60) - greatest(a, minute * 60)) / least(60, {length} - minute * 60)
        from minutes group by 1 having sum(least(b, (minute + 1) * 60) - greatest(a, minute * 60)) > 0 order by 1"""
    part = f"({length!r} / 100)"
    retention = f"""
        with spans as (
            select unnest(watched_spans) as span, 1 as watched, 0 as again {of_content} and content_start
            union all select unnest(rewatched_spans), 0, 1 {of_content} and content_start
        ), parts as (
            select greatest(ceil(span."from" / {part} - 0.5), 0)::bigint as a, least(ceil(span."to" / {part} - 0.5), 100)::bigint as b,
                watched, again
            from spans
        ), changes as (
            select a as point, watched, again from parts where a < b
            union all select b, -watched, -again from parts where a < b
            union all select unnest(range(100)), 0, 0
        )
        select point, sum(sum(watched)) over (order by point)::bigint, sum(sum(again)) over (order by point)::bigint
        from changes group by point qualify point < 100 order by point"""

    def audience_rows(response: Any) -> list:
        minutes = enumerate(response["audience"], response["first_minute"])
        return [[minute, value] for minute, value in minutes if value > 0]

    def retention_rows(response: Any) -> list:
        return [[point, *counts] for point, counts in enumerate(zip(response["watched"], response["rewatched"], strict=True))]

    return [
        Query("30 days, audience of the top content by minute", "audience", request, [audience], audience_rows, True, 6e-5),
        Query("30 days, retention of the top content by percent", "retention", {**request, "by": "percent"}, [retention],
                 retention_rows, True),
    ]


def panels(year: Range, month: Range, week: Range) -> list[Query]:
    flags = ["media_start", "content_start", *(f"progress_{mark}" for mark in (10, 25, 50, 75, 95)), "content_complete"]
    counted = ", ".join(f"count(*) filter ({flag})" for flag in flags)
    from_month = f"from sessions where {month.where}"
    from_ms, to_ms = week.ms
    time_spent = f"""
        with spans as (
            select unnest(playing_spans) as span from sessions
            where started_at < {timestamp(to_ms)} and last_event_at >= {timestamp(from_ms)}
        ), clipped as (
            select greatest(epoch_ms(span."from"), {from_ms}) as a, least(epoch_ms(span."to"), {to_ms}) as b from spans
        ), hours as (
            select a, b, unnest(range(a // {HOUR_MS}, (b + {HOUR_MS - 1}) // {HOUR_MS})) * {HOUR_MS} as hour from clipped where a < b
        )
        select hour, sum(least(b, hour + {HOUR_MS}) - greatest(a, hour)) / 1000 from hours group by 1 order by 1"""
    quality = f"""
        select count(*), sum(content_time_spent), sum(total_buffer_duration), sum(total_stall_duration), sum(error_events),
            count(*) filter (error_events > 0), sum(dropped_frames), count(*) filter (dropped_frames > 0),
            count(time_to_start_ms), quantile_cont(time_to_start_ms, [0.5, 0.9, 0.95, 0.99]) {from_month}"""
    by_player = f"select player_name, count(*), count(*) filter (error_events > 0) {from_month} group by 1"
    bitrates = f"select average_bitrate_bucket, count(*), sum(content_time_spent) {from_month} group by 1"
    errors = f"""
        select source, error_id, count(distinct session_id), count(*) from errors where {month.where} group by 1, 2"""

    def quality_rows(response: Any) -> list:
        starts = response["time_to_start_ms"]
        names = ["sessions", "content_time_spent", "total_buffer_duration", "total_stall_duration", "error_events",
                 "error_sessions", "dropped_frames", "dropped_frame_impacted_streams"]
        quantiles = [starts[name] for name in ("p50", "p90", "p95", "p99")]
        rows = [[*(response[name] for name in names), starts["sessions"], quantiles]]
        rows += [[each["value"], each["sessions"], each["error_sessions"]] for each in response["errors_by_player"]]
        rows += [[each["average_bitrate_bucket"], each["sessions"], each["content_time_spent"]] for each in response["bitrates"]]
        rows += [[each["source"], each["error_id"], each["sessions"], each["errors"]] for each in response["errors_by_id"]]
        return rows

    ad_numbers = """count(*), count(*) filter ("end" = 'completed'), count(*) filter ("end" = 'skipped'),
        count(*) filter ("end" = 'not_completed'), sum(time_played)"""
    from_ads = f"from ads where {month.where}"
    ads = [f"select pod_position, ad_pod_position, {ad_numbers} {from_ads} group by 1, 2",
           f"select ad_id, ad_name, {ad_numbers} {from_ads} group by 1, 2",
           f"select advertiser, {ad_numbers} {from_ads} group by 1",
           f"select campaign_id, {ad_numbers} {from_ads} group by 1"]

    def ads_rows(response: Any) -> list:
        names = ["ad_starts", "ad_completes", "ad_skips", "ads_not_completed", "ad_time_spent"]
        keys = {"by_position": ["pod_position", "ad_pod_position"], "by_ad": ["ad_id", "ad_name"],
                "by_advertiser": ["value"], "by_campaign": ["value"]}
        return [[each[name] for name in [*key, *names]] for part, key in keys.items() for each in response[part]]

    def steps(response: Any) -> list:
        return [[step["count"] for step in response["steps"]]]

    def hours(response: Any) -> list:
        pairs = zip(response["starts"], response["seconds"], strict=True)
        return [[int(datetime.fromisoformat(start).timestamp() * 1_000), seconds] for start, seconds in pairs if seconds]

    return [
        Query("year, funnel", "funnel", year.bounds, [f"select {counted} from sessions where {year.where}"], steps),
        Query("30 days, funnel of video", "funnel", {**month.bounds, "segment": "video"},
                 [f"select {counted} {from_month} and coalesce(lower(stream_type) = 'video', lower(content_type) not in"
                  " ('song', 'podcast', 'audiobook', 'radio', 'aod'))"], steps),
        Query("week, time spent by hour", "time_spent", {**week.bounds, "bucket": "60"}, [time_spent], hours, True),
        Query("30 days, quality", "quality", {**month.bounds, "limit": "50"}, [quality, by_player, bitrates, errors], quality_rows),
        Query("30 days, ads", "ads", {**month.bounds, "limit": "50", "breaks": "false"}, ads, ads_rows),
    ]


def all_queries(days: int, top_content: tuple[str, float]) -> list[Query]:
    behind = FIRST_DAY + timedelta(days=days)
    year = Range(FIRST_DAY, behind)
    month = Range(max(FIRST_DAY, behind - timedelta(days=30)), behind)
    week = Range(max(FIRST_DAY, behind - timedelta(days=7)), behind)
    day = max(FIRST_DAY, behind - timedelta(days=2))
    content, length = top_content
    return [
        *queries(year, month, week),
        *concurrencies(day),
        *content_panels(content, length, month),
        *panels(year, month, week),
    ]


def top_content_sql(days: int) -> str:
    """The content with a length and the most sessions in the last 30 days."""
    behind = FIRST_DAY + timedelta(days=days)
    month = Range(max(FIRST_DAY, behind - timedelta(days=30)), behind)
    return (f"select content_id, content_length from sessions where {month.where} and content_length > 0"
            " group by 1, 2 order by count(*) desc, 1 limit 1")


def as_json(queries: list[Query]) -> str:
    requests = [{"name": each.name, "kind": each.kind, "query": each.query} for each in queries]
    return json.dumps(requests, ensure_ascii=False)
