import { addDays, dateIn, dateTimeIn, momentOf, offsetMs } from '../time/zone';
import type { Range } from './scope';

/** A range as the API takes it: `to` is excluded, and times without an offset are meant in the time zone. */
export interface TimeRange {
  from: string;
  to: string;
}

/** The days, first and last, that a range is about. */
export function daysOf(range: Range, zone: string, nowMs: number): { first: string; last: string } {
  if (!('preset' in range)) return { first: range.from.slice(0, 10), last: range.to.slice(0, 10) };
  const today = dateIn(nowMs, zone);
  switch (range.preset) {
    case 'today':
      return { first: today, last: today };
    case 'yesterday':
      return { first: addDays(today, -1), last: addDays(today, -1) };
    case '7d':
      return { first: addDays(today, -6), last: today };
    case '30d':
      return { first: addDays(today, -29), last: today };
    case '90d':
      return { first: addDays(today, -89), last: today };
    case 'month':
      return { first: `${today.slice(0, 8)}01`, last: today };
  }
}

export function timeRange(range: Range, zone: string, nowMs: number): TimeRange {
  if (!('preset' in range) && range.from.length > 10) return { from: range.from, to: range.to };
  const { first, last } = daysOf(range, zone, nowMs);
  return { from: first, to: addDays(last, 1) };
}

/** The moments at which a range begins and ends, ms. */
export function momentsOf(range: TimeRange, zone: string): { fromMs: number; toMs: number } {
  return { fromMs: momentOf(range.from, zone), toMs: momentOf(range.to, zone) };
}

/** The length of buckets that gives a curve of a good number of points. */
export function granularityFor(range: TimeRange, zone: string): 'minute' | 'hour' | 'day' {
  const { fromMs, toMs } = momentsOf(range, zone);
  const hours = (toMs - fromMs) / 3_600_000;
  if (hours <= 6) return 'minute';
  return hours <= 96 ? 'hour' : 'day';
}

/**
 * The range between two moments, such as those that were marked in a chart, widened to whole minutes, hours or days:
 * those of the chart's buckets.
 */
export function rangeBetween(
  fromMs: number,
  toMs: number,
  zone: string,
  unit: 'minute' | 'hour' | 'day' = 'minute',
): Range {
  if (unit === 'day') return { from: dateIn(fromMs, zone), to: dateIn(Math.max(toMs - 1, fromMs), zone) };
  const unitMs = unit === 'hour' ? 3_600_000 : 60_000;
  // Clocks of zones are whole hours, half hours or quarters away from UTC.
  const shift = offsetMs(fromMs, zone) % unitMs;
  const from = Math.floor((fromMs + shift) / unitMs) * unitMs - shift;
  const to = Math.max(Math.ceil((toMs + shift) / unitMs) * unitMs - shift, from + unitMs);
  const [first, last] = [dateTimeIn(from, zone), dateTimeIn(to, zone)];
  const isWholeDays = first.endsWith('T00:00') && last.endsWith('T00:00');
  if (!isWholeDays) return { from: first, to: last };
  return { from: first.slice(0, 10), to: addDays(last.slice(0, 10), -1) };
}
