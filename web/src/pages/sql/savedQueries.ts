export interface SavedQuery {
  name: string;
  sql: string;
}

const KEY = 'playhead.sql.saved';
const MOST = 200;
const LONGEST_NAME = 120;
/** Longer addresses are cut or refused on their way. */
export const LONGEST_LINK = 6_000;

/** The stored list; entries that are not queries are left out. */
export function parseSaved(text: string | null): SavedQuery[] {
  if (text === null) return [];
  try {
    const stored: unknown = JSON.parse(text);
    if (!Array.isArray(stored)) return [];
    return stored.filter(
      (item): item is SavedQuery =>
        typeof (item as SavedQuery | null)?.name === 'string' && typeof (item as SavedQuery).sql === 'string',
    );
  } catch {
    return [];
  }
}

/** The list with a query, first; one of the same name is replaced. */
export function withSaved(list: readonly SavedQuery[], query: SavedQuery): SavedQuery[] {
  const name = query.name.trim().slice(0, LONGEST_NAME);
  return [{ name, sql: query.sql }, ...list.filter((other) => other.name !== name)].slice(0, MOST);
}

export function loadSaved(): SavedQuery[] {
  try {
    return parseSaved(localStorage.getItem(KEY));
  } catch {
    return [];
  }
}

/** Whether the browser took it. */
export function storeSaved(list: readonly SavedQuery[]): boolean {
  try {
    localStorage.setItem(KEY, JSON.stringify(list));
    return true;
  } catch {
    return false;
  }
}

/** The address of a query; null when it would be too long. */
export function linkOf(sql: string, name?: string): string | null {
  const params = new URLSearchParams(name ? { q: sql, name } : { q: sql });
  const path = `/sql?${params.toString()}`;
  return path.length > LONGEST_LINK ? null : path;
}
