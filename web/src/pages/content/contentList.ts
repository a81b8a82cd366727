import type { Filter } from '../../api/query';
import type { ScopeFilter } from '../../filters/scope';
import type { ReadyScope } from '../../filters/useScope';

export const LIST_METRICS = [
  'content_starts',
  'visitors',
  'content_time_spent',
  'average_content_time_spent',
  'content_completion_rate',
  'average_minute_audience',
] as const;

/** Those that mean something only up to a length. */
export const METRICS_OF_LENGTH: readonly string[] = ['content_completion_rate', 'average_minute_audience'];

export const FIRST_ROWS = 25;
export const MORE_ROWS = 50;
const MOST_ROWS = 1_000;
const MOST_SEARCHED = 200;
/** Contents that a search lists: a filter names each of them. */
export const MOST_FOUND = 500;

/** The state of the table of contents, as held in the address. */
export interface ListChoice {
  search: string;
  /** A column; with `-` before it the highest come first. */
  order: string;
  rows: number;
}

export function readListChoice(params: URLSearchParams): ListChoice {
  const order = params.get('order') ?? '';
  const isKnown = [...LIST_METRICS, 'content_name'].includes(order.replace(/^-/, ''));
  const rows = Number(params.get('rows'));
  return {
    search: (params.get('q') ?? '').trim().slice(0, MOST_SEARCHED),
    order: isKnown ? order : '-content_starts',
    rows: Number.isInteger(rows) && rows > FIRST_ROWS ? Math.min(rows, MOST_ROWS) : FIRST_ROWS,
  };
}

/** The search as a filter, by name or id. */
export function searchFilter(search: string): Filter | null {
  if (search === '') return null;
  return {
    or: ['content_name', 'content_id'].map((dimension) => ({ dimension, operator: 'contains', value: search })),
  };
}

/** The filter that keeps these contents. */
export function contentsFilter(ids: string[]): Filter {
  return { dimension: 'content_id', operator: 'in', values: ids };
}

/** The scope's filter that keeps one content alone. */
export function contentFilter(contentId: string): ScopeFilter {
  return { dimension: 'content_id', operator: 'in', values: [contentId] };
}

/** The scope narrowed down to one content. */
export function withContent(scope: ReadyScope, contentId: string): ReadyScope {
  return { ...scope, filters: [...scope.filters, contentsFilter([contentId])] };
}
