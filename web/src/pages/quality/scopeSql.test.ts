import { describe, expect, it } from 'vitest';
import type { Catalogue, DimensionEntry } from '../../api/catalogue';
import { sqlCondition, textLiteral } from './scopeSql';

const dimension = (name: string, more: Partial<DimensionEntry> = {}): DimensionEntry => ({
  name,
  aliases: [],
  type: 'text',
  definition: '',
  facts: ['sessions'],
  can_break_down: true,
  is_list: false,
  is_caseless: false,
  named_by: null,
  filters_open_sessions: true,
  ...more,
});

const catalogue: Catalogue = {
  metrics: [],
  state_metrics: { patterns: [], prefix: 'state.', definition: '' },
  dimensions: [
    dimension('channel'),
    dimension('content_type', { is_caseless: true }),
    dimension('player_errors', { is_list: true }),
    dimension('some_time', { type: 'time' }),
  ],
  metadata_dimensions: { pattern: 'custom.KEY', definition: '' },
  segments: [],
  operators: [],
  granularities: ['none'],
  limits: { metrics: 1, dimensions: 1, conditions: 1, values: 1, rows: 1, buckets: 1 },
  time_zone: 'UTC',
  time_zone_database: '2026f',
};

const scope = { fromMs: 0, toMs: 1000, segment: 'all', filters: [] };

describe('sqlCondition', () => {
  it('limits the range', () => {
    expect(sqlCondition(scope, catalogue).text).toBe(
      "started_at >= timestamptz '1970-01-01T00:00:00.000Z'\n  and started_at < timestamptz '1970-01-01T00:00:01.000Z'",
    );
  });

  it('keeps quotes of values and keys inside of their literals', () => {
    expect(textLiteral("'; drop table x --")).toBe("'''; drop table x --'");
    const filters = [
      { dimension: 'channel', operator: 'in' as const, values: ["o'b"] },
      { dimension: "custom.a']b", operator: '=' as const, value: 'x' },
    ];
    const { text } = sqlCondition({ ...scope, filters }, catalogue);
    expect(text).toContain(`("channel" in ('o''b'))`);
    expect(text).toContain(`(custom_metadata['a'']b'] in ('x'))`);
  });

  it('compares without case where the dimension does, and looks into lists', () => {
    const filters = [
      { dimension: 'content_type', operator: '!=' as const, value: 'VOD' },
      { dimension: 'player_errors', operator: 'in' as const, values: ['a', 'b'] },
    ];
    const { text } = sqlCondition({ ...scope, filters }, catalogue);
    expect(text).toContain(`((lower("content_type") in ('vod')) is not true)`);
    expect(text).toContain(`(array_has("player_errors", 'a') or array_has("player_errors", 'b'))`);
  });

  it('names the filters that it leaves out', () => {
    const filters = [{ dimension: 'some_time', operator: '>' as const, value: '2026-01-01' }];
    expect(sqlCondition({ ...scope, filters }, catalogue).leftOut).toEqual(['some_time']);
  });
});
