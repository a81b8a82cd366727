// Generated from docs/openapi.json by `make docs`; do not edit.

/** The role of a request, and the settings that the dashboard shows. */
export interface Access {
  /** What a token allows. */
  role: 'admin' | 'read';
  version: string;
  validation: 'lenient' | 'standard' | 'strict';
  /** The report suites that are collected; empty for all. */
  report_suites: string[];
  reorder_window_ms: number;
  idle_timeout_ms: number;
  /** The time zone of reports that name none. */
  time_zone: string;
}

/** An ad view. */
export interface AdRow {
  /** name of the ad break (documented on adBreakStart, also seen on adStart) (media.ad.podFriendlyName) */
  pod_name: string | null;
  /** index of the break in the content (media.ad.podIndex) */
  pod_position: number | null;
  /** content second at which the break starts (media.ad.podSecond) */
  pod_offset: number | null;
  /** ad id (media.ad.id) */
  ad_id: string | null;
  /** ad name (media.ad.name) */
  ad_name: string | null;
  /** ad length, seconds (media.ad.length) */
  ad_length: number | null;
  /** index of the ad in its break (media.ad.podPosition) */
  ad_pod_position: number | null;
  /** player that renders the ad (media.ad.playerName) */
  ad_player_name: string | null;
  /** advertiser (media.ad.advertiser) */
  advertiser: string | null;
  /** campaign (media.ad.campaignId) */
  campaign_id: string | null;
  /** creative (media.ad.creativeId) */
  creative_id: string | null;
  /** ad site (media.ad.siteId) */
  site_id: string | null;
  /** creative's address (media.ad.creativeURL) */
  creative_url: string | null;
  /** placement (media.ad.placementId) */
  placement_id: string | null;
  /** When it began, by the device's clock, corrected where that is wrong. */
  ad_started_at: string;
  /** Seconds for which it played. */
  time_played: number;
  /** completed, skipped or not_completed; null while open. */
  end: 'completed' | 'skipped' | 'not_completed' | null;
  /** The session's custom metadata with the view's own laid over it. */
  custom_metadata: { [key: string]: string };
  [key: string]: unknown;
}

/** The response of the ads panel. */
export interface AdsResponse {
  /** Which ad views were counted. */
  scope: ScopeResponse;
  /** Ads started. */
  ad_starts: number;
  /** Ads played to their end. */
  ad_completes: number;
  /** Ads skipped. */
  ad_skips: number;
  /** Ads cut short by a later event. */
  ads_not_completed: number;
  /** Ads that are playing now, of open sessions. */
  ads_open: number;
  /** Completes as a share of starts; null without starts. */
  ad_completion_rate: number | null;
  /** Seconds for which ads played. */
  ad_time_spent: number;
  /** By position of the break in the content and of the ad in the break, in that order; those without come last. */
  by_position: PositionAds[];
  /** By ad, those with the most starts first. */
  by_ad: OneAd[];
  /** By advertiser, those with the most starts first. */
  by_advertiser: ValueAds[];
  /** By campaign, those with the most starts first. */
  by_campaign: ValueAds[];
  /** Breaks, those with the most viewers first; null if the request leaves them out. */
  breaks: BreakNumbers[] | null;
  /** The numbers of those that each list leaves out. */
  other: OtherAds;
}

/** Sessions, and the affected ones among them. */
export interface Affected {
  /** Sessions. */
  sessions: number;
  /** The affected ones. */
  affected: number;
  /** Their part of the sessions; null without sessions. */
  rate: number | null;
}

/** Other names of an id. */
export interface AlsoKnownAs {
  /** The dimension that the id is a value of. */
  dimension: string;
  /** The id. */
  value: string;
  /** Its other names, the latest first; at most 5. */
  names: string[];
  /** How many other names it has. */
  count: number;
}

/** What an annotation is about. */
export type AnnotationKind = 'release' | 'outage' | 'other';

/** Annotations of the time axis. */
export interface Annotations {
  /** Those in the range, by their time. */
  annotations: KeptAnnotation[];
}

/** Metrics by dimensions and time. */
export interface Answer {
  columns: AnswerColumn[];
  rows: Cell[][];
  /** Each metric over everything that was counted. */
  totals: { [key: string]: Cell };
  /** Rows without a limit. */
  row_count_total: number;
  /** Whether the limit left no row out. */
  is_complete: boolean;
  time_zone: string;
  /** Sessions that started in the range and are left out because an operator excluded them, whatever the filters. */
  excluded_sessions: number;
  /** Of each row, whether its bucket of time holds moments outside the range, or that have not come yet; null without buckets of time. */
  is_partial: boolean[] | null;
  /** Other names of the ids in the rows, of those that have some; null unless the query asks for names. */
  also_known_as: AlsoKnownAs[] | null;
}

/** A column of a query's rows. */
export interface AnswerColumn {
  name: string;
  kind: 'time' | 'dimension' | 'name' | 'metric';
  type: DimensionType;
  /** Of a metric only. */
  unit?: Unit;
}

/** Time that was brought to account, or that moved from one account to another. */
export interface Attributed {
  /** Its beginning, by the device's clock, corrected where that is wrong. */
  from: string;
  /** Its end. */
  to: string;
  /** Its length, seconds. */
  seconds: number;
  /** The column that it counts for; `ad_break_gap`, `startup` and `after_end` are not columns. */
  account: string;
  /** Playback during it; absent for time that moved. */
  playback?: string;
  /** The sequence of the event that began it; absent for time that moved. */
  opened_by?: number;
  /** The row of its ad, `null` outside of ads; absent for time that moved. */
  ad?: number | null;
  /** The row of its chapter, `null` outside of chapters; absent for time that moved. */
  chapter?: number | null;
  /** The column that it counted for before; only for time that moved. */
  moved_from?: string;
}

/** The minutes whose audience is counted. */
export type AudienceBy = 'content' | 'clock';

/** The audience of a content. For a content without viewers, all numbers are 0 or empty. */
export interface AudienceResponse {
  /** Which sessions were counted. */
  scope: ScopeResponse;
  /** The content. */
  content_id: string;
  /** All its sessions in scope by what their playheads count: why the minutes are those of the content or of the clock. */
  timelines: TimelineCounts;
  /** The minutes below. By content, sessions count that have positions in it (`content`, `no_length`); by the clock, those that have none (`live`, `beyond_length`), and also `no_length` if no session knows the length. */
  by: AudienceBy;
  /** Its length in most sessions, seconds; null if no session with positions has one, as for live streams. */
  content_length: number | null;
  /** The sessions that count. */
  sessions: number;
  /** Seconds for which content played in all of them. */
  content_time_spent: number;
  /** By content: content time spent divided by the content's length, added up over the sessions, each with the length that it has itself; null if no session has a length. By the clock: the mean of the minutes in which somebody watched; null if nobody did. To four decimals. */
  average_minute_audience: number | null;
  /** The minute of the content for the first value, from 0. Without a length it is the first minute watched. */
  first_minute: number;
  /** By the clock, when the first minute watched begins, RFC 3339 with the offset of the zone; null by content, or if nobody watched. */
  first_minute_at: string | null;
  /** The audience of each minute, to four decimals, up to the end of the content; without a length, or by the clock, up to the last minute watched. By the clock it is the time that content and ads played in the minute, in the range. */
  audience: number[];
  /** Whether the content continues after the last minute that a response may have; by the clock, whether there were minutes before the first. */
  is_cut: boolean;
}

/** Sessions of one bucket of bitrates. */
export interface BitrateShare {
  /** `average_bitrate_bucket`, such as `3200-3299`; null without a bitrate. */
  average_bitrate_bucket: string | null;
  /** Its sessions. */
  sessions: number;
  /** Their share of all sessions. */
  share: number | null;
  /** Seconds for which content played in them. */
  content_time_spent: number;
}

/** A panel of a board. */
export interface BoardPanel {
  /** Its title. */
  title: string;
  /** What it shows. */
  kind: PanelKind;
  /** The parameters of its request, without `from`, `to` and `time_zone`: these come from the page. */
  parameters: { [key: string]: unknown };
}

