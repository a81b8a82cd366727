import { describe, expect, it } from 'vitest';
import { tickLabels, timeTicks } from './timeTicks';

const iso = (ticks: number[]) => ticks.map((tick) => new Date(tick).toISOString().slice(0, 16));
const ticks = (from: string, to: string, zone: string, most: number) =>
  timeTicks(Date.parse(from), Date.parse(to), zone, most);

describe('timeTicks', () => {
  it('lie at round times of the zone', () => {
    const hour = ticks('2026-11-01T10:07:00Z', '2026-11-01T11:07:00Z', 'Asia/Kolkata', 6);
    expect(hour.unit).toBe('minute');
    expect(iso(hour.ticks)).toEqual([
      '2026-11-01T10:10',
      '2026-11-01T10:20',
      '2026-11-01T10:30',
      '2026-11-01T10:40',
      '2026-11-01T10:50',
      '2026-11-01T11:00',
    ]);
    const day = ticks('2026-10-31T23:00:00Z', '2026-11-01T23:00:00Z', 'Europe/Berlin', 8);
    expect(iso(day.ticks)[1]).toBe('2026-11-01T02:00');
  });

  it('stay at round times where clocks are set', () => {
    const { ticks: found } = ticks('2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z', 'Europe/Berlin', 5);
    expect(iso(found)).toEqual([
      '2026-10-24T22:00',
      '2026-10-25T05:00',
      '2026-10-25T11:00',
      '2026-10-25T17:00',
      '2026-10-25T23:00',
    ]);
  });

  it('are days and months of long ranges', () => {
    const week = ticks('2026-10-22T22:00:00Z', '2026-10-28T23:00:00Z', 'Europe/Berlin', 8);
    expect(week.unit).toBe('day');
    expect(week.ticks).toHaveLength(7);
    const year = ticks('2026-01-10T00:00:00Z', '2026-12-31T00:00:00Z', 'UTC', 6);
    expect(year.unit).toBe('month');
    expect(iso(year.ticks)).toEqual(['2026-04-01T00:00', '2026-07-01T00:00', '2026-10-01T00:00']);
  });

  it('are written with the date at midnight', () => {
    const write = tickLabels('en-GB', 'UTC', 'minute');
    expect(write(Date.parse('2026-11-01T00:00:00Z'))).toBe('1 Nov');
    expect(write(Date.parse('2026-11-01T06:00:00Z'))).toBe('06:00');
  });
});
