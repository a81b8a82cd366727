import { describe, expect, it } from 'vitest';
import { highest, means, valuesPerPoint } from './curvePoints';

describe('valuesPerPoint', () => {
  it('keeps short curves as they are', () => {
    expect(valuesPerPoint(0)).toBe(1);
    expect(valuesPerPoint(4_000)).toBe(1);
  });

  it('takes as many together as needed, of given steps the next one', () => {
    expect(valuesPerPoint(10_001, 5_000)).toBe(3);
    expect(valuesPerPoint(10_001, 5_000, [2, 5, 10])).toBe(5);
  });
});

describe('groups of values', () => {
  it('have means and highest values, the last group too', () => {
    expect(means([1, 3, 5], 2)).toEqual([2, 5]);
    expect(highest([1, 3, 5, 0, 2], 2)).toEqual([3, 5, 2]);
    expect(highest([1, 3], 1)).toEqual([1, 3]);
  });
});