/** Boards, without their panels. */
export interface Boards {
  /** Those that the token may see, the oldest first. */
  boards: KeptBoardEntry[];
}

/** The numbers of the breaks at one place of the content. */
export interface BreakNumbers {
  /** The position of the break in the content. */
  pod_position: number | null;
  /** The content second at which it begins. */
  pod_offset: number | null;
  /** Sessions with an ad in such a break. */
  viewers: number;
  /** Viewers that were lost in the break's last ad. */
  lost_in_ad: number;
  /** Viewers that were lost after the break's last ad, before content played again. */
  lost_after_ad: number;
  /** Lost viewers as a share of all viewers. */
  loss_rate: number | null;
}

/** Everything that a query can name. */
export interface Catalogue {
  metrics: MetricEntry[];
  /** Metrics of any player state. */
  state_metrics: {
    patterns: string[];
    prefix: string;
    definition: string;
  };
  dimensions: DimensionEntry[];
  /** Dimensions of custom metadata. */
  metadata_dimensions: {
    pattern: string;
    definition: string;
  };
  segments: NamedEntry[];
  operators: NamedEntry[];
  granularities: Granularity[];
  /** The limits of a query. */
  limits: {
    metrics: number;
    dimensions: number;
    conditions: number;
    values: number;
    rows: number;
    buckets: number;
  };
  /** The time zone of a query that names none. */
  time_zone: string;
  /** The release of the IANA database that all time zones are from, such as 2026a. */
  time_zone_database: string;
}

/** A value in a query's rows. */
export type Cell = string | number | boolean | null;

export interface ChangedAnnotation {
  /** When it happened, or began. */
  at: string;
  /** When it ended; absent for a moment. */
  to?: string | null;
  kind?: 'release' | 'outage' | 'other';
  /** What happened: one line of at most 400 bytes. */
  text: string;
  /** The report suite that it concerns; absent for all. */
  report_suite?: string | null;
  /** The version that was read. */
  version: number;
}

export interface ChangedBoard {
  /** One line of at most 200 bytes. */
  name: string;
  /** Whether all tokens see it, or only its owner and the admin token. */
  is_shared?: boolean;
  /** From the top down. */
  panels?: {
    /** One line of at most 200 bytes. */
    title: string;
    kind: 'series' | 'breakdown' | 'concurrency' | 'quality' | 'side_by_side';
    /** What POST /query (series, breakdown, side_by_side), GET /concurrency or GET /quality takes, without from, to and time_zone; of side_by_side also a and b, each with a name and filters; at most 4096 bytes as JSON. */
    parameters?: { [key: string]: unknown };
  }[];
  /** The version that was read. */
  version: number;
}

/** A column that an event changed. */
export interface ChangedColumn {
  /** The value before; `null` at the session's first event. */
  from: unknown;
  /** The value after. */
  to: unknown;
}

export interface ChangedSchedule {
  /** One line of at most 200 bytes. */
  name: string;
  report: {
    kind: 'query' | 'series' | 'breakdown' | 'concurrency' | 'quality';
    /** What POST /query takes, without from, to and time_zone; at most 4096 bytes as JSON. Of a panel, as a board has it. */
    parameters?: { [key: string]: unknown };
  };
  /** The range when the schedule is due: whole days or hours before, today up to that moment, the last week or month. */
  range: string;
  /** An IANA time zone; that of reports that name none (`--time-zone`) when it is missing. */
  time_zone?: string | null;
  when: {
    every: 'hour';
    minute: number;
  } | {
    every: 'day';
    /** The time of day. */
    at: string;
  } | {
    every: 'week';
    weekday: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';
    /** The time of day. */
    at: string;
  } | {
    every: 'month';
    /** The last day of a month that has fewer. */
    day: number;
    /** The time of day. */
    at: string;
  };
  format: 'csv' | 'png';
  to: {
    /** A folder below the operator's directory for reports, which is `.` itself; at most 200 bytes and 4 parts. */
    folder: string;
  } | {
    /** A URL at one of the origins that the operator allows; at most 2048 bytes. */
    webhook: string;
  };
  /** Whether it is kept without being sent. */
  is_paused?: boolean;
  /** The version that was read. */
  version: number;
}

export interface ChangedView {
  /** One line of at most 200 bytes. */
  name: string;
  /** Path and query of a page of the dashboard, at most 4096 bytes. */
  address: string;
  /** Whether all tokens see it, or only its owner and the admin token. */
  is_shared?: boolean;
  /** The version that was read. */
  version: number;
}

/** A chapter view. */
export interface ChapterRow {
  /** position in the content (media.chapter.index) */
  chapter_position: number | null;
  /** content second at which it starts (media.chapter.offset) */
  chapter_offset: number | null;
  /** length, seconds (media.chapter.length) */
  chapter_length: number | null;
  /** name (media.chapter.friendlyName) */
  chapter_name: string | null;
  /** When it began, by the device's clock, corrected where that is wrong. */
  chapter_started_at: string;
  /** Seconds for which it played. */
  time_played: number;
  /** completed, skipped or not_completed; null while open. */
  end: 'completed' | 'skipped' | 'not_completed' | null;
  /** The session's custom metadata with the view's own laid over it. */
  custom_metadata: { [key: string]: string };
  [key: string]: unknown;
}

/** How far clocks are ahead of UTC from a moment on. */
export interface ClockOffset {
  /** The moment, ms since the epoch; null for the first offset. */
  from_ms: number | null;
  /** How far, ms; below 0 west of Greenwich. */
  ahead_ms: number;
}

/** The concurrency over a range. */
export interface ConcurrencyResponse {
  /** Which sessions were counted; `from` and `to` as requested. */
  scope: ScopeResponse;
  /** The subject of the counts. */
  count: Counted;
  /** The activity that counted. */
  state: Doing;
  /** When the first point begins, RFC 3339 with the offset of the zone. */
  first_point: string;
  /** The length of a point, ms: 1000 or 60000. The points follow each other without a gap; the last is the one under way if the range goes on after the present. */
  step_ms: number;
  /** How many were there at the same time, at each point in order: of a minute, in its second with the most. */
  values: number[];
  /** The highest number that were there at the same time. */
  peak: Peak;
  /** The mean of all seconds, to six decimals; null without points. */
  average: number | null;
  /** How many were there at some time in each minute, whether or not at the same time; null by second, where it is the same. */
  present: PresentSeries | null;
  /** The breakdown of the counts; null without one. */
  by: string | null;
  /** The values with the highest peaks, the highest first; among equals those with more time, then in order of their texts. */
  series: ValueSeries[];
  /** All other values together; a visitor with several of them counts once. Null if there are none. */
  other: CountSeries | null;
  /** How many other values there are. */
  other_values: number;
}

/** The parts of a content in a retention curve. */
export type ContentStep = 'second' | 'percent';

/** Counts at each point. */
export interface CountSeries {
  /** How many were there at the same time, at each point in order: of a minute, in its second with the most. */
  values: number[];
  /** The highest number that were there at the same time. */
  peak: Peak;
  /** The mean of all seconds, to six decimals; null without points. */
  average: number | null;
  /** How many were there at some time in each minute, whether or not at the same time; null by second, where it is the same. */
  present: PresentSeries | null;
}

/** The subject of the counts. */
export type Counted = 'sessions' | 'visitors';

/** Where a report goes to. */
export type Destination = {
  folder: string;
} | {
  webhook: string;
};

/** A dimension. */
export interface DimensionEntry {
  name: string;
  aliases: string[];
  type: DimensionType;
  definition: string;
  facts: Fact[];
  can_break_down: boolean;
  is_list: boolean;
  is_caseless: boolean;
  /** The dimension that names its values, such as `content_name` those of `content_id`; null if none does. */
  named_by: string | null;
  /** Whether live numbers and lists of sessions can be filtered by it: a text that `sessionStart` gives. */
  filters_open_sessions: boolean;
}

/** The type of a dimension's values. */
export type DimensionType = 'text' | 'boolean' | 'integer' | 'number' | 'time';

