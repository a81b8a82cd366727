import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { MetricEntry, Unit } from '../../api/catalogue';
import en from '../../i18n/en';
import { ruleOf } from './metricExample';

const document = readFileSync(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
const entries = [...document.matchAll(/^\| `(\w+)`[^|]*\| (\w+) \|[^|]*\| `([^`]+)` \|/gm)].map(
  ([, name = '', unit = '', formula = '']) => ({ name, unit: unit as Unit, formula }) as MetricEntry,
);
const rule = (name: string) => {
  const entry = entries.find((metric) => metric.name === name);
  if (!entry) throw new Error(name);
  return ruleOf(entry);
};

describe('help with a metric', () => {
  it('is there for each: a definition stood in a title that no keyboard reaches', () => {
    expect(entries.length).toBeGreaterThan(70);
    const texts = Object.keys(en.help.metrics);
    const missing = entries.filter((entry) => ruleOf(entry).kind !== 'quantile' && !texts.includes(entry.name));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it('works numbers out as the formula says', () => {
    expect(rule('ad_completion_rate')).toMatchObject({ above: 'ad_completes', below: ['ad_starts'], values: [3, 12], result: 0.25 });
    expect(rule('average_content_time_spent')).toMatchObject({ values: [600, 4], result: 150 });
    expect(rule('time_to_start_rate')).toMatchObject({ scale: 1000, values: [1500, 600], result: 0.0025 });
    expect(rule('rebuffer_ratio')).toMatchObject({ below: ['total_buffer_duration', 'content_time_spent'], values: [30, 600], result: 0.05 });
    expect(rule('time_to_start_ms_p50')).toMatchObject({ kind: 'quantile', result: 1000 });
    expect(rule('time_to_start_ms_p95')).toMatchObject({ of: 'time_to_start_ms', result: expect.closeTo(3500, 6) });
    expect(rule('content_time_spent')).toMatchObject({ kind: 'sum', result: 150 });
    expect(rule('content_starts')).toMatchObject({ kind: 'flag', result: 3 });
    expect(rule('error_impacted_streams')).toMatchObject({ kind: 'flag', result: 3 });
    expect(rule('average_bitrate')).toMatchObject({ kind: 'mean', result: 3000 });
  });
});
