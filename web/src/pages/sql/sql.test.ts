import { describe, expect, it } from 'vitest';
import type { SqlResponse, SqlValue } from '../../api/query';
import { chartData, chooseChart, MOST_SERIES } from './resultChart';
import { linkOf, parseSaved, withSaved } from './savedQueries';
import { columnsInReach, quoted, searchSchema } from './schema';
import { columnWidths, parseSqlAnswer, sortRows } from './sqlAnswer';

const answer = (columns: [string, string][], rows: SqlValue[][]): SqlResponse => ({
  columns: columns.map(([name, type]) => ({ name, type })),
  rows,
  is_truncated: false,
});

describe('answers', () => {
  it('are read as they are', () => {
    const text = '{"columns":[{"name":"n","type":"integer"}],"rows":[[12],[null]],"is_truncated":false}';
    expect(parseSqlAnswer(text).rows).toEqual([[12], [null]]);
  });

  it('are sorted with null last, and nested values too', () => {
    const rows: SqlValue[][] = [[2], [null], [10], [-1]];
    expect(sortRows(rows, { column: 0, isDescending: false })).toEqual([[-1], [2], [10], [null]]);
    expect(sortRows(rows, { column: 0, isDescending: true })).toEqual([[10], [2], [-1], [null]]);
    expect(sortRows([[{ b: 1 }], [['a']]], { column: 0, isDescending: false })).toHaveLength(2);
    expect(sortRows(rows, null)).toBe(rows);
  });

  it('have columns of bearable width', () => {
    const [wide, small] = columnWidths(answer([['text', 'text'], ['n', 'integer']], [['x'.repeat(65_536), 1]]));
    expect(wide).toBe(380);
    expect(small).toBe(72);
  });
});

describe('charts', () => {
  const perDay = answer(
    [['day', 'time'], ['channel', 'text'], ['sessions', 'integer']],
    [
      ['2026-11-02T00:00:00Z', 'web', 2],
      ['2026-11-01T00:00:00Z', 'web', 1],
      ['2026-11-01T00:00:00Z', null, 5],
    ],
  );

  it('are chosen by what the columns are', () => {
    expect(chooseChart(perDay, {})).toEqual({ x: 'day', y: 'sessions', series: 'channel', kind: 'line' });
    expect(chooseChart(perDay, { x: 'channel', series: null, kind: 'bar' })).toMatchObject({ x: 'channel', series: null, kind: 'bar' });
    expect(chooseChart(perDay, { x: 'gone', y: 'channel' })).toMatchObject({ x: 'day', y: 'sessions' });
    expect(chooseChart(answer([['a', 'text']], [['x']]), {})).toBeNull();
  });

  it('have points by series, in order of time', () => {
    const data = chartData(perDay, { x: 'day', y: 'sessions', series: 'channel', kind: 'line' });
    expect(data.axis).toBe('time');
    expect(data.series.map(({ name, points }) => [name, points.map(({ y }) => y)])).toEqual([['web', [1, 2]], [null, [5]]]);
  });

  it('say when something is left out', () => {
    const many = answer([['c', 'text'], ['n', 'integer']], Array.from({ length: 300 }, (_, n) => [`c${n}`, n]));
    expect(chartData(many, { x: 'c', y: 'n', series: null, kind: 'bar' })).toMatchObject({ isCut: true });
    expect(chartData(many, { x: 'n', y: 'n', series: 'c', kind: 'line' }).series).toHaveLength(MOST_SERIES);
  });
});

describe('the schema', () => {
  const tables = [
    { name: 'sessions', columns: [{ name: 'session_id', type: '文本', comment: '标识', english: 'The id' }] },
    { name: 'ads', columns: [{ name: 'end', type: '文本', comment: '结束方式', english: 'How it ended' }] },
  ];

  it('offers the columns of the tables that are named', () => {
    expect(columnsInReach('select ', tables).map(({ name }) => name)).toEqual(['session_id']);
    expect(columnsInReach('select x FROM ads a join sessions s', tables).map(({ name }) => name)).toEqual(['session_id', 'end']);
  });

  it('quotes what needs it, and is searched by name and meaning', () => {
    expect(quoted('end')).toBe('"end"');
    expect(quoted('a"b')).toBe('"a""b"');
    expect(quoted('content_id')).toBe('content_id');
    expect(searchSchema(tables, '结束').map(({ name }) => name)).toEqual(['ads']);
    expect(searchSchema(tables, 'ENDED').map(({ name }) => name)).toEqual(['ads']);
  });
});

describe('saved queries', () => {
  it('are one of a name, the last first', () => {
    const list = withSaved([{ name: 'a', sql: '1' }, { name: 'b', sql: '2' }], { name: ' b ', sql: '3' });
    expect(list).toEqual([{ name: 'b', sql: '3' }, { name: 'a', sql: '1' }]);
    expect(parseSaved(JSON.stringify([...list, { name: 1 }, null]))).toEqual(list);
    expect(parseSaved('{')).toEqual([]);
  });

  it('have links, unless they are too long', () => {
    expect(linkOf('select 1', 'One')).toBe('/sql?q=select+1&name=One');
    expect(linkOf('x'.repeat(7_000))).toBeNull();
  });
});