/** The activity for which a session counts. */
export type Doing = 'active' | 'playing';

/** What an event did. */
export interface Effect {
  /** The time that it brought to account. */
  attributed?: Attributed[];
  /** Columns of the session's row that changed, with their values before and after; without the lists of spans, which `attributed` tells. */
  changes?: { [key: string]: ChangedColumn };
  /** Playback, ad break, ad and chapter after it. */
  state: EffectState;
}

/** Playback, ad break, ad and chapter after an event. */
export interface EffectState {
  playback: string;
  ad_break: boolean;
  ad: boolean;
  chapter: boolean;
  /** The reason for which the session closed; `null` while it is open. */
  closed: string | null;
}

/** A request that was refused. */
export interface Error {
  message: string;
  /** All faults of an invalid request. */
  errors?: Fault[];
}

/** Errors of one player or version. */
export interface ErrorRate {
  /** The player or version; null for sessions without one. */
  value: string | null;
  /** Its sessions. */
  sessions: number;
  /** Its sessions with an error. */
  error_sessions: number;
  /** The share of these. */
  error_rate: number | null;
}

/** An error. */
export interface ErrorRow {
  /** Its id; null if the player sent none. */
  error_id: string | null;
  /** player, external, or what else the player wrote. */
  source: string;
  /** When it happened, by the device's clock, corrected where that is wrong. */
  at: string;
  /** Its playhead, seconds, as sent. */
  playhead: number;
  [key: string]: unknown;
}

/** One error. */
export interface ErrorShare {
  /** The error's id; null for errors that came without one. */
  error_id: string | null;
  /** `player`, `external`, or what else the player wrote. */
  source: string;
  /** How often it came. */
  errors: number;
  /** Sessions with this error. */
  sessions: number;
  /** Their share of all sessions. */
  error_rate: number | null;
}

/** An accepted event of a session. */
export interface Event {
  /** Its place in the journal. */
  sequence: number;
  /** Its type. */
  event_type: string;
  /** Its timestamp, as the device's clock said. */
  ts: string;
  /** The time at which it counts where the device's clock is wrong, or would if it took effect now; absent where that is `ts`. */
  effective_ts?: string;
  /** `effective_ts` less `ts`, ms; absent with it. */
  clock_offset_ms?: number;
  /** Its playhead, seconds. */
  playhead: number;
  /** When it arrived, by the server's clock. */
  received_at: string;
  /** What became of it. */
  status: EventStatus;
  /** What it did; `null` while it waits, when it was ignored, and when the session's first events are no longer kept. */
  effect: Effect | null;
  /** The event as it was sent. */
  body: { [key: string]: unknown };
}

export interface EventReference {
  sequence: number;
  event_type: string;
}

/** What became of an accepted event. */
export type EventStatus = 'processed' | 'waiting' | 'ignored' | 'unknown';

/** Some of a session's events. */
export interface Events {
  /** In the order in which they took effect, then those that wait. */
  events: Event[];
  /** Where the next page begins; `None` when there is none. */
  next_cursor: string | null;
}

export interface ExcludeSession {
  /** Why no report is to count the session: one line of at most 400 bytes. */
  reason: string;
}

/** The exclusion of a session, as the report API shows it. */
export interface Exclusion {
  /** The session. */
  session_id: string;
  /** Why no report counts it, as the operator wrote it. */
  reason: string;
  /** Since when, by the server's clock. */
  excluded_at: string;
  /** When the session started, by the device's clock. */
  started_at: string;
  /** When its last event happened, by the device's clock; null if more may come. */
  ended_at: string | null;
}

/** All exclusions, as the report API lists them. */
export interface Exclusions {
  /** The exclusions, the latest first. */
  exclusions: Exclusion[];
}

/** A change of a value. */
export interface ExplainedChange {
  at: string;
  /** `None` when time changed the value: the session closed without an event. */
  sequence: number | null;
  /** The event's type; without an event, why the session closed. */
  event_type: string;
  before: unknown;
  after: unknown;
}

export interface ExplainedInterval {
  from: string;
  to: string;
  seconds: number;
  playback: string;
  ad: number | null;
  chapter: number | null;
  opened_by: EventReference;
  closed_by: EventReference;
}

/** What the metrics of a session are made of. */
export interface Explanation {
  session_id: string;
  /** By column, in the order of the row. */
  metrics: { [key: string]: Metric };
  /** The time played of each of its ads, in the order of their rows. */
  ads: ViewTime[];
  /** The time played of each of its chapters, in the order of their rows. */
  chapters: ViewTime[];
}

/** The table over which a metric is counted. */
export type Fact = 'sessions' | 'ads' | 'chapters' | 'errors';

/** A fault of a request. */
export interface Fault {
  /** A JSON path, or the name of a parameter. */
  path: string;
  message: string;
}

/** The refused requests. */
export interface Faults {
  faults: Refusal[];
}

/** The form of a file. */
export type FileFormat = 'csv' | 'png';

export type Filter = {
  dimension: string;
  operator: '=' | '!=' | 'in' | 'not in' | 'contains' | 'exists' | '>' | '>=' | '<' | '<=';
  value?: string | number | boolean;
  values?: (string | number | boolean)[];
} | {
  and: Filter[];
} | {
  or: Filter[];
};

/** A funnel. */
export interface FunnelResponse {
  /** Which sessions were counted. */
  scope: ScopeResponse;
  /** The steps of all of them, in order. */
  steps: FunnelStep[];
  /** The breakdown of the steps; null without one. */
  by: string | null;
  /** The values with the most media starts, the most first; among equals in order of their texts. */
  values: ValueFunnel[];
  /** The steps of all other values together; null if there are none. */
  other: FunnelStep[] | null;
  /** How many other values there are. */
  other_values: number;
  /** Why a step has more sessions than the one before it; null if none has. */
  note: string | null;
}

/** One step. */
export interface FunnelStep {
  /** Its name, which is that of its metric. */
  step: string;
  /** How many sessions reached it. */
  count: number;
  /** Their share of the first step; null if that is 0. */
  share_of_first: number | null;
  /** Their share of the step before; null for the first step, or if the step before is 0. */
  share_of_previous: number | null;
}

/** The step of a series. */
export type Granularity = 'none' | 'minute' | 'hour' | 'day' | 'week' | 'month';

/** Something kept, as the report API shows it to a holder of a token. */
export interface KeptAnnotation {
  /** Its id, which never changes. */
  id: string;
  /** The name of the token with which it was made. */
  owner: string;
  /** 1 when it is made, and one more with each change. A change names the version that it is made to. */
  version: number;
  /** When it was made, by the server's clock. */
  created_at: string;
  /** When it was last changed. */
  changed_at: string;
  /** Whether the token of this request may change or remove it. */
  can_change: boolean;
  /** When it happened, or began. */
  at: string;
  /** When it ended; null for a moment. */
  to: string | null;
  /** What it is about. */
  kind: AnnotationKind;
  /** What happened, in one line. */
  text: string;
  /** The report suite that it concerns; null for all. */
  report_suite: string | null;
}

/** Something kept, as the report API shows it to a holder of a token. */
export interface KeptBoard {
  /** Its id, which never changes. */
  id: string;
  /** The name of the token with which it was made. */
  owner: string;
  /** 1 when it is made, and one more with each change. A change names the version that it is made to. */
  version: number;
  /** When it was made, by the server's clock. */
  created_at: string;
  /** When it was last changed. */
  changed_at: string;
  /** Whether the token of this request may change or remove it. */
  can_change: boolean;
  /** Its name. */
  name: string;
  /** Whether all tokens see it, or only its owner and the admin token. */
  is_shared: boolean;
  /** Its panels, from the top down. */
  panels: BoardPanel[];
}

