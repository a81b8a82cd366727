import { describe, expect, it } from 'vitest';
import { linePath, rangeOfValues, tickPath } from './lanePaths';
import { clampView, isWhole, nearestPlace, panView, viewTicks, viewWith, zoomView } from './laneView';

const bounds = { fromMs: 1_000, toMs: 101_000 };

describe('the view', () => {
  it('stays within the session', () => {
    expect(clampView({ fromMs: -5_000, toMs: 500_000 }, bounds)).toEqual(bounds);
    expect(panView({ fromMs: 1_000, toMs: 11_000 }, bounds, -5_000)).toEqual({ fromMs: 1_000, toMs: 11_000 });
    expect(panView({ fromMs: 81_000, toMs: 101_000 }, bounds, 5_000)).toEqual({ fromMs: 81_000, toMs: 101_000 });
  });

  it('zooms around a moment, which stays where it is', () => {
    const view = zoomView(bounds, bounds, 0.5, 21_000);
    expect((21_000 - view.fromMs) / (view.toMs - view.fromMs)).toBeCloseTo(0.2);
    expect(view.toMs - view.fromMs).toBe(50_000);
    expect(isWhole(zoomView(view, bounds, 100, 21_000), bounds)).toBe(true);
    const closest = zoomView(view, bounds, 1e-9, 21_000);
    expect(closest.toMs - closest.fromMs).toBeGreaterThanOrEqual(99);
  });

  it('moves only to what is out of sight', () => {
    const view = { fromMs: 1_000, toMs: 11_000 };
    expect(viewWith(view, bounds, 5_000)).toBe(view);
    expect(viewWith(view, bounds, 51_000)).toEqual({ fromMs: 46_000, toMs: 56_000 });
  });

  it('has ticks at round distances', () => {
    expect(viewTicks(bounds, 1_000, 800)).toEqual({ stepMs: 10_000, atMs: Array.from({ length: 11 }, (_, n) => 1_000 + n * 10_000) });
    expect(viewTicks({ fromMs: 1_000, toMs: 1_100 }, 1_000, 400).stepMs).toBe(20);
  });

  it('finds what is nearest', () => {
    const list = [0, 10, 10, 30].map((atMs) => ({ atMs }));
    expect(nearestPlace(list, -5)).toBe(0);
    expect(nearestPlace(list, 9)).toBe(1);
    expect(nearestPlace(list, 21)).toBe(3);
    expect(nearestPlace([], 0)).toBe(-1);
  });
});

describe('lines', () => {
  it('leave out what falls into one pixel', () => {
    const points = Array.from({ length: 10_000 }, (_, n) => ({ atMs: 1_000 + n * 10, value: 0 }));
    const path = linePath(points, bounds, 100, () => 5, false);
    expect(path.split('L').length).toBeLessThan(260);
    const marks = points.map(({ atMs }, place) => ({ atMs, place, sequence: place, kind: 'ping' as const }));
    expect(tickPath(marks, bounds, 100, 0, 10).split('M').length).toBeLessThan(105);
  });

  it('have an axis that shows them', () => {
    const points = (...values: number[]) => values.map((value, atMs) => ({ atMs, value }));
    expect(rangeOfValues(points(0, 45), 60)).toEqual({ low: 0, high: 60 });
    expect(rangeOfValues(points(72_000, 72_600), 86_400)).toEqual({ low: 72_000, high: 72_600 });
    expect(rangeOfValues(points(5), null)).toEqual({ low: 5, high: 6 });
    expect(rangeOfValues([], null)).toEqual({ low: 0, high: 1 });
  });
});
