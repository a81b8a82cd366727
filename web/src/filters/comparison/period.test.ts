import { describe, expect, it } from 'vitest';
import { momentOf } from '../../time/zone';
import { comparedPeriod, drawnOver } from './period';

const ZONE = 'Europe/Berlin';
const HOUR_MS = 3_600_000;

describe('the period that is compared with', () => {
  const now = Date.parse('2026-11-05T09:20:00Z');
  const days = (from: string, to: string) => ({ from, to });

  it('ends at the same time of day while the range is under way', () => {
    expect(comparedPeriod({ preset: 'today' }, 'previous', ZONE, now)).toEqual(days('2026-11-04', '2026-11-04T10:20'));
    expect(comparedPeriod({ preset: 'today' }, 'week', ZONE, now)).toEqual(days('2026-10-29', '2026-10-29T10:20'));
    expect(comparedPeriod({ preset: '7d' }, 'year', ZONE, now)).toEqual(days('2025-10-30', '2025-11-05T10:20'));
    expect(comparedPeriod({ preset: '7d' }, { from: '2026-01-01' }, ZONE, now)).toEqual(days('2026-01-01', '2026-01-07T10:20'));
    expect(comparedPeriod({ preset: 'yesterday' }, 'previous', ZONE, now)).toEqual(days('2026-11-03', '2026-11-04'));
  });

  it('has as many days as the range, whatever the clocks and the calendar do', () => {
    const range = { from: '2026-10-24', to: '2026-10-26' };
    expect(comparedPeriod(range, 'previous', ZONE, now)).toEqual(days('2026-10-21', '2026-10-24'));
    expect(comparedPeriod(range, 'week', ZONE, now)).toEqual(days('2026-10-17', '2026-10-20'));
    expect(comparedPeriod(range, 'year', ZONE, now)).toEqual(days('2025-10-24', '2025-10-27'));
    expect(comparedPeriod(range, { from: '2027-03-27' }, ZONE, now)).toEqual(days('2027-03-27', '2027-03-30'));
    const leap = { from: '2024-02-29', to: '2024-03-01' };
    expect(comparedPeriod(leap, 'year', ZONE, now)).toEqual(days('2023-02-28', '2023-03-02'));
  });

  it('of a range of times has the same times of other days, or the same span before', () => {
    const range = { from: '2026-11-01T10:00', to: '2026-11-01T12:30' };
    expect(comparedPeriod(range, 'previous', ZONE, now)).toEqual(days('2026-11-01T07:30', '2026-11-01T10:00'));
    expect(comparedPeriod(range, 'week', ZONE, now)).toEqual(days('2026-10-25T10:00', '2026-10-25T12:30'));
    expect(comparedPeriod(range, { from: '2026-03-29' }, ZONE, now)).toEqual(days('2026-03-29T10:00', '2026-03-29T12:30'));
  });
});

describe('another period drawn over the present one', () => {
  const at = (moment: string) => momentOf(moment, ZONE);

  it('was an hour off behind the night in which clocks change', () => {
    const present = { from: '2026-10-24', to: '2026-10-27' };
    const over = drawnOver({ from: '2026-10-17', to: '2026-10-20' }, present, ZONE);
    for (const [other, day] of [['2026-10-17', '2026-10-24'], ['2026-10-18', '2026-10-25'], ['2026-10-19', '2026-10-26']] as const) {
      expect(over(at(other))).toBe(at(day));
      expect(over(at(`${other}T12:00`))).toBe(at(`${day}T12:00`));
    }
    const spring = drawnOver({ from: '2026-03-28', to: '2026-03-30' }, { from: '2026-03-21', to: '2026-03-23' }, ZONE);
    expect(spring(at('2026-03-29T12:00'))).toBe(at('2026-03-22T12:00'));
  });

  it('never runs backwards', () => {
    for (const [other, present] of [['2026-10-25', '2026-10-24'], ['2026-10-24', '2026-10-25'], ['2026-03-28', '2026-03-29']] as const) {
      const over = drawnOver({ from: other, to: other }, { from: present, to: present }, ZONE);
      const drawn = Array.from({ length: 23 }, (_, hour) => over(at(other) + hour * HOUR_MS));
      expect([...drawn].sort((one, next) => one - next)).toEqual(drawn);
    }
  });

  it('begins where the present one does, also at another time of day', () => {
    const over = drawnOver({ from: '2026-11-01T07:30', to: '2026-11-01T10:00' }, { from: '2026-11-01T10:00', to: '2026-11-01T12:30' }, ZONE);
    expect(over(at('2026-11-01T08:00'))).toBe(at('2026-11-01T10:30'));
  });
});