/** Something kept, as the report API shows it to a holder of a token. */
export interface KeptBoardEntry {
  /** Its id, which never changes. */
  id: string;
  /** The name of the token with which it was made. */
  owner: string;
  /** 1 when it is made, and one more with each change. A change names the version that it is made to. */
  version: number;
  /** When it was made, by the server's clock. */
  created_at: string;
  /** When it was last changed. */
  changed_at: string;
  /** Whether the token of this request may change or remove it. */
  can_change: boolean;
  /** Its name. */
  name: string;
  /** Whether all tokens see it, or only its owner and the admin token. */
  is_shared: boolean;
  /** How many panels it has. */
  panel_count: number;
}

/** Something kept, as the report API shows it to a holder of a token. */
export interface KeptView {
  /** Its id, which never changes. */
  id: string;
  /** The name of the token with which it was made. */
  owner: string;
  /** 1 when it is made, and one more with each change. A change names the version that it is made to. */
  version: number;
  /** When it was made, by the server's clock. */
  created_at: string;
  /** When it was last changed. */
  changed_at: string;
  /** Whether the token of this request may change or remove it. */
  can_change: boolean;
  /** Its name. */
  name: string;
  /** Path and query of the page. */
  address: string;
  /** Whether all tokens see it, or only its owner and the admin token. */
  is_shared: boolean;
}

/** A sample as it is sent. */
export interface Live {
  at: string;
  server_started_at: string;
  counted_at: string;
  /** Sessions that are neither silent nor at the end of their content: as in column `active_spans`. */
  sessions_active: number;
  /** Of these, sessions that play content or an ad: as in columns `playing_spans` and `playing_until`. */
  sessions_playing: number;
  /** Of these, sessions that wait for data. */
  sessions_buffering: number;
  /** Sessions that have not come to the end of their content either, but whose players have sent nothing for three ping intervals: they count for nothing else here. */
  sessions_silent: number;
  /** Distinct visitors of the active sessions. */
  viewers_active: number;
  /** Distinct visitors of the playing ones. */
  viewers_playing: number;
  /** Distinct contents of the active sessions. */
  content_count: number;
  /** Those with the most active sessions. */
  content: LiveContent[];
  /** Sessions opened. */
  media_starts: number;
  /** Events accepted. */
  events: number;
  /** Of these, errors that players reported. */
  errors: number;
  /** Of these, events with which buffering begins. */
  buffer_events: number;
  /** Collection requests refused; null with filters, because what is refused belongs to no session. */
  refused: number | null;
}

/** One content of a count. */
export interface LiveContent {
  /** Its id. */
  content_id: string;
  /** Its name: of its sessions with one, that of the session that started last. */
  content_name: string | null;
  /** Its type. */
  content_type: string | null;
  /** Its active sessions. */
  sessions_active: number;
  /** Its playing sessions. */
  sessions_playing: number;
  /** Distinct visitors of its active sessions. */
  viewers_active: number;
}

/** The history as it is reported: columns of one length. */
export interface LiveHistory {
  at: string[];
  sessions_active: (number | null)[];
  sessions_playing: (number | null)[];
  sessions_buffering: (number | null)[];
  sessions_silent: (number | null)[];
  viewers_active: (number | null)[];
  viewers_playing: (number | null)[];
  media_starts: number[];
  events: number[];
  errors: number[];
  refused: (number | null)[];
  buffer_events: number[];
}

export interface Login {
  token: string;
}

/** The steps that were taken, in sentences. */
export interface Maintained {
  done: string[];
}

/** A key of custom metadata. */
export interface MetadataKey {
  /** The key. */
  key: string;
  /** Sessions that have it. */
  sessions: number;
}

/** The keys of custom metadata. */
export interface MetadataKeysResponse {
  /** The sessions that were looked at. */
  scope: ScopeResponse;
  /** The keys that the most sessions have, the most first; each is the dimension `custom.KEY`. */
  keys: MetadataKey[];
}

/** A metric: either the intervals that add up to its value, or the events that changed it. */
export interface Metric {
  value: unknown;
  unit: string;
  /** The intervals that add up to the value. */
  intervals?: ExplainedInterval[];
  /** The events that changed the value. */
  events?: ExplainedChange[];
}

/** A metric. */
export interface MetricEntry {
  name: string;
  aliases: string[];
  unit: Unit;
  type: 'integer' | 'number';
  definition: string;
  formula: string;
  source: string;
  facts: Fact[];
  /** Whether sessions can be filtered and ordered by it: its value in each session alone. */
  can_filter: boolean;
  /** Whether its values over parts of the sessions add up to that over all of them, as numbers of starts do and numbers of visitors do not. */
  adds_up: boolean;
  /** Whether it is 0, and not null, where nothing was counted. */
  is_zero_without_rows: boolean;
  is_exact: boolean;
}

/** A segment or an operator. */
export interface NamedEntry {
  name: string;
  definition: string;
}

export interface NewAnnotation {
  /** When it happened, or began. */
  at: string;
  /** When it ended; absent for a moment. */
  to?: string | null;
  kind?: 'release' | 'outage' | 'other';
  /** What happened: one line of at most 400 bytes. */
  text: string;
  /** The report suite that it concerns; absent for all. */
  report_suite?: string | null;
}

export interface NewBoard {
  /** One line of at most 200 bytes. */
  name: string;
  /** Whether all tokens see it, or only its owner and the admin token. */
  is_shared?: boolean;
  /** From the top down. */
  panels?: {
    /** One line of at most 200 bytes. */
    title: string;
    kind: 'series' | 'breakdown' | 'concurrency' | 'quality' | 'side_by_side';
    /** What POST /query (series, breakdown, side_by_side), GET /concurrency or GET /quality takes, without from, to and time_zone; of side_by_side also a and b, each with a name and filters; at most 4096 bytes as JSON. */
    parameters?: { [key: string]: unknown };
  }[];
}

export interface NewSchedule {
  /** One line of at most 200 bytes. */
  name: string;
  report: {
    kind: 'query' | 'series' | 'breakdown' | 'concurrency' | 'quality';
    /** What POST /query takes, without from, to and time_zone; at most 4096 bytes as JSON. Of a panel, as a board has it. */
    parameters?: { [key: string]: unknown };
  };
  /** The range when the schedule is due: whole days or hours before, today up to that moment, the last week or month. */
  range: string;
  /** An IANA time zone; that of reports that name none (`--time-zone`) when it is missing. */
  time_zone?: string | null;
  when: {
    every: 'hour';
    minute: number;
  } | {
    every: 'day';
    /** The time of day. */
    at: string;
  } | {
    every: 'week';
    weekday: 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';
    /** The time of day. */
    at: string;
  } | {
    every: 'month';
    /** The last day of a month that has fewer. */
    day: number;
    /** The time of day. */
    at: string;
  };
  format: 'csv' | 'png';
  to: {
    /** A folder below the operator's directory for reports, which is `.` itself; at most 200 bytes and 4 parts. */
    folder: string;
  } | {
    /** A URL at one of the origins that the operator allows; at most 2048 bytes. */
    webhook: string;
  };
  /** Whether it is kept without being sent. */
  is_paused?: boolean;
}

export interface NewView {
  /** One line of at most 200 bytes. */
  name: string;
  /** Path and query of a page of the dashboard, at most 4096 bytes. */
  address: string;
  /** Whether all tokens see it, or only its owner and the admin token. */
  is_shared?: boolean;
}

/** One ad. */
export interface OneAd {
  /** Its id; null for the ads of one name that came without an id. */
  ad_id: string | null;
  /** Its name: of an ad with an id, the one that players gave last; null if none gave one. */
  ad_name: string | null;
  /** Other names that players gave to it, the latest first; at most 5. */
  also_known_as: string[];
  /** How many other names it has. */
  also_known_as_count: number;
  /** Ads started. */
  ad_starts: number;
  /** Ads played to their end. */
  ad_completes: number;
  /** Ads skipped. */
  ad_skips: number;
  /** Ads cut short by a later event. */
  ads_not_completed: number;
  /** Ads that are playing now, of open sessions. */
  ads_open: number;
  /** Completes as a share of starts; null without starts. */
  ad_completion_rate: number | null;
  /** Seconds for which ads played. */
  ad_time_spent: number;
}

