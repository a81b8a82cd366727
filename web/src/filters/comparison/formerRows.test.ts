import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../api/catalogue';
import type { Cell, ReportResponse } from '../../api/query';
import { formerQuery, withFormer } from './formerRows';

const catalogue = { metrics: [{ name: 'starts', is_zero_without_rows: true }, { name: 'ratio', is_zero_without_rows: false }] } as unknown as Catalogue;
const column = (name: string, kind: string) => ({ name, kind });
const answer = {
  columns: [column('channel', 'dimension'), column('content_id', 'dimension'), column('content_name', 'name'), column('starts', 'metric')],
  rows: [['web', 'a', 'A', 4], ['web', null, null, 3], ['tv', 'a', 'A', 2]],
} as unknown as ReportResponse;
const former = (metric: string, rows: Cell[][]) =>
  ({ columns: [column('channel', 'dimension'), column('content_id', 'dimension'), column(metric, 'metric')], rows }) as unknown as ReportResponse;
const by = ['channel', 'content_id'];

describe('the rows of a breakdown in another period', () => {
  it('stood beside rows of another order', () => {
    const found = withFormer(answer.rows, answer, by, former('starts', [['tv', 'a', 20], ['web', 'b', 9], ['web', null, 30]]), 'starts', catalogue);
    expect(found).toEqual([['web', 'a', 'A', 4, 0], ['web', null, null, 3, 30], ['tv', 'a', 'A', 2, 20]]);
    // Once more over the same rows, for a file.
    expect(withFormer(found, answer, by, former('ratio', []), 'ratio', catalogue).map((row) => row[4])).toEqual([null, null, null]);
  });

  it('are asked for by the values in sight, and all of them for a file', () => {
    const filters = [{ dimension: 'genre', operator: '=' as const, value: 'x' }];
    expect(formerQuery({ from: 'f', filters }, 'starts', by, answer).filters).toEqual([
      ...filters,
      { or: [{ dimension: 'channel', operator: 'in', values: ['web', 'tv'] }] },
      { or: [{ dimension: 'content_id', operator: 'in', values: ['a'] }, { dimension: 'content_id', operator: 'exists', value: false }] },
    ]);
    expect(formerQuery({ from: 'f', filters }, 'starts', by, null).filters).toEqual(filters);
  });
});
