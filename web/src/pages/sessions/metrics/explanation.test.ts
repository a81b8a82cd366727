import { describe, expect, it } from 'vitest';
import { highlightOf, metricGroups, sumOfIntervals } from './explanation';
import { at, START_MS } from '../events/testEvents';

const interval = (from: number, to: number) => ({
  from: at(from),
  to: at(to),
  seconds: to - from,
  playback: 'playing',
  ad: null,
  chapter: null,
  opened_by: null,
  closed_by: null,
});

describe('explanations', () => {
  it('add up without drifting', () => {
    const intervals = Array.from({ length: 1_000 }, (_, n) => interval(n * 0.1, n * 0.1 + 0.1));
    expect(sumOfIntervals({ value: 100, unit: 'seconds', intervals })).toEqual({ totalMs: 100_000, isValue: true });
    expect(sumOfIntervals({ value: 99.9, unit: 'seconds', intervals }).isValue).toBe(false);
    expect(sumOfIntervals({ value: 0, unit: 'seconds' })).toEqual({ totalMs: 0, isValue: true });
  });

  it('become spans, of which those that touch are one', () => {
    const explained = { value: 15, unit: 'seconds', intervals: [interval(10, 15), interval(0, 5), interval(5, 10)] };
    expect(highlightOf({ ...explained, intervals: [...explained.intervals, interval(20, 21)] }).spans).toEqual([
      { fromMs: START_MS, toMs: START_MS + 15_000 },
      { fromMs: START_MS + 20_000, toMs: START_MS + 21_000 },
    ]);
  });

  it('list what is not known as well', () => {
    expect(metricGroups(['content_time_spent', 'new_metric']).at(-1)).toEqual({ group: 'other', names: ['new_metric'] });
    expect(metricGroups([])).toHaveLength(4);
  });
});
