import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../api/catalogue';
import { decodeFilter, encodeFilter } from '../../filters/scopeAddress';
import { bucketsFor, mostDays, mostMs, readChoice, scopeOfPeak, secondOf, valueFilter } from './concurrencyChoice';

const entry = { aliases: [], type: 'text', definition: '', facts: ['sessions'], can_break_down: true, is_list: false, named_by: null };
const catalogue = {
  metrics: [],
  dimensions: [
    { ...entry, name: 'channel' },
    { ...entry, name: 'diagnoses', is_list: true },
    { ...entry, name: 'ad_id', facts: ['ads'] },
  ],
  metadata_dimensions: { definition: '' },
} as unknown as Catalogue;
const chosen = (query: string) => readChoice(new URLSearchParams(query), catalogue);

describe('the choice in the address', () => {
  it('counts active sessions by minute when it names nothing, or nothing known', () => {
    const usual = { count: 'sessions', state: 'active', granularity: 'minute', by: null };
    expect(chosen('')).toEqual(usual);
    expect(chosen('count=lions&state=asleep&granularity=hour&by=mood')).toEqual(usual);
  });

  it('takes dimensions of which a session has one value, and metadata of players', () => {
    expect(chosen('by=channel').by).toBe('channel');
    expect(chosen('by=custom.region').by).toBe('custom.region');
    expect(chosen('by=diagnoses').by).toBeNull();
    expect(chosen('by=ad_id').by).toBeNull();
  });
});

describe('the longest range', () => {
  it('is that of the API: a week by second, 420 days by minute', () => {
    expect(mostDays({ granularity: 'second', by: null })).toBe(7);
    expect(mostDays({ granularity: 'minute', by: null })).toBe(420);
  });

  it('is shorter with lines of values, whose points count together', () => {
    // Nine series of seconds, and of minutes twice as many, in four million values.
    expect(mostMs({ granularity: 'second', by: 'channel' })).toBe(Math.floor(4_000_000 / 9) * 1000);
    expect(mostMs({ granularity: 'minute', by: 'channel' })).toBe(Math.floor(4_000_000 / 18) * 60_000);
  });
});

describe('the sessions of a peak', () => {
  const scope = {
    range: { from: '2026-01-10', to: '2026-01-10' },
    timeZone: 'Europe/Berlin',
    compared: null,
    segment: 'all',
    filters: [{ dimension: 'channel', operator: 'in' as const, values: ['web'] }],
  };
  const peakAt = '2026-01-10T20:13:05+01:00';

  it('began before the second was over and went on into it, whenever they began', () => {
    const { range, filters } = scopeOfPeak(scope, peakAt);
    expect(range).toEqual({ from: '2026-01-03T20:13', to: '2026-01-10T20:14' });
    expect(filters).toEqual([
      { dimension: 'channel', operator: 'in', values: ['web'] },
      { dimension: 'started_at', operator: '<', values: ['2026-01-10T19:13:06.000Z'] },
      { dimension: 'last_event_at', operator: '>=', values: ['2026-01-10T19:13:05.000Z'] },
    ]);
  });

  it('are told by filters that the address can hold', () => {
    for (const filter of scopeOfPeak(scope, peakAt).filters) expect(decodeFilter(encodeFilter(filter))).toEqual(filter);
  });

  it('are counted in the second of the peak alone', () => {
    expect(secondOf(peakAt)).toEqual({ from: peakAt, to: '2026-01-10T19:13:06.000Z' });
  });
});

describe('the filter of a value', () => {
  it('has the type of its dimension, for a panel gives all values as texts', () => {
    expect(valueFilter('channel', 'text', '7')).toEqual({ dimension: 'channel', operator: 'in', values: ['7'] });
    expect(valueFilter('is_open', 'boolean', 'false').values).toEqual([false]);
    expect(valueFilter('length', 'integer', '90').values).toEqual([90]);
    expect(valueFilter('channel', 'text', null)).toEqual({ dimension: 'channel', operator: 'exists', values: [false] });
  });
});

describe('the buckets of the clock', () => {
  const days = (count: number) => ({ from: '2026-01-01', to: new Date(Date.UTC(2026, 0, 1 + count)).toISOString().slice(0, 10) });
  const shown = (count: number, asked: string | null = null) => bucketsFor(days(count), 'UTC', asked);

  it('grow with the range', () => {
    expect([1, 3, 6, 7, 90].map((count) => shown(count).shown)).toEqual(['5', '15', '30', '60', '60']);
  });

  it('are those asked for, where the API counts them', () => {
    expect(shown(20, '5').shown).toBe('5');
    expect(shown(40, '5').shown).toBe('60');
    expect(shown(40).fitting).toEqual(['15', '30', '60']);
    expect(shown(20, '7').shown).toBe('60');
  });

  it('are none for a range that is too long for hours', () => {
    expect(shown(500)).toEqual({ fitting: [], shown: null });
  });
});