/** The ads that a list leaves out. */
export interface OtherAdNumbers {
  /** How many positions, ads, advertisers or campaigns there are besides those of the list. */
  values: number;
  /** Ads started. */
  ad_starts: number;
  /** Ads played to their end. */
  ad_completes: number;
  /** Ads skipped. */
  ad_skips: number;
  /** Ads cut short by a later event. */
  ads_not_completed: number;
  /** Ads that are playing now, of open sessions. */
  ads_open: number;
  /** Completes as a share of starts; null without starts. */
  ad_completion_rate: number | null;
  /** Seconds for which ads played. */
  ad_time_spent: number;
}

/** The numbers of those that each list of the ads panel leaves out; null for a list that has all. */
export interface OtherAds {
  /** Of `by_position`. */
  by_position: OtherAdNumbers | null;
  /** Of `by_ad`. */
  by_ad: OtherAdNumbers | null;
  /** Of `by_advertiser`. */
  by_advertiser: OtherAdNumbers | null;
  /** Of `by_campaign`. */
  by_campaign: OtherAdNumbers | null;
  /** Of `breaks`. */
  breaks: OtherBreaks | null;
}

/** The buckets of bitrates that the list leaves out. */
export interface OtherBitrates {
  /** How many there are. */
  values: number;
  /** Their sessions. */
  sessions: number;
  /** Seconds for which content played in them. */
  content_time_spent: number;
}

/** The breaks that the list leaves out. */
export interface OtherBreaks {
  /** How many places of breaks there are besides those of the list. */
  values: number;
  /** Their viewers, added up: a session counts at each place. */
  viewers: number;
  /** Viewers that were lost in the last ad of one of them. */
  lost_in_ad: number;
  /** Viewers that were lost after the last ad of one of them. */
  lost_after_ad: number;
  /** Lost viewers as a share of all viewers. */
  loss_rate: number | null;
}

/** The errors of the players or versions that the list leaves out. */
export interface OtherErrorRates {
  /** How many there are. */
  values: number;
  /** Their sessions. */
  sessions: number;
  /** Their sessions with an error. */
  error_sessions: number;
  /** The share of these. */
  error_rate: number | null;
}

/** The errors that the list leaves out. Sessions may have several of them, so they are not added up. */
export interface OtherErrors {
  /** How many there are, by source and id. */
  values: number;
  /** How often they came. */
  errors: number;
}

/** The numbers of those that each list of the quality panel leaves out; null for a list that has all. */
export interface OtherQuality {
  /** Of `bitrates`. */
  bitrates: OtherBitrates | null;
  /** Of `errors_by_id`. */
  errors_by_id: OtherErrors | null;
  /** Of `errors_by_player`. */
  errors_by_player: OtherErrorRates | null;
  /** Of `errors_by_app_version`. */
  errors_by_app_version: OtherErrorRates | null;
}

/** What a panel shows. */
export type PanelKind = 'series' | 'breakdown' | 'concurrency' | 'quality' | 'side_by_side';

/** The highest count of a series. */
export interface Peak {
  /** The count. */
  value: number;
  /** When the first second, or the first minute of `present`, with that count begins; null if nobody was there. */
  at: string | null;
}

/** The ads of one position. */
export interface PositionAds {
  /** The position of the break in the content. */
  pod_position: number | null;
  /** The position of the ad in the break. */
  ad_pod_position: number | null;
  /** Ads started. */
  ad_starts: number;
  /** Ads played to their end. */
  ad_completes: number;
  /** Ads skipped. */
  ad_skips: number;
  /** Ads cut short by a later event. */
  ads_not_completed: number;
  /** Ads that are playing now, of open sessions. */
  ads_open: number;
  /** Completes as a share of starts; null without starts. */
  ad_completion_rate: number | null;
  /** Seconds for which ads played. */
  ad_time_spent: number;
}

/** How many were there at some time in each minute. */
export interface PresentSeries {
  /** The count of each minute, in order, each session or visitor once. */
  values: number[];
  /** The highest of them. */
  peak: Peak;
  /** Their mean, to six decimals; null without points. */
  average: number | null;
}

/** The numbers of one bucket of time. */
export interface QualityPoint {
  /** When the bucket begins, RFC 3339 with the offset of the zone. */
  from: string;
  /** Whether it holds moments outside the range, or that have not come yet. */
  is_partial: boolean;
  /** Sessions. */
  sessions: number;
  /** Seconds for which content played. */
  content_time_spent: number;
  /** Time to start, over the sessions that report it. */
  time_to_start_ms: StartQuantiles;
  /** Seconds for which players waited for data. */
  total_buffer_duration: number;
  /** Buffer duration as a share of buffer duration plus content time spent; null if both are 0. */
  rebuffer_ratio: number | null;
  /** Seconds for which playback stood still. */
  total_stall_duration: number;
  /** Stall duration as a share of stall duration plus content time spent; null if both are 0. */
  stall_ratio: number | null;
  /** Errors. */
  error_events: number;
  /** Sessions with an error. */
  error_sessions: number;
  /** Their share of all sessions; null without sessions. */
  error_rate: number | null;
  /** Sessions that closed without content start, with an error. Sessions that a release before these columns counted are in neither this nor the next number. */
  start_failures: number;
  /** Sessions that closed without content start and without an error. */
  exits_before_start: number;
  /** The mean of the scores of those sessions that have one, from 0 to 100, to one decimal; null if none has. */
  qoe_score: number | null;
  /** Frames dropped, as last reported by each session. */
  dropped_frames: number;
  /** Sessions that dropped a frame. */
  dropped_frame_impacted_streams: number;
}

/** The quality of playback. */
export interface QualityResponse {
  /** Which sessions were counted. */
  scope: ScopeResponse;
  /** Sessions. */
  sessions: number;
  /** Seconds for which content played. */
  content_time_spent: number;
  /** Time to start, over the sessions that report it. */
  time_to_start_ms: StartQuantiles;
  /** Seconds for which players waited for data. */
  total_buffer_duration: number;
  /** Buffer duration as a share of buffer duration plus content time spent; null if both are 0. */
  rebuffer_ratio: number | null;
  /** Seconds for which playback stood still. */
  total_stall_duration: number;
  /** Stall duration as a share of stall duration plus content time spent; null if both are 0. */
  stall_ratio: number | null;
  /** Errors. */
  error_events: number;
  /** Sessions with an error. */
  error_sessions: number;
  /** Their share of all sessions; null without sessions. */
  error_rate: number | null;
  /** Sessions that closed without content start, with an error. Sessions that a release before these columns counted are in neither this nor the next number. */
  start_failures: number;
  /** Sessions that closed without content start and without an error. */
  exits_before_start: number;
  /** The mean of the scores of those sessions that have one, from 0 to 100, to one decimal; null if none has. */
  qoe_score: number | null;
  /** Frames dropped, as last reported by each session. */
  dropped_frames: number;
  /** Sessions that dropped a frame. */
  dropped_frame_impacted_streams: number;
  /** The numbers of each bucket of time, by the sessions' starts; empty without a series. */
  series: QualityPoint[];
  /** Sessions by average bitrate, from the lowest; sessions without a bitrate come last. If there are too many bitrates, those with the most sessions. */
  bitrates: BitrateShare[];
  /** Errors by source and id, from the table of errors, those in the most sessions first. A session with several errors is counted for each. */
  errors_by_id: ErrorShare[];
  /** Errors by player, those with the most sessions first. */
  errors_by_player: ErrorRate[];
  /** Errors by version of the app, those with the most sessions first. */
  errors_by_app_version: ErrorRate[];
  /** The numbers of those that each list leaves out. */
  other: OtherQuality;
}

/** A refused request with its status. */
export interface Refusal {
  /** The status of the response. */
  status: number;
  at: string;
  /** The reason; each front door has its own code for it. */
  reason: string;
  path: string;
  session_id: string | null;
  report_suite: string | null;
  message: string;
  errors: {
    path: string;
    message: string;
  }[];
  body: string;
  body_bytes: number;
  body_is_cut: boolean;
  user_agent: string | null;
  origin: string | null;
}

