import type { KeptAnnotation } from '../api/kept';
import type { ChartTheme } from '../charts/chartTheme';
import { textForChart } from '../components/text/clipText';

/** More texts than these would cover each other; lines are drawn for all. */
const MOST_TEXTS = 8;
const MOST_MARKS = 100;
const DAY_MS = 86_400_000;

/** Those that fall into a range, at least in part, and concern one of the report suites; null for any. */
export function annotationsWithin(
  all: readonly KeptAnnotation[],
  fromMs: number,
  toMs: number,
  suites: readonly string[] | null,
): KeptAnnotation[] {
  return all.filter(({ at, to, report_suite }) => {
    const concerns = suites === null || report_suite === null || suites.includes(report_suite);
    return concerns && Date.parse(to ?? at) >= fromMs && Date.parse(at) <= toMs;
  });
}

/**
 * Where the last bucket of a series ends. Points stand at the beginning of their buckets, so the axis ends where the last one
 * begins, and what happened within it would be on no chart.
 */
export function endOfLastBucket(points: readonly { at: number }[], toMs: number): number {
  const [last, former] = [points.at(-1), points.at(-2)];
  return toMs + (last && former ? Math.abs(last.at - former.at) : DAY_MS);
}

/** The annotations as a series without points: a line where each happened, and an area for those that lasted. */
export function markSeries(annotations: readonly KeptAnnotation[], fromMs: number, toMs: number, theme: ChartTheme) {
  const shown = annotations.slice(0, MOST_MARKS);
  const hasTexts = shown.length <= MOST_TEXTS;
  const lines = shown
    .filter(({ at }) => Date.parse(at) >= fromMs)
    .map(({ at, kind, text }) => ({
      // Within the last bucket: at its beginning, where its point is.
      xAxis: Math.min(Date.parse(at), toMs),
      name: textForChart(text, 24),
      lineStyle: { color: colorOf(kind, theme), width: 1, type: 'dashed' as const },
      label: { color: colorOf(kind, theme) },
    }));
  const areas = shown
    .filter(({ to }) => to !== null)
    .map(({ at, to, kind }) => [
      { xAxis: Math.min(Math.max(Date.parse(at), fromMs), toMs), itemStyle: { color: colorOf(kind, theme), opacity: 0.12 } },
      { xAxis: Math.min(Date.parse(to ?? at), toMs) },
    ]);
  return {
    id: 'annotations',
    type: 'line' as const,
    data: [],
    silent: true,
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      label: {
        show: hasTexts,
        position: 'insideEndTop' as const,
        fontSize: 10,
        // A function: in a template, braces of the text would be read as names.
        formatter: ({ name }: { name: string }) => name,
      },
      data: lines,
    },
    markArea: { silent: true, animation: false, data: areas as [{ xAxis: number }, { xAxis: number }][] },
  };
}

function colorOf(kind: KeptAnnotation['kind'], theme: ChartTheme): string {
  if (kind === 'outage') return theme.bad;
  return kind === 'release' ? theme.accent : theme.textSoft;
}
