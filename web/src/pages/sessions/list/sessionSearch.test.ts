import { describe, expect, it } from 'vitest';
import en from '../../../i18n/en';
import { DIAGNOSIS_NAMES } from '../detail/diagnosisNames';
import { completeId, readSearch, writeSearch } from './sessionSearch';

describe('the search', () => {
  it('goes into the address and back', () => {
    const search = { q: 'a b', visitor: '', content: 'c-1', suite: '', diagnosis: 'late_event', state: 'open' as const };
    const written = Object.entries(writeSearch(search)).filter((pair): pair is [string, string] => pair[1] !== null);
    expect(readSearch(new URLSearchParams(written))).toEqual(search);
    expect(readSearch(new URLSearchParams('state=wrong')).state).toBe('');
  });

  it('knows a complete id', () => {
    expect(completeId(` ${'A1'.repeat(32)} `)).toBe('a1'.repeat(32));
    expect(completeId('a1'.repeat(31))).toBeNull();
  });

  it('offers every diagnosis', () => {
    expect([...DIAGNOSIS_NAMES].sort()).toEqual(Object.keys(en.diagnoses).sort());
  });
});
