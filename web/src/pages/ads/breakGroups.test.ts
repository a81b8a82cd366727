import { describe, expect, it } from 'vitest';
import { breaksByOffset, breaksByPosition } from './breakGroups';

const at = (pod_position: number | null, pod_offset: number | null, viewers: number, lost_in_ad = 0) => ({
  pod_position,
  pod_offset,
  viewers,
  lost_in_ad,
  lost_after_ad: 0,
  loss_rate: lost_in_ad / viewers,
});

describe('breaks', () => {
  it('stand each for themselves when they are few, in the order of the content', () => {
    const groups = breaksByOffset([at(2, 600, 5), at(1, 0, 9, 2), at(null, null, 1)]);
    expect(groups.map(({ from, viewers, lost }) => [from, viewers, lost])).toEqual([
      [0, 9, 2],
      [600, 5, 0],
      [null, 1, 0],
    ]);
  });

  it('are added up by stretches when they are many, but for those at the start', () => {
    const groups = breaksByOffset([at(0, 0, 100, 10), ...Array.from({ length: 60 }, (_, n) => at(1, n * 60 + 7.5, 2, 1))]);
    expect(groups.length).toBeLessThanOrEqual(14);
    expect(groups[0]).toMatchObject({ from: 0, to: 0, viewers: 100, lost: 10 });
    expect(groups[1]).toMatchObject({ from: 0, viewers: 10, lost: 5 });
    expect(groups.reduce((sum, { viewers }) => sum + viewers, 0)).toBe(220);
  });

  it('come together by position', () => {
    expect(breaksByPosition([at(1, 5, 3, 1), at(0, 0, 9), at(1, 8, 4, 1)])).toMatchObject([
      { position: 0, viewers: 9, lost: 0 },
      { position: 1, viewers: 7, lost: 2 },
    ]);
  });
});
