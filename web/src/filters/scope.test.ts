import { describe, expect, it } from 'vitest';
import type { FilterValue } from '../api/query';
import { defaultScope, type Scope } from './scope';
import { decodeFilter, decodeScope, encodeFilter, encodeScope, queryText } from './scopeAddress';
import { granularityFor, rangeBetween, timeRange } from './scopeRange';

const ZONE = 'Europe/Berlin';
const roundTrip = (scope: Scope) =>
  decodeScope(new URLSearchParams(queryText(encodeScope(scope))), ZONE);

describe('the address', () => {
  it('is readable', () => {
    const scope: Scope = {
      range: { preset: '30d' },
      timeZone: 'Asia/Taipei',
      compared: 'previous',
      segment: 'video',
      filters: [{ dimension: 'channel', operator: 'in', values: ['web', 'tv'] }],
    };
    expect(queryText(encodeScope(scope))).toBe(
      '?range=30d&tz=Asia/Taipei&compare=1&segment=video&f=channel:in:web,tv',
    );
    expect(roundTrip(scope)).toEqual(scope);
  });

  it('leaves out what is usual, and never the zone: yesterday was another day for the reader of a link', () => {
    expect(encodeScope(defaultScope(ZONE))).toEqual([['tz', ZONE]]);
    expect(decodeScope(new URLSearchParams(`tz=${ZONE}`), 'America/Los_Angeles').timeZone).toBe(ZONE);
    expect(roundTrip(defaultScope(ZONE))).toEqual(defaultScope(ZONE));
  });

  it('holds ranges of days and of times', () => {
    for (const range of [
      { from: '2026-11-01', to: '2026-11-07' },
      { from: '2026-11-01T10:00', to: '2026-11-01T12:30' },
    ]) {
      expect(roundTrip({ ...defaultScope(ZONE), range }).range).toEqual(range);
    }
  });

  it('holds the period that is compared with', () => {
    for (const [text, compared] of [['1', 'previous'], ['week', 'week'], ['year', 'year'], ['2026-02-28', { from: '2026-02-28' }]] as const) {
      const scope = { ...defaultScope(ZONE), compared };
      expect(queryText(encodeScope(scope))).toBe(`?tz=${ZONE}&compare=${text}`);
      expect(roundTrip(scope)).toEqual(scope);
    }
  });

  it('takes what it does not understand as absent', () => {
    for (const text of [
      'range=2026-11-07..2026-11-01',
      'range=2026-13-01..2026-13-02',
      'range=2026-02-30..2026-03-01',
      'range=2026-11-01..2026-11-02T10:00',
      'compare=2026-02-30',
      'compare=2026-02-28T10:00',
      'compare=decade',
      'range=ever&tz=Mars/Olympus&compare=yes&f=channel&f=channel:near:web&f=:is:x&f=downloaded:exists:maybe',
    ]) {
      expect(decodeScope(new URLSearchParams(text), ZONE)).toEqual(defaultScope(ZONE));
    }
  });

  it('keeps every value as it is', () => {
    const texts = ['web', '', '1', '1.50', 'true', "'", "'1", 'a,b', 'a:b', '\\', 'a\\,b', '時計 🕰', '<b>&amp;=+#%2C', '\u202eabc', ' '];
    const values: FilterValue[] = [...texts, 1, -0.5, 1e21, true, false];
    for (const value of values) {
      const filter = { dimension: 'custom.a:b,c\\', operator: '=' as const, values: [value] };
      expect(decodeFilter(encodeFilter(filter))).toEqual(filter);
      expect(roundTrip({ ...defaultScope(ZONE), filters: [filter] }).filters).toEqual([filter]);
    }
    const all = { dimension: 'channel', operator: 'not in' as const, values };
    expect(roundTrip({ ...defaultScope(ZONE), filters: [all] }).filters).toEqual([all]);
  });
});

describe('ranges', () => {
  const now = Date.parse('2026-11-05T09:20:00Z');

  it('are days of the time zone', () => {
    expect(timeRange({ preset: '7d' }, ZONE, now)).toEqual({ from: '2026-10-30', to: '2026-11-06' });
    expect(timeRange({ preset: 'month' }, ZONE, now)).toEqual({ from: '2026-11-01', to: '2026-11-06' });
    expect(timeRange({ preset: 'today' }, 'Pacific/Auckland', Date.parse('2026-11-05T13:00:00Z'))).toEqual({
      from: '2026-11-06',
      to: '2026-11-07',
    });
    expect(timeRange({ from: '2026-11-01', to: '2026-11-01' }, ZONE, now)).toEqual({
      from: '2026-11-01',
      to: '2026-11-02',
    });
  });

  it('have a granularity, also where clocks change', () => {
    expect(granularityFor({ from: '2026-11-01T10:00', to: '2026-11-01T12:00' }, ZONE)).toBe('minute');
    expect(granularityFor({ from: '2026-10-25', to: '2026-10-26' }, ZONE)).toBe('hour');
    expect(granularityFor({ from: '2026-10-01', to: '2026-11-01' }, ZONE)).toBe('day');
  });

  it('can be marked in a chart', () => {
    const [from, to] = [Date.parse('2026-11-01T09:00:10Z'), Date.parse('2026-11-01T10:59:50Z')];
    expect(rangeBetween(from, to, ZONE)).toEqual({ from: '2026-11-01T10:00', to: '2026-11-01T12:00' });
    expect(rangeBetween(from, to, ZONE, 'day')).toEqual({ from: '2026-11-01', to: '2026-11-01' });
    expect(rangeBetween(from, to, 'Asia/Kolkata', 'hour')).toEqual({ from: '2026-11-01T14:00', to: '2026-11-01T17:00' });
    const day = Date.parse('2026-11-01T00:00:00+01:00');
    expect(rangeBetween(day, day + 2 * 86_400_000, ZONE)).toEqual({ from: '2026-11-01', to: '2026-11-02' });
  });
});
