import { queryText } from '../filters/scopeAddress';

/**
 * The address of a view. The time zone is named also where it is the reader's own: another reader of the view, or the same
 * one elsewhere, sees the same days.
 */
export function viewAddress(pathname: string, search: string, zone: string): string {
  const pairs = [...new URLSearchParams(search)];
  if (!pairs.some(([name]) => name === 'tz')) pairs.push(['tz', zone]);
  return `${pathname.replace(/[^\w/%!$&'()*+,;=:@.~-]/g, encodeURIComponent)}${queryText(pairs)}`;
}
