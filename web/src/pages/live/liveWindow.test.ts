import { describe, expect, it } from 'vitest';
import { LiveWindow } from './liveWindow';

const values = (window: LiveWindow) =>
  [...window.points('events')].filter((_, place) => place % 2 === 1).map((value) => (Number.isNaN(value) ? null : value));

describe('LiveWindow', () => {
  it('keeps the last seconds', () => {
    const window = new LiveWindow(4);
    for (let second = 100; second < 107; second += 1) window.put(second, { events: second });
    expect([...window.points('events')]).toEqual([103_000, 103, 104_000, 104, 105_000, 105, 106_000, 106]);
    expect(window.sum('events', 2)).toBe(211);
    expect(window.peak('events')).toEqual({ value: 106, second: 106 });
    expect(window.startSecond).toBe(103);
  });

  it('has gaps for seconds that were missed, and fills only those', () => {
    const window = new LiveWindow(4);
    window.put(100, { events: 1 });
    window.put(103, { events: 4 });
    expect(values(window)).toEqual([1, null, null, 4]);
    window.fill(101, 'events', 2);
    window.fill(103, 'events', 9);
    window.fill(99, 'events', 7);
    window.fill(104, 'events', 7);
    expect(values(window)).toEqual([1, 2, null, 4]);
    expect(window.known('events')).toBe(3);
  });

  it('takes late seconds and long breaks', () => {
    const window = new LiveWindow(4);
    window.put(100, { events: 1 });
    window.put(1_000, { events: 5 });
    window.put(999, { events: 4 });
    window.put(10, { events: 8 });
    expect(values(window)).toEqual([null, null, 4, 5]);
  });

  it('holds counts over seconds without one, and leaves longer gaps', () => {
    const window = new LiveWindow(12);
    for (const second of [101, 104, 111, 112]) window.put(second, { sessions_active: second });
    window.hold(['sessions_active'], 3);
    expect([...window.points('sessions_active', 9)].filter((_, place) => place % 2 === 1)).toEqual(
      [104, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 111, 112],
    );
    expect(window.at('sessions_active', 103)).toBe(101);
    expect(window.peak('sessions_active', 9)).toEqual({ value: 112, second: 112 });
    expect(window.at('events', 103)).toBeNull();
  });

  it('gives means of whole stretches', () => {
    const window = new LiveWindow(10);
    for (let second = 100; second <= 104; second += 1) window.put(second, { events: second });
    expect(window.means('events', 2, 2)).toEqual([100.5, 102.5]);
    expect(new LiveWindow(4).means('events', 2, 2)).toEqual([]);
    expect(new LiveWindow(4).peak('events')).toBeNull();
  });
});
