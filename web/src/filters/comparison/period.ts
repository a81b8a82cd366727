import { addDays, dateTimeIn, daysBetween, momentOf } from '../../time/zone';
import type { Comparison, Range } from '../scope';
import { timeRange, type TimeRange } from '../scopeRange';

/** Comparisons that move along with the range; a start of one's own does not. */
export const MOVING = ['previous', 'week', 'year'] as const;

/**
 * The period that a range is compared with: as many days of the zone, however long they are, and up to the same time of day
 * when the range is not over yet, so that like is compared with like. Of a range of times, the same times of other days; the
 * period before it is the same span before it.
 */
export function comparedPeriod(range: Range, comparison: Comparison, zone: string, nowMs: number): TimeRange {
  const { from, to } = timeRange(range, zone, nowMs);
  if (comparison === 'previous' && from.length > 10) {
    const [fromMs, toMs] = [momentOf(from, zone), momentOf(to, zone)];
    return { from: dateTimeIn(fromMs - (toMs - fromMs), zone), to: from };
  }
  const days = daysBetween(dateOf(from), startOf(from, to, comparison));
  const isUnderWay = momentOf(from, zone) <= nowMs && nowMs < momentOf(to, zone);
  return { from: laterBy(from, days), to: laterBy(isUnderWay ? dateTimeIn(nowMs, zone) : to, days) };
}

/** The day with which the other period begins. */
function startOf(from: string, to: string, comparison: Comparison): string {
  const date = dateOf(from);
  switch (comparison) {
    case 'previous':
      return addDays(date, -daysBetween(date, dateOf(to)));
    case 'week':
      return addDays(date, -7);
    case 'year':
      return yearBefore(date);
    default:
      return comparison.from;
  }
}

/** The same date a year before; of 29 February, the last day of that month. */
function yearBefore(date: string): string {
  const year = String(Number(date.slice(0, 4)) - 1).padStart(4, '0');
  return date.endsWith('-02-29') ? `${year}-02-28` : `${year}${date.slice(4)}`;
}

/**
 * Where a moment of another period is drawn over this one: at the same time of the same day, counted from the beginning of
 * each, so that a day with another number of hours moves nothing behind it. Periods that begin at different times of day are
 * laid over each other by their beginnings.
 */
export function drawnOver(other: TimeRange, present: TimeRange, zone: string): (at: number) => number {
  const shiftMs = momentOf(present.from, zone) - momentOf(other.from, zone);
  if (timeOf(other.from) !== timeOf(present.from)) return (at) => at + shiftMs;
  const days = daysBetween(dateOf(other.from), dateOf(present.from));
  return (at) => momentOf(laterBy(dateTimeIn(at, zone), days), zone);
}

function laterBy(moment: string, days: number): string {
  return `${addDays(dateOf(moment), days)}${moment.slice(10)}`;
}

const dateOf = (moment: string): string => moment.slice(0, 10);
const timeOf = (moment: string): string => moment.slice(11, 16) || '00:00';
