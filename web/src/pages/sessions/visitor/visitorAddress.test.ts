import { describe, expect, it } from 'vitest';
import { visitorFilter, visitorOfPath, visitorPath } from './visitorAddress';

describe('the address of a visitor', () => {
  it('holds ids with slashes, escapes and marks, which the router turned into others', () => {
    for (const id of ['crm-1', 'a%2Fb', '..', '\u202e<b>']) {
      const path = visitorPath(id) ?? '';
      expect(path.split('/').length, id).toBe(3);
      expect(visitorOfPath(new URL(path, 'http://host').pathname), id).toBe(id);
    }
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
