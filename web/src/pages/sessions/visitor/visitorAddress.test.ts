import { describe, expect, it } from 'vitest';
import { visitorFilter, visitorOfPath, visitorPath } from './visitorAddress';

describe('the address of a visitor', () => {
  it('holds ids with slashes, escapes and marks, which the router turned into others', () => {
    for (const id of ['crm-1', 'a/b', 'a%2Fb', '50% off?#&=', '访客/观众', '\u202e<b>', '👩‍👩‍👧', '../..', 'a b+c']) {
      const path = visitorPath(id) ?? '';
      expect(path.split('/').length, id).toBe(3);
      expect(visitorOfPath(new URL(path, 'http://host').pathname), id).toBe(id);
    }
  });

  it('is none where an address cannot hold the id', () => {
    for (const id of ['', '.', '..', '\ud800', 'w'.repeat(4_097), '观'.repeat(1_366)]) expect(visitorPath(id), id.slice(0, 9)).toBeNull();
    expect(visitorPath('w'.repeat(4_096))).not.toBeNull();
  });

  it('is read where it is not escaped as it should be', () => {
    expect(visitorOfPath('/visitors/50%')).toBe('50%');
  });
});

describe('the filter of a visitor', () => {
  it('lets a later kind of id count only behind empty ones', () => {
    const [first, second] = (visitorFilter('x') as { or: { and: unknown[] }[] }).or;
    expect(first?.and).toEqual([{ dimension: 'marketing_cloud_user_id', operator: '=', value: 'x' }]);
    expect(second?.and).toEqual([
      {
        or: [
          { dimension: 'marketing_cloud_user_id', operator: 'exists', value: false },
          { dimension: 'marketing_cloud_user_id', operator: '=', value: '' },
        ],
      },
      { dimension: 'visitor_id', operator: '=', value: 'x' },
    ]);
  });
});