export interface ReportQuery {
  /** The earliest start of a session: RFC 3339, or a date in the time zone. */
  from?: string;
  /** Sessions that started before it. */
  to?: string;
  metrics: string[];
  dimensions?: string[];
  filters?: Filter[];
  /** A standard segment, by name. */
  segment?: string;
  granularity?: 'none' | 'minute' | 'hour' | 'day' | 'week' | 'month';
  /** An IANA time zone; the server's (`--time-zone`) when it is missing. */
  time_zone?: string;
  include_open?: boolean;
  /** Whether the latest name of each content and ad stands beside its id, and the other names in also_known_as. */
  names?: boolean;
  /** What rows are ordered by. */
  order_by?: unknown;
  /** The most rows. Without it, 1,000 as JSON and all of them as CSV or Parquet. */
  limit?: number;
}

/** The retention of a content. For a content without starts, all numbers are 0 or empty. */
export interface RetentionResponse {
  /** Which sessions were counted. */
  scope: ScopeResponse;
  /** The content. */
  content_id: string;
  /** All its sessions in scope by what their playheads count. Those of live content, and those whose playheads lie behind the length, have no positions in the content: they are not counted below. */
  timelines: TimelineCounts;
  /** Its length in most sessions, seconds; null if no session with positions has one. Without a length there are no percents. */
  content_length: number | null;
  /** The parts for which there are values. */
  by: ContentStep;
  /** Sessions with positions that began the content (`content_start`); only these are counted. */
  content_starts: number;
  /** The second (percent) of the first value, from 0. Without a length it is the first one watched. */
  first: number;
  /** How many sessions watched each second (percent). */
  watched: number[];
  /** Their share of the content starts. */
  share: number[];
  /** How often each second (percent) was watched once more, over all sessions. */
  rewatched: number[];
  /** Whether the content continues after the last second that a response may have. */
  is_cut: boolean;
}

/** The role of a login. */
export interface Role {
  /** What a token allows. */
  role: 'admin' | 'read';
}

/** The rows of a statement. */
export interface Rows {
  columns: {
    name: string;
    /** Its type in SQL. */
    type: string;
  }[];
  rows: SqlValue[][];
  /** Whether there are more rows than these. */
  is_truncated: boolean;
}

/** A run of a schedule. */
export interface Run {
  /** When it was due; the time of the request, if somebody asked for it. */
  due_at: string;
  /** Whether somebody asked for it. */
  is_by_request: boolean;
  /** When the last attempt began. */
  started_at: string;
  /** When the last attempt ended. */
  ended_at: string;
  /** How far it has come. */
  outcome: RunOutcome;
  /** How often it was tried. */
  attempts: number;
  /** When it is tried again, if it is. */
  next_attempt_at: string | null;
  /** The beginning of the range that it is about; null if there was none. */
  from: string | null;
  /** The end of the range, which is not part of it. */
  to: string | null;
  /** The file below the server's directory for reports, or the URL, that has the report. */
  place: string | null;
  /** The length of the report. */
  size_bytes: number | null;
  /** Why it was not sent. */
  fault: string | null;
  /** How many times that it was due before were missed, and are left out. */
  missed: number;
}

/** How far a run has come. */
export type RunOutcome = 'sent' | 'waiting' | 'failed';

/** Schedules of reports. */
export interface ScheduleList {
  /** All of them, the oldest first. */
  schedules: ScheduleState[];
  /** Whether the operator allows folders. */
  are_folders_allowed: boolean;
  /** Origins of the webhooks that the operator allows. */
  webhook_origins: string[];
}

/** A schedule with what became of it. */
export interface ScheduleState {
  /** Its id, which never changes. */
  id: string;
  /** The name of the token with which it was made. */
  owner: string;
  /** 1 when it is made, and one more with each change. A change names the version that it is made to. */
  version: number;
  /** When it was made, by the server's clock. */
  created_at: string;
  /** When it was last changed. */
  changed_at: string;
  /** Whether the token of this request may change or remove it. */
  can_change: boolean;
  /** Its name. */
  name: string;
  /** What is sent. */
  report: ScheduledReport;
  /** The range that it is about, when it is due: `today`, `yesterday`, `last_week`, `last_month`, `7d`, `24h`. */
  range: string;
  /** The time zone of the range and of the times; null for that of reports that name none (`--time-zone`). */
  time_zone: string | null;
  /** When it is sent. */
  when: When;
  /** As which file. */
  format: FileFormat;
  /** Where to. */
  to: Destination;
  /** Whether it is kept without being sent. */
  is_paused: boolean;
  /** The time zone in force: its own, or that of reports that name none. */
  zone_in_force: string;
  /** When it is due next; null if it is paused, or no server runs. */
  next_due_at: string | null;
  /** Whether it runs at this moment. */
  is_running: boolean;
  /** Its last runs, the latest first. */
  runs: Run[];
}

/** What is reported. */
export type ScheduledKind = 'query' | 'series' | 'breakdown' | 'concurrency' | 'quality';

/** A report: a query, or a panel as a board has it. */
export interface ScheduledReport {
  /** What it shows. */
  kind: ScheduledKind;
  /** The parameters of its query, without `from`, `to` and `time_zone`: these come from the schedule. */
  parameters: { [key: string]: unknown };
}

/** The sessions that a response covers. */
export interface ScopeResponse {
  /** From, inclusive, RFC 3339 with the offset of the zone; null where the range is open. */
  from: string | null;
  /** To, exclusive; null where the range is open. */
  to: string | null;
  /** The time zone. */
  time_zone: string;
  /** The standard segment. */
  segment: string;
  /** Whether sessions that may still change count. */
  include_open: boolean;
  /** Sessions in the range that are left out because an operator excluded them, whatever the filters. */
  excluded_sessions: number;
}

/** A session's row with those of its ads, chapters and errors. */
export type Session = SessionRow & {
  ads: AdRow[];
  chapters: ChapterRow[];
  errors: ErrorRow[];
  /** Only there if no report counts the session. */
  exclusion?: Exclusion;
};

