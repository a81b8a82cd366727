import type { Catalogue } from '../../api/catalogue';
import { postJson } from '../../api/client';
import { columnIndex, numberOf, textOf, type Cell, type Filter, type FilterValue, type ReportQuery, type ReportResponse } from '../../api/query';
import type { TimePoint } from '../../charts/TimeSeriesChart';
import { canName } from '../breakdown/dimensions';
import { dimensionNamed } from '../scopeFilters';

/** Values that have a line of their own: with that of the others, as many as there are colours. */
export const LINES = 7;

/** Rows that a query returns at most. */
const MOST_ROWS = 100_000;

/** Bytes of a text that a filter takes; a longer value has no line, and counts among the others. */
const MOST_BYTES = 4_096;

type Granularity = 'minute' | 'hour' | 'day';

/** What lines are drawn of: one metric by one dimension, over what a query says beside these. */
export interface LinesQuery {
  metric: string;
  by: string;
  granularity: Granularity;
  base: Omit<ReportQuery, 'metrics' | 'dimensions'>;
  /** The same of the period that is compared with. */
  compared: Omit<ReportQuery, 'metrics' | 'dimensions'> | null;
}

export interface ValueLine {
  value: Cell;
  /** The latest name of a value that has names. */
  name: string | null;
  points: TimePoint[];
  /** Of the period that is compared with. */
  compared: TimePoint[];
}

export interface ValueLines {
  lines: ValueLine[];
  /** The metric by which the values have the most. */
  most: string;
  /** All other values together; null where there are none, or where they cannot be added up. */
  others: Pick<ValueLine, 'points' | 'compared'> | null;
  /** How many values have no line of their own. */
  otherValues: number;
  /** Why the others have no line: the metric does not add up, or a session has several of the values. */
  whyNoOthers: 'metric' | 'list' | null;
}

/**
 * Asks for the lines of the values with the most, and for that of all others where these add up. Of a share or a mean, the values
 * with the most sessions: the highest ones are those of very few.
 */
export async function fetchValueLines(asked: LinesQuery, catalogue: Catalogue, signal: AbortSignal): Promise<ValueLines> {
  const { metric, by, base } = asked;
  const ask = (body: ReportQuery) => postJson<ReportResponse>('/query', body, { signal });
  const entry = catalogue.metrics.find(({ name }) => name === metric);
  const most = entry?.is_zero_without_rows === true ? metric : 'sessions';
  const first = await ask({
    ...base,
    metrics: [most],
    dimensions: [by],
    ...(canName([by], catalogue) ? { names: true } : {}),
    order_by: [`-${most}`],
    limit: LINES,
  });
  const place = columnIndex(first, by);
  const isNamed = first.columns[place + 1]?.kind === 'name';
  const rows = first.rows.filter((row) => fitsFilter(row[place] ?? null));
  const values = rows.map((row) => row[place] ?? null);
  const otherValues = first.row_count_total - rows.length;
  const isList = dimensionNamed(catalogue, by)?.is_list === true;
  const whyNoOthers = otherValues === 0 ? null : isList ? 'list' : entry?.adds_up === true ? null : 'metric';
  const hasOthers = otherValues > 0 && whyNoOthers === null;
  const empty = entry?.is_zero_without_rows === true ? 0 : null;
  const linesOf = async (over: LinesQuery['base'] | null) => {
    if (over === null || values.length === 0) return null;
    const series = (filter: Filter | null, dimensions: string[]) =>
      ask({
        ...over,
        filters: [...(over.filters ?? []), ...(filter === null ? [] : [filter])],
        metrics: [metric],
        dimensions,
        granularity: asked.granularity,
        limit: MOST_ROWS,
      });
    const [ofValues, ofOthers] = await Promise.all([
      series(filterOfValues(by, values), [by]),
      hasOthers ? series(filterOfOthers(by, values), []) : null,
    ]);
    // A series without a dimension has all buckets, unless it has no rows at all.
    const whole = ofOthers !== null && ofOthers.rows.length > 0 ? ofOthers : await series(null, []);
    const buckets = bucketsOf([whole, ofValues]);
    return {
      points: values.map((value) => pointsOf(buckets, ofValues, metric, empty, (row) => row[columnIndex(ofValues, by)] === value)),
      others: ofOthers && pointsOf(buckets, ofOthers, metric, empty, () => true),
    };
  };
  const present = await linesOf(base);
  const former = await linesOf(asked.compared);
  return {
    lines: rows.map((row, index) => ({
      value: values[index] ?? null,
      name: isNamed ? textOf(row[place + 1]) : null,
      points: present?.points[index] ?? [],
      compared: former?.points[index] ?? [],
    })),
    others: present?.others ? { points: present.others, compared: former?.others ?? [] } : null,
    most,
    otherValues,
    whyNoOthers,
  };
}

/** Whether a filter takes a value. */
export function fitsFilter(value: Cell): boolean {
  return typeof value !== 'string' || new TextEncoder().encode(value).length <= MOST_BYTES;
}

/** The rows with one of some values; null are those without one. */
export function filterOfValues(dimension: string, values: readonly Cell[]): Filter {
  const known = values.filter((value): value is FilterValue => value !== null);
  const ofKnown: Filter[] = known.length === 0 ? [] : [{ dimension, operator: 'in', values: known }];
  const ofNone: Filter[] = known.length === values.length ? [] : [{ dimension, operator: 'exists', value: false }];
  return { or: [...ofKnown, ...ofNone] };
}

/** The rows with none of them. */
export function filterOfOthers(dimension: string, values: readonly Cell[]): Filter {
  const known = values.filter((value): value is FilterValue => value !== null);
  const notKnown: Filter[] = known.length === 0 ? [] : [{ dimension, operator: 'not in', values: known }];
  const notNone: Filter[] = known.length === values.length ? [] : [{ dimension, operator: 'exists', value: true }];
  return { and: [...notKnown, ...notNone] };
}

/** The buckets of some responses in order, each with whether it is counted only in part. */
function bucketsOf(answers: readonly ReportResponse[]): [string, boolean][] {
  const buckets = new Map<string, boolean>();
  for (const { rows, is_partial: isPartial } of answers) {
    rows.forEach(([time = null], place) => buckets.set(String(time), isPartial?.[place] ?? false));
  }
  return [...buckets].sort(([one], [other]) => Date.parse(one) - Date.parse(other));
}

/** A point for each bucket: of a part, those without rows are missing in the response. */
function pointsOf(
  buckets: readonly [string, boolean][],
  part: ReportResponse,
  metric: string,
  empty: number | null,
  isOfLine: (row: Cell[]) => boolean,
): TimePoint[] {
  const place = columnIndex(part, metric);
  const known = new Map(part.rows.filter(isOfLine).map((row) => [String(row[0]), numberOf(row[place])]));
  return buckets.map(([time, isPartial]) => ({
    at: Date.parse(time),
    value: known.has(time) ? (known.get(time) ?? null) : empty,
    isPartial,
  }));
}
