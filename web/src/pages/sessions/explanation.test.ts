import { describe, expect, it } from 'vitest';
import en from '../../i18n/en';
import { DIAGNOSIS_NAMES } from './diagnosisNames';
import { highlightOf, metricGroups, sumOfIntervals } from './explanation';
import { completeId, readSearch, withFilters, writeSearch } from './sessionSearch';
import { at, START_MS } from './testEvents';

const interval = (from: number, to: number) => ({
  from: at(from),
  to: at(to),
  seconds: to - from,
  playback: 'playing',
  ad: null,
  chapter: null,
  opened_by: { sequence: 1, event_type: 'play' },
  closed_by: { sequence: 2, event_type: 'ping' },
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

describe('the search', () => {
  it('goes into the address and back', () => {
    const search = { q: 'a b', visitor: '', content: 'c-1', suite: '', diagnosis: 'late_event', state: 'open' as const };
    const written = Object.entries(writeSearch(search)).filter((pair): pair is [string, string] => pair[1] !== null);
    expect(readSearch(new URLSearchParams(written))).toEqual(search);
    expect(readSearch(new URLSearchParams('state=wrong')).state).toBe('');
  });

  it('takes over the filters that it can express', () => {
    const filters = [
      { dimension: 'content_id', operator: 'in' as const, values: ['c-1'] },
      { dimension: 'channel', operator: 'in' as const, values: ['web'] },
      { dimension: 'visitor_id', operator: 'in' as const, values: ['a', 'b'] },
    ];
    const { search, ignored } = withFilters(readSearch(new URLSearchParams()), filters);
    expect(search.content).toBe('c-1');
    expect(ignored.map(({ dimension }) => dimension)).toEqual(['channel', 'visitor_id']);
  });

  it('knows a complete id', () => {
    expect(completeId(` ${'A1'.repeat(32)} `)).toBe('a1'.repeat(32));
    expect(completeId('a1'.repeat(31))).toBeNull();
  });

  it('offers every diagnosis', () => {
    expect([...DIAGNOSIS_NAMES].sort()).toEqual(Object.keys(en.diagnoses).sort());
  });
});