/** A session's row; its columns are those of the table `sessions`. */
export interface SessionRow {
  /** The id in Location: 64 hexadecimal digits. */
  session_id: string;
  /** report suite: the tenant that owns the session (analytics.reportSuite) */
  report_suite: string | null;
  /** organisation id (visitor.marketingCloudOrgId) */
  org_id: string | null;
  /** Analytics host the player was configured with; kept as a label, never called (analytics.trackingServer) */
  tracking_server: string | null;
  /** custom visitor id (analytics.visitorId) */
  visitor_id: string | null;
  /** legacy analytics visitor id (analytics.aid) */
  analytics_id: string | null;
  /** viewer opted out of sharing with other solutions (analytics.optOutServerSideForwarding) */
  opt_out_forwarding: boolean | null;
  /** viewer opted out of federation to other customers (analytics.optOutShare) */
  opt_out_share: boolean | null;
  /** organisation-wide visitor id (ECID) (visitor.marketingCloudUserId) */
  marketing_cloud_user_id: string | null;
  /** map of id name to {id: string, authState: 0|1|2} (visitor.customerIDs) */
  customer_ids: unknown;
  /** id of one app on one device (appInstallationId) */
  app_installation_id: string | null;
  /** content id; must not be empty (media.id) */
  content_id: string | null;
  /** title (media.name) */
  content_name: string | null;
  /** content length, seconds; 0 when unknown (media.length) */
  content_length: number | null;
  /** vod, live, linear, ugc, dvod, song, podcast, audiobook, radio, aod or any other string; compared without case, and in lower case in rows (media.contentType) */
  content_type: string | null;
  /** video or audio; compared without case, and in lower case in rows (media.streamType) */
  stream_type: string | null;
  /** player (media.playerName) */
  player_name: string | null;
  /** distribution channel: site, app or property (media.channel) */
  channel: string | null;
  /** played from the device's storage (media.downloaded) */
  downloaded: boolean | null;
  /** version of the app or player (media.sdkVersion) */
  app_version: string | null;
  /** version of the tracking library (media.libraryVersion) */
  library_version: string | null;
  /** series (media.show) */
  show: string | null;
  /** season (media.season) */
  season: string | null;
  /** episode (media.episode) */
  episode: string | null;
  /** asset id (EIDR, TMS, in-house) (media.assetId) */
  asset_id: string | null;
  /** genre (media.genre) */
  genre: string | null;
  /** first aired on television (media.firstAirDate) */
  first_air_date: string | null;
  /** first aired on a digital platform (media.firstDigitalDate) */
  first_digital_date: string | null;
  /** content rating (media.rating) */
  rating: string | null;
  /** creator (media.originator) */
  originator: string | null;
  /** network (media.network) */
  network: string | null;
  /** 0 full episode, 1 preview, 2 clip, 3 other (media.showType) */
  show_type: string | null;
  /** type of ad loaded (media.adLoad) */
  ad_load: string | null;
  /** TV provider (media.pass.mvpd) */
  mvpd: string | null;
  /** authorised through the TV provider; "true" when set (media.pass.auth) */
  authorized: string | null;
  /** time of day of the broadcast (media.dayPart) */
  day_part: string | null;
  /** feed, such as West-HD (media.feed) */
  feed: string | null;
  /** format, such as HD (media.streamFormat) */
  stream_format: string | null;
  /** artist (media.artist) */
  artist: string | null;
  /** album (media.album) */
  album: string | null;
  /** record label (media.label) */
  label: string | null;
  /** author (media.author) */
  author: string | null;
  /** radio station (media.station) */
  station: string | null;
  /** publisher (media.publisher) */
  publisher: string | null;
  /** Custom metadata of sessionStart. */
  custom_metadata: { [key: string]: string };
  /** The door through which the session came: collection_v1, edge or downloaded. */
  source: string;
  /** When the session began, by the device's clock, corrected where that is wrong. */
  started_at: string;
  /** The latest time of a processed event, by the device's clock, corrected where that is wrong; where the session closes. */
  last_event_at: string;
  /** When sessionStart arrived, by the server's clock. */
  received_at: string;
  /** What was added to the timestamp of the last event for its time in this row: 0 unless the device's clock was wrong. Null for sessions that a release before this column counted. */
  clock_offset_ms: number | null;
  /** session_end, idle_10m, idle_playhead_30m or downloaded; null while open. */
  close_reason: string | null;
  /** Whether the session may still change. */
  is_open: boolean;
  /** Accepted events, sessionStart included, duplicates not. */
  event_count: number;
  /** What the events say about the player; see the list of diagnoses. */
  diagnoses: ('event_before_start' | 'late_event' | 'playhead_out_of_range' | 'playhead_frozen' | 'unknown_param' | 'missing_param' | 'ad_break_not_completed' | 'ad_not_completed' | 'ad_outside_break' | 'ad_not_started' | 'ad_break_not_started' | 'chapter_not_completed' | 'chapter_not_started' | 'state_not_started' | 'too_many_states' | 'session_too_large' | 'clock_wrong' | 'clock_step' | 'ts_in_seconds' | 'server_clock_stepped')[];
  /** The session is a new view, not the continuation of an earlier one. */
  media_start: boolean;
  /** The session continues an earlier one (media.resume). */
  content_resume: boolean;
  /** Content began: the first play outside an ad break, or the first interval of content time. */
  content_start: boolean;
  /** The end of the content was reached. */
  content_complete: boolean;
  /** The session closed without content start. */
  drop_before_start: boolean;
  /** The session closed without content start, and the player reported an error. Null for sessions that a release before this column counted. */
  start_failure: boolean;
  /** The session closed without content start and without an error: the viewer left before it. Null for sessions that a release before this column counted. */
  exit_before_start: boolean;
  /** Time during which content played. */
  content_time_spent: number;
  /** Time during which ads played. */
  ad_time_spent: number;
  /** Content time spent plus ad time spent. */
  media_time_spent: number;
  /** Length of the parts of the content that were watched, each counted once. */
  unique_time_played: number;
  /** Time during which playback was paused. */
  total_pause_duration: number;
  /** Time during which the player waited for data. */
  total_buffer_duration: number;
  /** Time during which playback should have gone on but the playhead stood still. */
  total_stall_duration: number;
  /** Pauses that began. */
  pause_events: number;
  /** Buffering phases. */
  buffer_events: number;
  /** Stalls that were found. */
  stall_events: number;
  /** Errors that the player reported. */
  error_events: number;
  /** Changes of the bitrate. */
  bitrate_changes: number;
  /** Ads that started. */
  ad_count: number;
  /** Ads that were completed. */
  ad_completes: number;
  /** Ads that were skipped. */
  ad_skips: number;
  /** Chapters that started. */
  chapter_count: number;
  /** Chapters that were completed. */
  chapter_completes: number;
  /** Chapters that were skipped. */
  chapter_skips: number;
  /** The playhead reached 10 % of the content. */
  progress_10: boolean;
  /** The playhead reached 25 % of the content. */
  progress_25: boolean;
  /** The playhead reached 50 % of the content. */
  progress_50: boolean;
  /** The playhead reached 75 % of the content. */
  progress_75: boolean;
  /** The playhead reached 95 % of the content. */
  progress_95: boolean;
  /** The range of playheads seen, in minutes, widened to five-minute bounds. */
  content_segment: string | null;
  /** Content time spent divided by content length, to four decimals; null without a length. */
  average_minute_audience: number | null;
  /** One for each started half hour of media time spent. */
  estimated_streams: number;
  /** Bitrate weighted by the time for which it played, in the player's unit. */
  average_bitrate: number | null;
  /** The hundred that the average bitrate falls into. */
  average_bitrate_bucket: string | null;
  /** Frames dropped, as last reported. */
  dropped_frames: number | null;
  /** Frame rate, as last reported. */
  frames_per_second: number | null;
  /** Milliseconds from the request to play to the first frame, the last value above 0. */
  time_to_start_ms: number | null;
  /** Quality of experience, from 0 to 100: what waiting for the start, waiting afterwards and errors leave of 100; 0 for a start failure. Null if content has not started otherwise, and for sessions that a release before this column counted. */
  qoe_score: number | null;
  /** Distinct error ids of the player, at most 20. */
  player_errors: string[];
  /** Distinct error ids from outside the player, at most 20. */
  external_errors: string[];
  /** Player states: how often each began and for how long it was open. */
  states: {
    name: string;
    count: number;
    time: number;
  }[];
  /** When the session was active (anything but after its end or while it was silent), by the device's clock, corrected where that is wrong. */
  active_spans: {
    from: string;
    to: string;
  }[];
  /** When content or an ad was playing, by the device's clock, corrected where that is wrong. */
  playing_spans: {
    from: string;
    to: string;
  }[];
  /** Until when the session counts as playing after its last event, because the player fell silent while it played: concurrency counts that, and no time spent does. Null if it ended, or did not play last. */
  playing_until: string | null;
  /** The parts of the content that were watched. */
  watched_spans: {
    from: number;
    to: number;
  }[];
  /** The parts of the content that the session watched again, in the order in which that happened; once for each time. */
  rewatched_spans: {
    from: number;
    to: number;
  }[];
  [key: string]: unknown;
}

/** One page of sessions. */
export interface Sessions {
  /** Session rows, the latest start first. */
  sessions: SessionRow[];
  /** The beginning of the next page; `null` on the last one. */
  next_cursor: string | null;
  /** How many sessions there are on all pages; `null` in a list by `from`, `to`, `report_suite`, `content_id`, `visitor_id`, `open`, `diagnosis`, `q` and filters of texts of the start alone, which is not counted. */
  total: number | null;
  /** Which sessions the list is about; `null` as for `total`. */
  scope: ScopeResponse | null;
}

export interface Sql {
  /** One statement that reads. */
  query: string;
}

/** A value in a statement's rows. */
export type SqlValue = string | number | boolean | null | SqlValue[] | { [key: string]: SqlValue };

