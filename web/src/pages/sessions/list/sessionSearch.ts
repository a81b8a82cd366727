import type { ScopeFilter } from '../../../filters/scope';

/** What sessions are searched by, beside the range of time. */
export interface SessionSearch {
  q: string;
  visitor: string;
  content: string;
  suite: string;
  diagnosis: string;
  /** `open`, `closed`, or empty for both. */
  state: '' | 'open' | 'closed';
}

export const SEARCH_KEYS = ['q', 'visitor', 'content', 'suite', 'diagnosis', 'state'] as const;
export const NO_SEARCH: SessionSearch = { q: '', visitor: '', content: '', suite: '', diagnosis: '', state: '' };

/** Filters of other pages that this search can express, by the dimension that they are about. */
const BY_DIMENSION: Record<string, 'visitor' | 'content' | 'suite' | 'diagnosis'> = {
  visitor_id: 'visitor',
  content_id: 'content',
  report_suite: 'suite',
  diagnoses: 'diagnosis',
};

export function readSearch(params: URLSearchParams): SessionSearch {
  const text = (key: string) => params.get(key) ?? '';
  const state = text('state');
  return {
    q: text('q'),
    visitor: text('visitor'),
    content: text('content'),
    suite: text('suite'),
    diagnosis: text('diagnosis'),
    state: state === 'open' || state === 'closed' ? state : '',
  };
}

/** What stands in the address: null removes a key. */
export function writeSearch(search: SessionSearch): Record<string, string | null> {
  return Object.fromEntries(SEARCH_KEYS.map((key) => [key, search[key].trim() === '' ? null : search[key].trim()]));
}

export function isSearching(search: SessionSearch): boolean {
  return SEARCH_KEYS.some((key) => search[key] !== '');
}

/** The search with what the scope's filters ask for, and the filters that it cannot express. */
export function withFilters(
  search: SessionSearch,
  filters: readonly ScopeFilter[],
): { search: SessionSearch; ignored: ScopeFilter[] } {
  const found = { ...search };
  const ignored: ScopeFilter[] = [];
  for (const filter of filters) {
    const key = BY_DIMENSION[filter.dimension];
    const [value] = filter.values;
    const isOne = (filter.operator === '=' || filter.operator === 'in') && filter.values.length === 1;
    if (!key || !isOne || typeof value !== 'string' || (found[key] !== '' && found[key] !== value)) ignored.push(filter);
    else found[key] = value;
  }
  return { search: found, ignored };
}

/** The session id that a text is, if it is a complete one. */
export function completeId(text: string): string | null {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{64}$/.test(id) ? id : null;
}
