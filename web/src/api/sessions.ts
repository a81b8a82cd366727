export interface TimeSpan {
  from: string;
  to: string;
}

export interface ContentSpan {
  from: number;
  to: number;
}

export interface StateRow {
  name: string;
  count: number;
  time: number;
}

export interface AdRow {
  pod_name: string | null;
  pod_position: number | null;
  pod_offset: number | null;
  ad_id: string | null;
  ad_name: string | null;
  ad_length: number | null;
  ad_pod_position: number | null;
  ad_player_name: string | null;
  advertiser: string | null;
  campaign_id: string | null;
  creative_id: string | null;
  ad_started_at: string;
  time_played: number;
  end: 'completed' | 'skipped' | 'not_completed' | null;
  custom_metadata: Record<string, string> | null;
  [column: string]: unknown;
}

export interface ChapterRow {
  chapter_position: number | null;
  chapter_offset: number | null;
  chapter_length: number | null;
  chapter_name: string | null;
  chapter_started_at: string;
  time_played: number;
  end: 'completed' | 'skipped' | 'not_completed' | null;
  custom_metadata: Record<string, string> | null;
  [column: string]: unknown;
}

export interface ErrorRow {
  at: string;
  playhead: number | null;
  error_id: string | null;
  source: string | null;
  [column: string]: unknown;
}

/** A session's row: the columns that pages name, and all others of docs/rows.md. */
export interface SessionRow {
  session_id: string;
  report_suite: string | null;
  visitor_id: string | null;
  marketing_cloud_user_id: string | null;
  app_installation_id: string | null;
  content_id: string | null;
  content_name: string | null;
  content_length: number | null;
  content_type: string | null;
  stream_type: string | null;
  player_name: string | null;
  channel: string | null;
  app_version: string | null;
  custom_metadata: Record<string, string> | null;
  source: string;
  started_at: string;
  last_event_at: string;
  received_at: string;
  close_reason: string | null;
  is_open: boolean;
  event_count: number;
  diagnoses: string[];
  content_time_spent: number;
  ad_time_spent: number;
  media_time_spent: number;
  total_pause_duration: number;
  total_buffer_duration: number;
  total_stall_duration: number;
  error_events: number;
  average_bitrate: number | null;
  time_to_start_ms: number | null;
  player_errors: string[];
  external_errors: string[];
  states: StateRow[];
  active_spans: TimeSpan[];
  playing_spans: TimeSpan[];
  watched_spans: ContentSpan[];
  rewatched_spans: ContentSpan[];
  [column: string]: unknown;
}

export interface SessionDetail extends SessionRow {
  ads: AdRow[];
  chapters: ChapterRow[];
  errors: ErrorRow[];
}

export interface SessionsAnswer {
  sessions: SessionRow[];
  next_cursor: string | null;
}

export interface SessionsParams {
  from?: string | undefined;
  to?: string | undefined;
  report_suite?: string | undefined;
  content_id?: string | undefined;
  visitor_id?: string | undefined;
  open?: boolean | undefined;
  diagnosis?: string | undefined;
  q?: string | undefined;
  limit?: number | undefined;
}

export interface AttributedTime {
  from: string;
  to: string;
  seconds: number;
  account: string | null;
  playback?: string;
  opened_by?: number;
  ad?: number | null;
  chapter?: number | null;
  moved_from?: string;
}

export interface EventEffect {
  attributed?: AttributedTime[];
  changes?: Record<string, { from: unknown; to: unknown }>;
  state: { playback: string; ad_break: boolean; ad: boolean; chapter: boolean; closed: string | null };
}

/** The event as the player sent it. */
export interface EventBody {
  playerTime: { playhead: number; ts: number };
  eventType: string;
  params?: Record<string, unknown> | null;
  qoeData?: Record<string, unknown> | null;
  customMetadata?: Record<string, unknown> | null;
}

export interface SessionEvent {
  sequence: number;
  event_type: string;
  ts: string;
  playhead: number;
  received_at: string;
  status: 'processed' | 'waiting' | 'ignored' | 'unknown';
  effect: EventEffect | null;
  body: EventBody;
}

export interface EventsAnswer {
  events: SessionEvent[];
  next_cursor: string | null;
}

export interface EventReference {
  sequence: number;
  event_type: string;
}

export interface ExplainedInterval {
  from: string;
  to: string;
  seconds: number;
  playback: string;
  ad: number | null;
  chapter: number | null;
  opened_by: EventReference | null;
  closed_by: EventReference | null;
}

export interface ExplainedEvent extends EventReference {
  at: string;
  before: unknown;
  after: unknown;
}

export interface ExplainedMetric {
  value: unknown;
  unit: string;
  intervals?: ExplainedInterval[];
  events?: ExplainedEvent[];
}

export interface ExplainAnswer {
  session_id: string;
  metrics: Record<string, ExplainedMetric>;
}
