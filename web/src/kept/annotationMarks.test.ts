import { describe, expect, it } from 'vitest';
import type { KeptAnnotation } from '../api/kept';
import type { ChartTheme } from '../charts/chartTheme';
import { annotationsWithin, endOfLastBucket, markSeries } from './annotationMarks';

const annotation = (at: string, to: string | null = null, report_suite: string | null = null) =>
  ({ id: at, at, to, report_suite, kind: 'outage', text: '{b} CDN', can_change: true }) as KeptAnnotation;
const ms = (time: string) => Date.parse(time);
const [FROM, TO] = [ms('2026-11-01T00:00:00Z'), ms('2026-11-02T00:00:00Z')];
const theme = { bad: '#cc0000', accent: '#0000cc', textSoft: '#777777' } as ChartTheme;

describe('annotations of a chart', () => {
  it('were those of other times and suites', () => {
    const all = [
      annotation('2026-10-31T00:00:00Z'),
      annotation('2026-10-31T00:00:00Z', '2026-11-01T01:00:00Z'),
      annotation('2026-11-01T12:00:00Z', null, 'one'),
      annotation('2026-11-02T00:00:01Z'),
    ];
    expect(annotationsWithin(all, FROM, TO, null)).toEqual([all[1], all[2]]);
    expect(annotationsWithin(all, FROM, TO, ['two'])).toEqual([all[1]]);
  });

  it('stood outside the axis', () => {
    const marks = markSeries([annotation('2026-10-31T00:00:00Z', '2026-11-05T00:00:00Z')], FROM, TO, theme);
    expect(marks.markLine.data).toEqual([]);
    expect(marks.markArea.data.map((area) => area.map(({ xAxis }) => xAxis))).toEqual([[FROM, TO]]);
  });

  it('were on no chart when they happened in its last bucket', () => {
    const day = 86_400_000;
    const points = [{ at: FROM }, { at: TO }];
    const until = endOfLastBucket(points, TO);
    expect(until).toBe(TO + day);
    const today = annotation('2026-11-02T15:00:00Z');
    expect(annotationsWithin([today], FROM, until, null)).toEqual([today]);
    expect(markSeries([today], FROM, TO, theme).markLine.data[0]?.xAxis).toBe(TO);
    expect(endOfLastBucket([{ at: TO }], TO)).toBe(TO + day);
  });

  it('were read as a template', () => {
    const marks = markSeries([annotation('2026-11-01T12:00:00Z')], FROM, TO, theme);
    expect(marks.markLine.label.formatter({ name: marks.markLine.data[0]?.name ?? '' })).toBe('{b} CDN');
  });
});
