/** The sessions that a response covers. */
export interface ScopeAnswer {
  from: string | null;
  to: string | null;
  time_zone: string;
  segment: string;
  include_open: boolean;
}

export interface CountSeries {
  values: number[];
  peak: { value: number; at: string | null };
  average: number | null;
}

export interface ConcurrencyAnswer extends CountSeries {
  scope: ScopeAnswer;
  count: 'sessions' | 'visitors';
  state: 'active' | 'playing';
  first_point: string;
  step_ms: number;
  by: string | null;
  series: (CountSeries & { value: string | null })[];
  other: CountSeries | null;
}

export interface AudienceAnswer {
  scope: ScopeAnswer;
  content_id: string;
  content_length: number | null;
  sessions: number;
  content_time_spent: number;
  average_minute_audience: number | null;
  first_minute: number;
  audience: number[];
  is_cut: boolean;
}

export interface RetentionAnswer {
  scope: ScopeAnswer;
  content_id: string;
  content_length: number | null;
  by: 'second' | 'percent';
  content_starts: number;
  first: number;
  watched: number[];
  share: number[];
  rewatched: number[];
  is_cut: boolean;
}

export type FunnelStepName =
  | 'media_starts'
  | 'content_starts'
  | 'progress_10'
  | 'progress_25'
  | 'progress_50'
  | 'progress_75'
  | 'progress_95'
  | 'content_completes';

export interface FunnelStep {
  step: FunnelStepName;
  count: number;
  share_of_first: number | null;
  share_of_previous: number | null;
}

export interface FunnelAnswer {
  scope: ScopeAnswer;
  steps: FunnelStep[];
  by: string | null;
  values: { value: string | null; steps: FunnelStep[] }[];
  other: FunnelStep[] | null;
}

export interface TimeSeries {
  seconds: number[];
  total_seconds: number;
}

export interface TimeSpentAnswer extends TimeSeries {
  scope: ScopeAnswer;
  bucket_minutes: number;
  starts: string[];
  by: string | null;
  series: (TimeSeries & { value: string | null })[];
  other: TimeSeries | null;
}

export interface QualityNumbers {
  sessions: number;
  content_time_spent: number;
  time_to_start_ms: {
    sessions: number;
    p50: number | null;
    p90: number | null;
    p95: number | null;
    p99: number | null;
  };
  total_buffer_duration: number;
  rebuffer_ratio: number | null;
  total_stall_duration: number;
  stall_ratio: number | null;
  error_events: number;
  error_sessions: number;
  error_rate: number | null;
  dropped_frames: number;
  dropped_frame_impacted_streams: number;
}

export interface ErrorRate {
  value: string | null;
  sessions: number;
  error_sessions: number;
  error_rate: number | null;
}

export interface QualityAnswer extends QualityNumbers {
  scope: ScopeAnswer;
  series: (QualityNumbers & { from: string })[];
  bitrates: {
    average_bitrate_bucket: string | null;
    sessions: number;
    share: number | null;
    content_time_spent: number;
  }[];
  errors_by_id: {
    error_id: string | null;
    source: 'player' | 'external' | null;
    sessions: number;
    error_rate: number | null;
  }[];
  errors_by_player: ErrorRate[];
  errors_by_app_version: ErrorRate[];
}

export interface AdNumbers {
  ad_starts: number;
  ad_completes: number;
  ad_skips: number;
  ads_not_completed: number;
  ads_open: number;
  ad_completion_rate: number | null;
  ad_time_spent: number;
}

export interface BreakNumbers {
  pod_position: number | null;
  pod_offset: number | null;
  viewers: number;
  lost_in_ad: number;
  lost_after_ad: number;
  loss_rate: number | null;
}

export interface AdsAnswer extends AdNumbers {
  scope: ScopeAnswer;
  by_position: (AdNumbers & { pod_position: number | null; ad_pod_position: number | null })[];
  by_ad: (AdNumbers & { ad_id: string | null; ad_name: string | null })[];
  by_advertiser: (AdNumbers & { value: string | null })[];
  by_campaign: (AdNumbers & { value: string | null })[];
  breaks: BreakNumbers[] | null;
}

/** Each panel's name in its address, with its response. */
export interface Panels {
  concurrency: ConcurrencyAnswer;
  audience: AudienceAnswer;
  retention: RetentionAnswer;
  funnel: FunnelAnswer;
  'time-spent': TimeSpentAnswer;
  quality: QualityAnswer;
  ads: AdsAnswer;
}
