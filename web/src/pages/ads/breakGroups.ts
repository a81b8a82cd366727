import type { BreakNumbers } from '../../api/panels';

export type BreakOrder = 'offset' | 'position';

/** Breaks that are drawn as one: those at one place, in one stretch of the content, or at one position. */
export interface BreakGroup {
  key: string;
  /** The stretch of the content, seconds; null when the breaks do not say where they are. */
  from: number | null;
  to: number | null;
  position: number | null;
  viewers: number;
  lost: number;
}

const MOST_GROUPS = 14;
const STEPS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

export function lostIn({ lost_in_ad: inAd, lost_after_ad: afterAd }: BreakNumbers): number {
  return inAd + afterAd;
}

/**
 * Breaks in the order of the content. Where they begin at more places than can be drawn, those of a stretch are added
 * up; breaks at the very start stay apart, since most viewers see them.
 */
export function breaksByOffset(breaks: readonly BreakNumbers[]): BreakGroup[] {
  const offsets = new Set(breaks.map(({ pod_offset: offset }) => offset));
  const last = Math.max(0, ...breaks.map(({ pod_offset: offset }) => offset ?? 0));
  const isFew = offsets.size <= MOST_GROUPS;
  const step = STEPS.find((seconds) => last / seconds < MOST_GROUPS - 2) ?? last;
  return added(breaks, ({ pod_offset: offset }) => {
    if (offset === null) return { key: 'none', from: null, to: null, position: null };
    if (isFew || offset < 1) return { key: `at ${offset < 1 ? 0 : offset}`, from: offset, to: offset, position: null };
    const from = Math.floor(offset / step) * step;
    return { key: `from ${from}`, from, to: from + step, position: null };
  }).sort((one, other) => {
    const byStart = (one.from ?? Number.POSITIVE_INFINITY) - (other.from ?? Number.POSITIVE_INFINITY);
    // The very start comes before the stretch that begins there.
    return byStart || (one.to ?? 0) - (other.to ?? 0) || 0;
  });
}

/** Breaks by their position: the first, the second and so on of a content. */
export function breaksByPosition(breaks: readonly BreakNumbers[]): BreakGroup[] {
  return added(breaks, ({ pod_position: position }) => ({ key: String(position), from: null, to: null, position })).sort(
    (one, other) => (one.position ?? Number.MAX_VALUE) - (other.position ?? Number.MAX_VALUE),
  );
}

function added(
  breaks: readonly BreakNumbers[],
  groupOf: (one: BreakNumbers) => Omit<BreakGroup, 'viewers' | 'lost'>,
): BreakGroup[] {
  const groups = new Map<string, BreakGroup>();
  for (const one of breaks) {
    const place = groupOf(one);
    const group = groups.get(place.key) ?? { ...place, viewers: 0, lost: 0 };
    group.viewers += one.viewers;
    group.lost += lostIn(one);
    groups.set(place.key, group);
  }
  return [...groups.values()];
}
