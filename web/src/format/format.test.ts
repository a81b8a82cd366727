import { describe, expect, it } from 'vitest';
import { formatFor, NOTHING } from './format';
import { changeOf, senseOf } from './metricKinds';

const en = formatFor('en-GB', 'Europe/Berlin');
const us = formatFor('en-US', 'UTC');
const cn = formatFor('zh-CN', 'Asia/Shanghai');
const tw = formatFor('zh-TW', 'Asia/Taipei');
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('numbers', () => {
  it('are written as the locale does', () => {
    expect(us.number(1234567.891)).toBe('1,234,567.89');
    expect(us.compact(1_234_567)).toBe('1.23M');
    expect(us.compact(9_999)).toBe('9,999');
    expect(cn.compact(1_234_567)).toBe('123万');
    expect(tw.compact(1_234_567)).toBe('123萬');
    expect(us.percent(0.4123)).toBe('41.2%');
    expect(us.change(0.25)).toBe('+25%');
    expect(us.change(-0.031)).toBe('-3.1%');
  });

  it('are a dash when they are missing', () => {
    for (const missing of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(us.number(missing)).toBe(NOTHING);
      expect(us.duration(missing)).toBe(NOTHING);
      expect(us.unit(missing, 'ratio')).toBe(NOTHING);
    }
  });
});

describe('durations', () => {
  it('are words', () => {
    expect(plain(us.duration(45.25))).toBe('45.3s');
    expect(plain(us.duration(125))).toBe('2m 5s');
    expect(plain(us.duration(4320))).toBe('1h 12m');
    expect(plain(us.duration(3600 * 500))).toBe('500h');
    expect(cn.duration(4320)).toBe('1小时12分钟');
    expect(plain(tw.duration(4320))).toBe('1 小時 12 分鐘');
  });

  it('round up to the next unit, never to 60 seconds', () => {
    expect(plain(us.duration(119.7))).toBe('2m');
    expect(us.clock(3599.6)).toBe('1:00:00');
  });

  it('are clocks', () => {
    expect(us.clock(4323)).toBe('1:12:03');
    expect(us.clock(63)).toBe('1:03');
    expect(us.clock(-5)).toBe('−0:05');
  });
});

describe('times', () => {
  it('are in the zone', () => {
    expect(plain(en.dateTime('2026-11-01T11:30:00Z'))).toContain('12:30');
    expect(plain(cn.time('2026-11-01T11:30:00Z'))).toBe('19:30');
    expect(us.dateTime('no time')).toBe(NOTHING);
    expect(us.ago('2026-11-01T11:30:00Z', Date.parse('2026-11-01T11:35:10Z'))).toBe('5 minutes ago');
  });
});

describe('metrics', () => {
  it('are written by their unit', () => {
    expect(us.unit(1532, 'count')).toBe('1,532');
    expect(us.unit(1532, 'ms')).toBe('1.53s');
    expect(us.unit(0.5, 'ratio', 'content_completion_rate')).toBe('50%');
    expect(us.unit(2.5, 'ratio', 'ads_per_stream')).toBe('2.5');
    expect(us.unitShort(12345, 'count')).toBe('12.3K');
  });

  it('know what is good', () => {
    expect(senseOf('rebuffer_ratio')).toBe('bad');
    expect(senseOf('time_to_start_ms_p95')).toBe('bad');
    expect(senseOf('drops_before_start')).toBe('bad');
    expect(senseOf('error_rate')).toBe('bad');
    expect(senseOf('content_starts')).toBe('good');
    expect(senseOf('pause_events')).toBe('neutral');
  });

  it('change by a share of what they were', () => {
    expect(changeOf(150, 100)).toBe(0.5);
    expect(changeOf(1, 0)).toBeNull();
    expect(changeOf(null, 1)).toBeNull();
  });
});
