import { momentsOf, type TimeRange } from '../../filters/scopeRange';
import { dateTimeIn } from '../../time/zone';

const MINUTE_MS = 60_000;

/** The API counts at most this many minutes in one response. */
export const MOST_DAYS = 420;
const MOST_MS = MOST_DAYS * 24 * 60 * MINUTE_MS;

/**
 * The range of the query, without the future, which has no audience and would lower the average. Null when
 * it is longer than the API counts: `mostMs`, by minute and without a breakdown unless the caller says otherwise.
 */
export function concurrencyRange(range: TimeRange, zone: string, nowMs: number, mostMs = MOST_MS): TimeRange | null {
  const { fromMs, toMs } = momentsOf(range, zone);
  const isUnderWay = fromMs < nowMs - MINUTE_MS && nowMs < toMs;
  const endMs = isUnderWay ? nowMs : toMs;
  if (endMs - fromMs > mostMs) return null;
  return isUnderWay ? { from: range.from, to: dateTimeIn(nowMs, zone) } : range;
}

/** Round numbers of minutes that points of long ranges stand for. */
export const MINUTE_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360] as const;
