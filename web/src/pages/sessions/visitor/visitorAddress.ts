import type { Filter } from '../../../api/query';

const BASE = '/visitors/';

/** Bytes of the longest id that filters take. */
const MOST_ID_BYTES = 4_096;

/** Half of a character, which no escape can write. */
const HALF_CHARACTER = /\p{Surrogate}/u;

/** The columns that say who watched. The first that is not empty counts; a session without any is a visitor of its own. */
const ID_DIMENSIONS = ['marketing_cloud_user_id', 'visitor_id', 'app_installation_id', 'session_id'] as const;

/** The path of a visitor's page; null for ids that no address can hold. */
export function visitorPath(id: string): string | null {
  // Browsers take these for steps through folders, also when they are escaped.
  const isStep = id === '.' || id === '..';
  if (id === '' || isStep || HALF_CHARACTER.test(id) || new TextEncoder().encode(id).length > MOST_ID_BYTES) return null;
  return BASE + encodeURIComponent(id);
}

/** The id that a path names. The router's own parameter would turn `%2F` within an id into a slash. */
export function visitorOfPath(pathname: string): string {
  const segment = pathname.slice(BASE.length);
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Sessions of the visitors with this id, of whatever kind it is: the same as `visitor_id` of the list of sessions. */
export function visitorFilter(id: string): Filter {
  return {
    or: ID_DIMENSIONS.map((dimension, place) => ({
      and: [...ID_DIMENSIONS.slice(0, place).map(isEmpty), { dimension, operator: '=', value: id }],
    })),
  };
}

function isEmpty(dimension: string): Filter {
  return {
    or: [
      { dimension, operator: 'exists', value: false },
      { dimension, operator: '=', value: '' },
    ],
  };
}
