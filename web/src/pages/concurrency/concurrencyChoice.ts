import type { Catalogue, DimensionEntry, DimensionType } from '../../api/catalogue';
import type { Scope, ScopeFilter } from '../../filters/scope';
import { momentsOf, rangeBetween, type TimeRange } from '../../filters/scopeRange';
import { dimensionNamed } from '../../filters/scopeFilters';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Limits of the API: points of a series, and values of all series of a response together. */
const MOST_API_POINTS = 604_800;
const MOST_API_VALUES = 4_000_000;

/** Values that have a line of their own: with the line of all, as many as there are colours. */
export const LINES = 7;

/** What the reader chose on the page; held in the address. */
export interface ConcurrencyChoice {
  count: 'sessions' | 'visitors';
  state: 'active' | 'playing';
  granularity: 'minute' | 'second';
  /** The dimension with a line for each value; null for one line of all. */
  by: string | null;
}

export function readChoice(params: URLSearchParams, catalogue: Catalogue): ConcurrencyChoice {
  const by = params.get('by');
  return {
    count: params.get('count') === 'visitors' ? 'visitors' : 'sessions',
    state: params.get('state') === 'playing' ? 'playing' : 'active',
    granularity: params.get('granularity') === 'second' ? 'second' : 'minute',
    by: by !== null && breaksDown(dimensionNamed(catalogue, by)) ? by : null,
  };
}

/** Whether a session has one value of it, so that lines of values can be drawn beside each other. */
function breaksDown(entry: DimensionEntry | null): boolean {
  return entry !== null && entry.can_break_down && !entry.is_list && entry.facts.includes('sessions');
}

/** The longest range that the API counts with these choices, ms. */
export function mostMs({ granularity, by }: Pick<ConcurrencyChoice, 'granularity' | 'by'>): number {
  // Those of the values, of all others and of all; by minute each comes with who was there at some time in the minute.
  const series = (by === null ? 1 : LINES + 2) * (granularity === 'second' ? 1 : 2);
  const points = Math.min(MOST_API_POINTS, Math.floor(MOST_API_VALUES / series));
  return points * (granularity === 'second' ? SECOND_MS : MINUTE_MS);
}

/** Whole days of that range, as it is told to the reader. */
export function mostDays(choice: Pick<ConcurrencyChoice, 'granularity' | 'by'>): number {
  return Math.floor(mostMs(choice) / DAY_MS);
}

/** The filter for one value of a breakdown; panels give values as texts, whatever the type of the dimension. */
export function valueFilter(dimension: string, type: DimensionType, value: string | null): ScopeFilter {
  if (value === null) return { dimension, operator: 'exists', values: [false] };
  const isNumber = (type === 'integer' || type === 'number') && value !== '' && Number.isFinite(Number(value));
  const typed = type === 'boolean' ? value === 'true' : isNumber ? Number(value) : value;
  return { dimension, operator: type === 'boolean' ? '=' : 'in', values: [typed] };
}

/** The second of the peak, as a range. */
export function secondOf(peakAt: string): TimeRange {
  return { from: peakAt, to: new Date(Date.parse(peakAt) + SECOND_MS).toISOString() };
}

/** How far back the sessions of a moment are looked for. */
export const SESSION_DAYS = 7;

/**
 * The scope of the sessions that were under way in the second of a peak. A list of sessions is of those that started in its
 * range, and those of a peak may have started before the range that the peak was looked for in.
 */
export function scopeOfPeak(scope: Scope, peakAt: string): Pick<Scope, 'range' | 'filters'> {
  const atMs = Date.parse(peakAt);
  const next = new Date(atMs + SECOND_MS).toISOString();
  const underWay: ScopeFilter[] = [
    { dimension: 'started_at', operator: '<', values: [next] },
    { dimension: 'last_event_at', operator: '>=', values: [new Date(atMs).toISOString()] },
  ];
  return {
    range: rangeBetween(atMs - SESSION_DAYS * DAY_MS, atMs + SECOND_MS, scope.timeZone, 'minute'),
    filters: [...scope.filters, ...underWay],
  };
}

export const BUCKETS = ['5', '15', '30', '60'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** Buckets that the API counts in one response. */
const MOST_BUCKETS = 10_000;
/** Bars that are still told apart; with more, longer buckets are taken unless the reader asks for others. */
const USUAL_BARS = 300;

/** The buckets that the API can count a range in, the shortest first, and the one that is shown. */
export function bucketsFor(
  range: TimeRange,
  zone: string,
  asked: string | null,
): { fitting: Bucket[]; shown: Bucket | null } {
  const { fromMs, toMs } = momentsOf(range, zone);
  const count = (bucket: Bucket) => (toMs - fromMs) / (Number(bucket) * MINUTE_MS);
  const fitting = BUCKETS.filter((bucket) => count(bucket) <= MOST_BUCKETS);
  const usual = fitting.find((bucket) => count(bucket) <= USUAL_BARS) ?? fitting.at(-1) ?? null;
  return { fitting, shown: fitting.find((bucket) => bucket === asked) ?? usual };
}

/** Days that are counted in the longest buckets. */
export const MOST_BUCKET_DAYS = Math.floor((MOST_BUCKETS * 60 * MINUTE_MS) / DAY_MS);
