import type { ClockOffset } from '../api/schema';

/**
 * The clocks of zones by the server's database. A browser's own may be of another year: it would show a report's days
 * an hour off.
 */
const clocks = new Map<string, readonly ClockOffset[]>();

export function learnClocks(zone: string, offsets: readonly ClockOffset[]): void {
  clocks.set(zone, offsets);
}

/** How far the clocks of a zone are ahead of UTC at a moment, ms; null while the server has not said it. */
export function serverOffsetMs(ms: number, zone: string): number | null {
  const offsets = clocks.get(zone);
  if (!offsets) return null;
  let [first, last] = [0, offsets.length - 1];
  while (first < last) {
    const middle = Math.ceil((first + last) / 2);
    if ((offsets[middle]?.from_ms ?? Number.NEGATIVE_INFINITY) <= ms) first = middle;
    else last = middle - 1;
  }
  return offsets[first]?.ahead_ms ?? null;
}