/** Exact quantiles, interpolated between two values, to three decimals. Null if no session reports its time to start. */
export interface StartQuantiles {
  /** Sessions that report it. */
  sessions: number;
  /** Half of them took at most this long, ms. */
  p50: number | null;
  /** 90 % of them did. */
  p90: number | null;
  /** 95 % of them did. */
  p95: number | null;
  /** 99 % of them did. */
  p99: number | null;
}

/** Playing time in each bucket. */
export interface TimeSeries {
  /** Seconds played in each bucket, to the millisecond. */
  seconds: number[];
  /** Their sum, seconds. */
  total_seconds: number;
}

/** Playing time by the clock. */
export interface TimeSpentResponse {
  /** Which sessions were counted. */
  scope: ScopeResponse;
  /** The length of a bucket, minutes. */
  bucket_minutes: number;
  /** When each bucket begins, RFC 3339 with the offset of the zone. The first may begin before the range. */
  starts: string[];
  /** Of each bucket, whether it holds moments outside the range, or that have not come yet. Buckets that have not begun are left out. */
  is_partial: boolean[];
  /** Seconds played in each bucket, to the millisecond. */
  seconds: number[];
  /** Their sum, seconds. */
  total_seconds: number;
  /** The breakdown of the time; null without one. */
  by: string | null;
  /** The values with the most time, the most first; among equals in order of their texts. */
  series: ValueTimeSeries[];
  /** All other values together; null if there are none. */
  other: TimeSeries | null;
  /** How many other values there are. */
  other_values: number;
}

/** The sessions of a content by what their playheads count, as dimension `timeline` tells them apart. */
export interface TimelineCounts {
  /** Sessions whose playheads are seconds of the content, up to its length. */
  content: number;
  /** Sessions whose content has no length. */
  no_length: number;
  /** Sessions of live content, whose playheads are seconds of the day. */
  live: number;
  /** Sessions whose playheads all lie behind the length that they name. */
  beyond_length: number;
}

/** The unit of a metric. */
export type Unit = 'count' | 'seconds' | 'ms' | 'ratio' | 'bitrate' | 'frames' | 'frames_per_second' | 'viewers' | 'points';

/** The ads of one advertiser or campaign. */
export interface ValueAds {
  /** The advertiser or campaign; null for ads without one. */
  value: string | null;
  /** Ads started. */
  ad_starts: number;
  /** Ads played to their end. */
  ad_completes: number;
  /** Ads skipped. */
  ad_skips: number;
  /** Ads cut short by a later event. */
  ads_not_completed: number;
  /** Ads that are playing now, of open sessions. */
  ads_open: number;
  /** Completes as a share of starts; null without starts. */
  ad_completion_rate: number | null;
  /** Seconds for which ads played. */
  ad_time_spent: number;
}

/** The steps of one value of the breakdown. */
export interface ValueFunnel {
  /** The value as text; null for sessions without one. */
  value: string | null;
  /** The latest name of the value, as in `POST /query` with `names`; null without `names`, and for a value that has none. */
  name: string | null;
  /** Its other names, the latest first; at most 5. */
  also_known_as: string[];
  /** How many other names it has. */
  also_known_as_count: number;
  /** Its steps. */
  steps: FunnelStep[];
}

/** Counts of one value of the breakdown. */
export interface ValueSeries {
  /** The value as text; null for sessions without one. */
  value: string | null;
  /** The latest name of the value, as in `POST /query` with `names`; null without `names`, and for a value that has none. */
  name: string | null;
  /** Its other names, the latest first; at most 5. */
  also_known_as: string[];
  /** How many other names it has. */
  also_known_as_count: number;
  /** How many were there at the same time, at each point in order: of a minute, in its second with the most. */
  values: number[];
  /** The highest number that were there at the same time. */
  peak: Peak;
  /** The mean of all seconds, to six decimals; null without points. */
  average: number | null;
  /** How many were there at some time in each minute, whether or not at the same time; null by second, where it is the same. */
  present: PresentSeries | null;
}

/** Playing time of one value of the breakdown. */
export interface ValueTimeSeries {
  /** The value as text; null for sessions without one. */
  value: string | null;
  /** The latest name of the value, as in `POST /query` with `names`; null without `names`, and for a value that has none. */
  name: string | null;
  /** Its other names, the latest first; at most 5. */
  also_known_as: string[];
  /** How many other names it has. */
  also_known_as_count: number;
  /** Seconds played in each bucket, to the millisecond. */
  seconds: number[];
  /** Their sum, seconds. */
  total_seconds: number;
}

export interface ViewTime {
  time_played: Metric;
}

/** Views of the dashboard. */
export interface Views {
  /** Those that the token may see, the oldest first. */
  views: KeptView[];
}

/** A day of the week. */
export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';

/** When a schedule is due. A time that the clocks skip is due when they have skipped it; one that they show twice is due the first time. An hour that comes twice is two hours. */
export type When = {
  every: 'hour';
  /** The minute of the hour. */
  minute: number;
} | {
  every: 'day';
  /** The time of day, such as 06:00. */
  at: string;
} | {
  every: 'week';
  /** The day of the week. */
  weekday: Weekday;
  /** The time of day. */
  at: string;
} | {
  every: 'month';
  /** The day of the month; the last one of a month that has fewer. */
  day: number;
  /** The time of day. */
  at: string;
};

/** What got worse. */
export interface WorsenedResponse {
  /** The stretch. */
  scope: ScopeResponse;
  /** Where the stretch before begins, which ends where this one begins. */
  before_from: string;
  /** The metric by which a session is affected. */
  metric: string;
  /** A session is affected if the metric is above this in it. */
  above: number;
  /** All sessions of the stretch. */
  now: Affected;
  /** All sessions of the stretch before. */
  before: Affected;
  /** The values whose share of the affected sessions rose most, the largest rise first. */
  values: WorsenedValue[];
}

/** A value of a dimension. */
export interface WorsenedValue {
  /** The dimension. */
  dimension: string;
  /** The value; null for sessions without one. */
  value: string | null;
  /** The latest name of the value, as in `POST /query` with `names`; null without `names`, and for a value that has none. */
  name: string | null;
  /** Its other names, the latest first; at most 5. */
  also_known_as: string[];
  /** How many other names it has. */
  also_known_as_count: number;
  /** Its sessions in the stretch. */
  now: Affected;
  /** Its sessions in the stretch before. */
  before: Affected;
  /** Its share of the affected sessions of the stretch. */
  share: number;
  /** Its share of the affected sessions of the stretch before; if that had none, its share of all sessions there, and without sessions its share of those of the stretch. */
  share_before: number;
}

/** The clocks of a time zone. */
export interface ZoneClocks {
  /** Its name in the IANA database. */
  time_zone: string;
  /** The release of the database, such as 2026a. */
  time_zone_database: string;
  /** How far its clocks are ahead of UTC, in order of time, from 1970 to 2100. */
  offsets: ClockOffset[];
}

/** The JSON response of each call, by its path. */
export interface Responses {
  sessions: Sessions;
  'sessions/{sid}': Session;
  'sessions/{sid}/events': Events;
  'sessions/{sid}/explain': Explanation;
  exclusions: Exclusions;
  'sessions/{sid}/exclusion': Exclusion;
  views: Views;
  'views/{id}': KeptView;
  boards: Boards;
  'boards/{id}': KeptBoard;
  annotations: Annotations;
  'annotations/{id}': KeptAnnotation;
  schedules: ScheduleList;
  'schedules/{id}': ScheduleState;
  'schedules/{id}/run': Run;
  query: Answer;
  sql: Rows;
  concurrency: ConcurrencyResponse;
  audience: AudienceResponse;
  retention: RetentionResponse;
  funnel: FunnelResponse;
  'time-spent': TimeSpentResponse;
  quality: QualityResponse;
  'quality/worsened': WorsenedResponse;
  'metadata-keys': MetadataKeysResponse;
  ads: AdsResponse;
  catalogue: Catalogue;
  'time-zone': ZoneClocks;
  maintenance: Maintained;
  'openapi.json': { [key: string]: unknown };
  login: Role;
  access: Access;
  'live/history': LiveHistory;
  faults: Faults;
}
