import { describe, expect, it } from 'vitest';
import { colorsOf, groupOf, peakPoint, pointsOf } from './concurrencySeries';

const FIRST = '2026-01-10T00:00:00Z';
const at = Date.parse(FIRST);

describe('points', () => {
  it('are the values themselves while a screen has room for them', () => {
    const answer = { first_point: FIRST, step_ms: 60_000, values: [1, 3, 2] };
    expect(pointsOf(answer)).toEqual([1, 3, 2].map((value, place) => ({ at: at + place * 60_000, value })));
  });

  it('of a long range are the highest of a round number of seconds, and the peak stays what it is', () => {
    const values = Array.from({ length: 86_400 }, (_, place) => (place === 50_001 ? 9 : 1));
    const peak = { value: 9, at: new Date(at + 50_001_000).toISOString() };
    const answer = { first_point: FIRST, step_ms: 1000, values, peak };
    expect(groupOf(answer)).toBe(30);
    const highest = pointsOf(answer).filter(({ value }) => value === 9);
    expect(highest).toEqual([peakPoint(answer)]);
    expect(highest[0]?.at).toBe(at + 49_980_000);
  });

  it('have no peak where nobody was there', () => {
    expect(peakPoint({ first_point: FIRST, step_ms: 1000, values: [0], peak: { value: 0, at: null } })).toBeNull();
  });
});

describe('colours', () => {
  it('of a value are the same in both charts, and no two values have the same', () => {
    const colors = colorsOf(['ios', 'xbox', 'web', null], ['web', 'ios', null, 'tv']);
    expect([...colors].sort(([, one], [, other]) => one - other)).toEqual([['web', 1], ['ios', 2], [null, 3], ['xbox', 4]]);
  });

  it('are as many as there are values where the charts have none in common', () => {
    expect([...colorsOf(['a', 'b'], ['c', 'd']).values()]).toEqual([1, 2]);
  });
});
