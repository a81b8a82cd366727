import type { ApiError } from '../api/client';

/** What is wrong with what was sent, in the server's words; null if nothing is. */
export function faultOf(error: ApiError | null): string | null {
  if (error === null) return null;
  const faults = error.errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return faults.length === 0 ? error.message : faults.join('; ');
}
