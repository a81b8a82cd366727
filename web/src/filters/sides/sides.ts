import type { Catalogue } from '../../api/catalogue';
import { postJson } from '../../api/client';
import { columnIndex, numberOf, textOf, type Cell, type Filter, type ReportQuery, type ReportResponse } from '../../api/query';
import { canName } from '../breakdown/dimensions';
import { filterOfValues, fitsFilter } from '../lines/valueLines';
import type { ScopeFilter } from '../scope';
import { decodeFilter, encodeFilter } from '../scopeAddress';
import { apiFilter, splitByFact } from '../scopeFilters';
import type { ReadyScope } from '../useScope';

/** The two sets of sessions that stand side by side, by the names of their parameters in the address. */
export const SIDES = ['a', 'b'] as const;
export type SideName = (typeof SIDES)[number];

export interface Side {
  name: SideName;
  /** Its own filters, as the address has them. */
  filters: ScopeFilter[];
  /** Those of them that sessions do not have. */
  ignored: ScopeFilter[];
  /** The scope of the page narrowed down to it. */
  scope: ReadyScope;
}

/** Filters of a side, as many as the address of a page may have. */
const MOST_FILTERS = 50;
const MOST_ROWS = 100_000;

export function readSide(name: SideName, params: URLSearchParams, scope: ReadyScope, catalogue: Catalogue): Side {
  const filters = params.getAll(name).slice(0, MOST_FILTERS).map(decodeFilter).filter((filter) => filter !== null);
  const { applied, ignored } = splitByFact(filters, 'sessions', catalogue);
  return { name, filters, ignored, scope: { ...scope, filters: [...scope.filters, ...applied.map(apiFilter)] } };
}

/** The filters of a side that sessions have. */
export function appliedFilters({ filters, ignored }: Pick<Side, 'filters' | 'ignored'>): ScopeFilter[] {
  return filters.filter((filter) => !ignored.includes(filter));
}

/** The filters of a side as the values of its parameter. */
export function sideParams(filters: readonly ScopeFilter[]): string[] {
  return filters.map(encodeFilter);
}

/** What is asked of both sides: one metric by one dimension. */
export interface SidesQuery {
  metric: string;
  by: string;
  rows: number;
  base: Omit<ReportQuery, 'metrics' | 'dimensions' | 'filters'>;
  /** The filters of the page alone, and with those of each side. */
  filters: Record<'page' | SideName, Filter[]>;
}

export interface SidesRow {
  value: Cell;
  /** The latest name of a value that has names. */
  name: string | null;
  a: number | null;
  b: number | null;
}

export interface SidesRows {
  rows: SidesRow[];
  /** How many values there are on the two sides together. */
  count: number;
}

/** The values with the most on the two sides together, each with its number on both. */
export async function fetchSides(asked: SidesQuery, catalogue: Catalogue, signal?: AbortSignal): Promise<SidesRows> {
  const first = await askBoth(asked, catalogue, signal);
  const place = columnIndex(first, asked.by);
  const rows = first.rows.filter((row) => fitsFilter(row[place] ?? null));
  const only = rows.length === 0 ? [] : [filterOfValues(asked.by, rows.map((row) => row[place] ?? null))];
  return joined(asked, catalogue, first, rows, only, signal);
}

/** The same of all values, for a file. */
export async function fetchAllSides(asked: SidesQuery, catalogue: Catalogue): Promise<SidesRow[]> {
  const first = await askBoth(asked, catalogue);
  return (await joined(asked, catalogue, first, first.rows, [])).rows;
}

/** The values in order: by the metric, or by sessions where the highest values are those of very few. */
function askBoth({ metric, by, rows, base, filters }: SidesQuery, catalogue: Catalogue, signal?: AbortSignal) {
  const entry = catalogue.metrics.find(({ name }) => name === metric);
  const most = entry?.is_zero_without_rows === true ? metric : 'sessions';
  const own = SIDES.map((side) => filters[side].slice(filters.page.length));
  // A side without filters of its own has all sessions.
  const either: Filter[] = own.some((side) => side.length === 0) ? [] : [{ or: own.map((side) => ({ and: side })) }];
  const body: ReportQuery = {
    ...base,
    filters: [...filters.page, ...either],
    metrics: [most],
    dimensions: [by],
    ...(canName([by], catalogue) ? { names: true } : {}),
    order_by: [`-${most}`],
    limit: rows,
  };
  return postJson<ReportResponse>('/query', body, signal ? { signal } : {});
}

async function joined(
  { metric, by, base, filters }: SidesQuery,
  catalogue: Catalogue,
  first: ReportResponse,
  rows: readonly Cell[][],
  only: Filter[],
  signal?: AbortSignal,
): Promise<SidesRows> {
  const empty = catalogue.metrics.find(({ name }) => name === metric)?.is_zero_without_rows === true ? 0 : null;
  const valuesOf = async (side: SideName) => {
    const body = { ...base, filters: [...filters[side], ...only], metrics: [metric], dimensions: [by], limit: MOST_ROWS };
    const answer = await postJson<ReportResponse>('/query', body, signal ? { signal } : {});
    return new Map(answer.rows.map(([value = null, number]) => [value, numberOf(number)]));
  };
  const [a, b] = await Promise.all([valuesOf('a'), valuesOf('b')]);
  const place = columnIndex(first, by);
  const isNamed = first.columns[place + 1]?.kind === 'name';
  const numberIn = (side: Map<Cell, number | null>, value: Cell) => (side.has(value) ? (side.get(value) ?? null) : empty);
  return {
    rows: rows.map((row) => {
      const value = row[place] ?? null;
      return { value, name: isNamed ? textOf(row[place + 1]) : null, a: numberIn(a, value), b: numberIn(b, value) };
    }),
    count: first.row_count_total,
  };
}
