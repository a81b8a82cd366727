import type { ExplainedMetric } from '../../../api/sessions';

/** What the intervals of a metric come to. */
export interface IntervalSum {
  /** Whole milliseconds: sums of seconds would drift. */
  totalMs: number;
  /** Whether it is the metric's value. */
  isValue: boolean;
}

export function sumOfIntervals({ value, intervals = [] }: ExplainedMetric): IntervalSum {
  const totalMs = intervals.reduce((sum, { seconds }) => sum + Math.round(seconds * 1000), 0);
  return { totalMs, isValue: typeof value === 'number' && Math.round(value * 1000) === totalMs };
}

export interface Highlight {
  spans: { fromMs: number; toMs: number }[];
  sequences: ReadonlySet<number>;
}

/** What a metric is made of, as the lanes show it: spans that touch become one. */
export function highlightOf({ intervals = [], events = [] }: ExplainedMetric): Highlight {
  const spans: Highlight['spans'] = [];
  const sorted = intervals
    .map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }))
    .sort((one, other) => one.fromMs - other.fromMs);
  for (const span of sorted) {
    const last = spans.at(-1);
    if (last && span.fromMs <= last.toMs) last.toMs = Math.max(last.toMs, span.toMs);
    else spans.push(span);
  }
  return { spans, sequences: new Set(events.map(({ sequence }) => sequence)) };
}

export type MetricGroup = 'time' | 'content' | 'playback' | 'views' | 'other';

const GROUPS: [MetricGroup, readonly string[]][] = [
  [
    'time',
    [
      'content_time_spent',
      'ad_time_spent',
      'media_time_spent',
      'unique_time_played',
      'total_pause_duration',
      'total_buffer_duration',
      'total_stall_duration',
    ],
  ],
  [
    'content',
    [
      'media_start',
      'content_resume',
      'content_start',
      'content_complete',
      'drop_before_start',
      'progress_10',
      'progress_25',
      'progress_50',
      'progress_75',
      'progress_95',
      'content_segment',
      'average_minute_audience',
      'estimated_streams',
    ],
  ],
  [
    'playback',
    [
      'pause_events',
      'buffer_events',
      'stall_events',
      'error_events',
      'bitrate_changes',
      'time_to_start_ms',
      'average_bitrate',
      'average_bitrate_bucket',
      'dropped_frames',
      'frames_per_second',
      'player_errors',
      'external_errors',
    ],
  ],
  [
    'views',
    ['ad_count', 'ad_completes', 'ad_skips', 'chapter_count', 'chapter_completes', 'chapter_skips', 'states'],
  ],
];

/** All metrics of a session in groups; those that are explained but stand in no group come last. */
export function metricGroups(explained: readonly string[]): { group: MetricGroup; names: string[] }[] {
  const known = new Set(GROUPS.flatMap(([, names]) => names));
  const others = explained.filter((name) => !known.has(name));
  const groups = GROUPS.map(([group, names]) => ({ group, names: [...names] }));
  return others.length === 0 ? groups : [...groups, { group: 'other', names: others }];
}
