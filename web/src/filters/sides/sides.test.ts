import { describe, expect, it, vi } from 'vitest';
import type { Catalogue } from '../../api/catalogue';
import type { ReportQuery, ReportResponse } from '../../api/query';
import type { ReadyScope } from '../useScope';
import { appliedFilters, fetchSides, readSide, sideParams } from './sides';

const asked: ReportQuery[] = [];
vi.mock('../../api/client', () => ({
  postJson: (_path: string, body: ReportQuery) => {
    asked.push(body);
    const kinds = { columns: [{ name: 'channel', kind: 'dimension' }, { name: 'starts', kind: 'metric' }] };
    const rows = body.order_by ? [['web', 5], [null, 2]] : asked.length === 2 ? [['web', 4]] : [[null, 2], ['web', 1]];
    return Promise.resolve({ ...kinds, rows, row_count_total: 2 } as unknown as ReportResponse);
  },
}));

const dimension = (name: string, facts: string[]) => ({ name, facts, aliases: [], can_break_down: true, named_by: null });
const catalogue = {
  metrics: [{ name: 'starts', is_zero_without_rows: true, aliases: [] }],
  dimensions: [dimension('channel', ['sessions']), dimension('error_id', ['errors'])],
} as unknown as Catalogue;
const page = { dimension: 'genre', operator: '=' as const, value: 'x' };
const scope = { from: 'f', to: 't', filters: [page] } as unknown as ReadyScope;

describe('two sides', () => {
  it('have filters of their own in the address, beside those of the page', () => {
    const params = new URLSearchParams('a=channel:in:web,tv&a=error_id:is:x&b=nonsense');
    const side = readSide('a', params, scope, catalogue);
    expect(side.scope.filters).toEqual([page, { dimension: 'channel', operator: 'in', values: ['web', 'tv'] }]);
    expect(appliedFilters(side).map(({ dimension: name }) => name)).toEqual(['channel']);
    expect(sideParams(side.filters)).toEqual(['channel:in:web,tv', 'error_id:is:x']);
    expect(readSide('b', params, scope, catalogue).scope.filters).toEqual([page]);
  });

  it('left out a value that only one of them has, or counted it as unknown', async () => {
    const [web, tv] = [{ dimension: 'channel', operator: '=' as const, value: 'web' }, { dimension: 'genre', operator: '=' as const, value: 'y' }];
    const found = await fetchSides({ metric: 'starts', by: 'channel', rows: 20, base: {}, filters: { page: [page], a: [page, web], b: [page, tv] } }, catalogue);
    expect(found).toEqual({ rows: [{ value: 'web', name: null, a: 4, b: 1 }, { value: null, name: null, a: 0, b: 2 }], count: 2 });
    expect(asked[0]?.filters).toEqual([page, { or: [{ and: [web] }, { and: [tv] }] }]);
  });
});
