import type { QualityAnswer } from '../../api/panels';

/** Sessions by average bitrate, in ranges wide enough to be drawn. */
export interface BitrateBins {
  bins: { from: number; to: number; sessions: number; isOpenEnded: boolean }[];
  /** Sessions that say no bitrate. */
  withoutBitrate: number;
}

const MOST_BINS = 18;
/** Few sessions with far higher bitrates than all others come into one bin at the end. */
const SHARE_IN_SCALE = 0.98;

/** Where a bucket such as `3200-3299` begins and ends; it may begin below 0. */
function endsOf(bucket: string): { from: number; to: number } | null {
  const match = /^(-?\d+)-(-?\d+)$/.exec(bucket);
  return match ? { from: Number(match[1]), to: Number(match[2]) + 1 } : null;
}

export function bitrateBins(bitrates: QualityAnswer['bitrates']): BitrateBins {
  let withoutBitrate = 0;
  const buckets: { from: number; to: number; sessions: number }[] = [];
  for (const { average_bitrate_bucket: bucket, sessions } of bitrates) {
    const ends = bucket === null ? null : endsOf(bucket);
    if (ends) buckets.push({ ...ends, sessions });
    else withoutBitrate += sessions;
  }
  buckets.sort((one, other) => one.from - other.from);
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (!first || !last) return { bins: [], withoutBitrate };

  const usual = Math.max(usualEnd(buckets), first.to);
  const end = last.to > usual * 1.5 ? usual : last.to;
  const step = roundStep((end - first.from) / MOST_BINS);
  const start = Math.floor(first.from / step) * step;
  const count = Math.max(1, Math.ceil((end - start) / step));
  const bins = Array.from({ length: count }, (_, place) => ({
    from: start + place * step,
    to: start + (place + 1) * step,
    sessions: 0,
    isOpenEnded: false,
  }));
  let beyond = 0;
  for (const { from, sessions } of buckets) {
    const bin = bins[Math.floor((from - start) / step)];
    if (bin) bin.sessions += sessions;
    else beyond += sessions;
  }
  const to = start + count * step;
  if (beyond > 0) bins.push({ from: to, to: last.to, sessions: beyond, isOpenEnded: true });
  return { bins, withoutBitrate };
}

function usualEnd(buckets: readonly { to: number; sessions: number }[]): number {
  const all = buckets.reduce((sum, { sessions }) => sum + sessions, 0);
  let seen = 0;
  for (const { to, sessions } of buckets) {
    seen += sessions;
    if (seen >= all * SHARE_IN_SCALE) return to;
  }
  return buckets.at(-1)?.to ?? 0;
}

/** The next of 1, 2, 5 times a power of ten, and never finer than the buckets are. */
function roundStep(least: number): number {
  const wanted = Math.max(least, 100);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5].find((part) => part * power >= wanted) ?? 10) * power;
}
