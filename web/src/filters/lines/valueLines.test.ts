import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Catalogue } from '../../api/catalogue';
import type { ReportQuery, ReportResponse } from '../../api/query';
import { fetchValueLines, filterOfOthers, filterOfValues, fitsFilter } from './valueLines';

const asked: ReportQuery[] = [];
let answers: (query: ReportQuery) => Partial<ReportResponse> = () => ({});
vi.mock('../../api/client', () => ({
  postJson: (_path: string, body: ReportQuery) => {
    asked.push(body);
    return Promise.resolve(answers(body));
  },
}));
afterEach(() => asked.splice(0));

const metric = (name: string, adds_up: boolean, is_zero_without_rows: boolean) => ({ name, adds_up, is_zero_without_rows, aliases: [], facts: ['sessions'] });
const dimension = (name: string, is_list: boolean) => ({ name, is_list, aliases: [], facts: ['sessions'], can_break_down: true, named_by: null });
const catalogue = {
  metrics: [metric('starts', true, true), metric('visitors', false, true), metric('ratio', false, false)],
  dimensions: [dimension('channel', false), dimension('states', true)],
  metadata_dimensions: { definition: '' },
} as unknown as Catalogue;

const DAYS = ['2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z'];
const column = (name: string, kind: 'time' | 'dimension' | 'metric') => ({ name, kind, type: 'text' as const });

/** Channel a has rows on both days, none a row on the second; there are three values in all. */
function answer({ metrics: [name = ''], dimensions = [], granularity }: ReportQuery): Partial<ReportResponse> {
  if (granularity === undefined) return { columns: [column('channel', 'dimension'), column(name, 'metric')], rows: [['a', 5], [null, 2]], row_count_total: 3 };
  if (dimensions.length === 0) return { columns: [column('time', 'time'), column(name, 'metric')], rows: DAYS.map((day, place) => [day, place + 1]), is_partial: [false, true] };
  const rows = [[DAYS[0] ?? '', 'a', 3], [DAYS[1] ?? '', 'a', 2], [DAYS[1] ?? '', null, 2]];
  return { columns: [column('time', 'time'), column('channel', 'dimension'), column(name, 'metric')], rows, is_partial: [false, true, true] };
}

const lines = (metric: string, by: string) => {
  answers = answer;
  const base = { from: '2026-11-01', to: '2026-11-03', filters: [{ dimension: 'genre', operator: '=' as const, value: 'x' }] };
  return fetchValueLines({ metric, by, granularity: 'day', base, compared: null }, catalogue, new AbortController().signal);
};

describe('a line for each value', () => {
  it('had no point where a value had no rows, and jumped over the day', async () => {
    const { lines: found, others, otherValues, whyNoOthers } = await lines('starts', 'channel');
    expect(found.map(({ value, points }) => [value, points.map((point) => point.value)])).toEqual([['a', [3, 2]], [null, [0, 2]]]);
    expect(found[1]?.points[1]).toMatchObject({ at: Date.parse(DAYS[1] ?? ''), isPartial: true });
    expect([others?.points.map(({ value }) => value), otherValues, whyNoOthers]).toEqual([[1, 2], 1, null]);
    // Sessions without a value have a line, and so are not among the others.
    expect(asked.at(-1)?.filters).toEqual([{ dimension: 'genre', operator: '=', value: 'x' }, filterOfOthers('channel', ['a', null])]);
  });

  it('added up what does not add up', async () => {
    expect(await lines('visitors', 'channel')).toMatchObject({ others: null, whyNoOthers: 'metric', most: 'visitors' });
    expect(await lines('starts', 'states')).toMatchObject({ others: null, whyNoOthers: 'list' });
  });

  it('were those of a share with the highest values, of single sessions', async () => {
    expect(await lines('ratio', 'channel')).toMatchObject({ most: 'sessions', whyNoOthers: 'metric' });
    expect(asked[0]).toMatchObject({ metrics: ['sessions'], order_by: ['-sessions'] });
    expect((await lines('ratio', 'channel')).lines[1]?.points.map(({ value }) => value)).toEqual([null, 2]);
  });
});

describe('the filters of values', () => {
  it('tell those without a value from the others', () => {
    expect(filterOfValues('channel', ['a', true, 1])).toEqual({ or: [{ dimension: 'channel', operator: 'in', values: ['a', true, 1] }] });
    expect(filterOfValues('channel', [null])).toEqual({ or: [{ dimension: 'channel', operator: 'exists', value: false }] });
    expect(filterOfOthers('channel', ['a'])).toEqual({ and: [{ dimension: 'channel', operator: 'not in', values: ['a'] }] });
    expect(filterOfOthers('channel', [null])).toEqual({ and: [{ dimension: 'channel', operator: 'exists', value: true }] });
  });

  it('take no text that the server refuses', () => {
    expect([fitsFilter('x'.repeat(4_096)), fitsFilter('x'.repeat(4_097)), fitsFilter('時'.repeat(1_366)), fitsFilter(null), fitsFilter(1)]).toEqual([true, false, false, true, true]);
  });
});
