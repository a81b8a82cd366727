import { describe, expect, it } from 'vitest';
import en from '../../../i18n/en';
import { DIAGNOSIS_NAMES } from '../detail/diagnosisNames';
import { completeId, readSearch, withFilters, writeSearch } from './sessionSearch';

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
