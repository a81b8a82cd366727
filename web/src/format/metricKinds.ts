/** Ratios that are no shares of a whole, so percents would mislead. */
const PLAIN_RATIOS = new Set(['ads_per_stream', 'chapters_per_stream', 'errors_per_stream']);

export function isPlainRatio(metric: string | undefined): boolean {
  return metric !== undefined && PLAIN_RATIOS.has(metric);
}

/** Whether it is good when a metric rises. */
export type Sense = 'good' | 'bad' | 'neutral';

const BAD_PARTS = ['buffer', 'stall', 'error', 'errors', 'drop', 'drops', 'dropped', 'skip', 'skips', 'failure', 'failures', 'exit', 'exits'];
const BAD_NAMES = new Set(['time_to_start_ms', 'time_to_start_rate', 'pause_rate']);
const NEUTRAL_STARTS = ['pause', 'bitrate_change', 'event_count', 'open_sessions'];

/** Whether a rise of a metric is good or bad, for the colour of changes. */
export function senseOf(metric: string): Sense {
  const parts = metric.split('_');
  if (BAD_NAMES.has(metric) || metric.startsWith('time_to_start')) return 'bad';
  if (NEUTRAL_STARTS.some((part) => metric.startsWith(part))) return 'neutral';
  if (parts.some((part) => BAD_PARTS.includes(part)) || metric === 'rebuffer_ratio') return 'bad';
  return 'good';
}

/** The change from one value to another as a share of the first; null where there is none to speak of. */
export function changeOf(value: number | null | undefined, before: number | null | undefined): number | null {
  if (typeof value !== 'number' || typeof before !== 'number' || before === 0) return null;
  return (value - before) / Math.abs(before);
}
