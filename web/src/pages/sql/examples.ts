/** Queries to start from, by the names of their texts. */
export const EXAMPLES = [
  {
    name: 'channels',
    sql: `select channel, count(*) as sessions, round(sum(content_time_spent) / 3600, 1) as content_hours
from sessions
group by channel
order by content_hours desc
limit 50`,
  },
  {
    name: 'perDay',
    sql: `select date_trunc('day', started_at) as day, count(*) as sessions, count(distinct visitor_key) as visitors
from sessions
group by 1
order by 1`,
  },
  {
    name: 'errors',
    sql: `select error_id, source, count(*) as errors, count(distinct session_id) as sessions
from errors
group by 1, 2
order by errors desc
limit 50`,
  },
  {
    name: 'slowest',
    sql: `select session_id, content_name, player_name, total_buffer_duration, buffer_events, average_bitrate
from sessions
where total_buffer_duration > 0
order by total_buffer_duration desc
limit 100`,
  },
  {
    name: 'metadata',
    sql: `select custom_metadata['plan'] as plan, count(*) as sessions
from sessions
group by 1
order by sessions desc
limit 50`,
  },
  {
    name: 'ads',
    sql: `select advertiser, count(*) as ads, avg(case when "end" = 'completed' then 1.0 else 0.0 end) as completion_rate
from ads
group by 1
order by ads desc
limit 50`,
  },
  {
    name: 'spans',
    sql: `with spans as (select unnest(playing_spans) as span from sessions)
select date_trunc('hour', span['from']) as hour,
       round(sum(extract(epoch from span['to'] - span['from'])) / 3600, 2) as hours_played
from spans
group by 1
order by 1`,
  },
  {
    name: 'diagnoses',
    sql: `with found as (select app_version, unnest(diagnoses) as diagnosis from sessions)
select diagnosis, app_version, count(*) as sessions
from found
group by 1, 2
order by sessions desc
limit 100`,
  },
  {
    name: 'columns',
    sql: `select table_name, column_name, data_type, comment
from catalogue.columns`,
  },
] as const;
