import { describe, expect, it } from 'vitest';
import { bitrateBins } from './bitrateBins';

const bucket = (average_bitrate_bucket: string | null, sessions: number) => ({
  average_bitrate_bucket,
  sessions,
  share: null,
  content_time_spent: 0,
});

describe('bitrateBins', () => {
  it('keeps sessions without a bitrate apart', () => {
    expect(bitrateBins([bucket(null, 7)])).toEqual({ bins: [], withoutBitrate: 7 });
  });

  it('widens buckets to a number that can be drawn, and loses no session', () => {
    const { bins } = bitrateBins(Array.from({ length: 90 }, (_, place) => bucket(`${place * 100}-${place * 100 + 99}`, 2)));
    expect(bins.length).toBe(18);
    expect(bins.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(180);
    expect(bins[0]).toEqual({ from: 0, to: 500, sessions: 10, isOpenEnded: false });
  });

  it('puts a few far away ones into a last bin', () => {
    const { bins } = bitrateBins([bucket('400-499', 500), bucket('900-999', 500), bucket('5000000-5000099', 1)]);
    expect(bins.at(-1)).toMatchObject({ sessions: 1, isOpenEnded: true });
    expect(bins.length).toBeLessThan(20);
  });

  it('reads buckets below zero', () => {
    expect(bitrateBins([bucket('-100--1', 3)]).bins[0]?.sessions).toBe(3);
  });
});
