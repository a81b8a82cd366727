/** The conditions of a search for sessions, besides the time range. */
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

/** The pairs for the address; null removes a key. */
export function writeSearch(search: SessionSearch): Record<string, string | null> {
  return Object.fromEntries(SEARCH_KEYS.map((key) => [key, search[key].trim() === '' ? null : search[key].trim()]));
}

export function isSearching(search: SessionSearch): boolean {
  return SEARCH_KEYS.some((key) => search[key] !== '');
}

/** The session id that a text is, if it is a complete one. */
export function completeId(text: string): string | null {
  const id = text.trim().toLowerCase();
  return /^[0-9a-f]{64}$/.test(id) ? id : null;
}
