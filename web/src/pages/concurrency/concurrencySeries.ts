import type { ConcurrencyAnswer } from '../../api/panels';
import type { TimePoint } from '../../charts/TimeSeriesChart';
import { MINUTE_STEPS } from '../content/concurrencyAsk';
import { highest, valuesPerPoint } from '../content/curvePoints';

const MOST_POINTS = 3_000;
const SECOND_MS = 1000;

/** Round numbers of seconds that points of long ranges stand for. */
const SECOND_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600] as const;

type Grid = Pick<ConcurrencyAnswer, 'first_point' | 'step_ms' | 'values'>;

/** How many minutes or seconds a point of the chart stands for. */
export function groupOf({ values, step_ms }: Grid): number {
  return valuesPerPoint(values.length, MOST_POINTS, step_ms === SECOND_MS ? SECOND_STEPS : MINUTE_STEPS);
}

/** The points of one of the series of an answer. */
export function pointsOf(answer: Grid, values: readonly number[] = answer.values): TimePoint[] {
  const group = groupOf(answer);
  const first = Date.parse(answer.first_point);
  return highest(values, group).map((value, place) => ({ at: first + place * group * answer.step_ms, value }));
}

/** The peak, at the point of the chart that holds it. */
export function peakPoint(answer: Grid & Pick<ConcurrencyAnswer, 'peak'>): TimePoint | null {
  if (answer.peak.at === null) return null;
  const first = Date.parse(answer.first_point);
  const stepMs = groupOf(answer) * answer.step_ms;
  const place = Math.floor((Date.parse(answer.peak.at) - first) / stepMs);
  return { at: first + place * stepMs, value: answer.peak.value };
}

/**
 * The colours of values, by place: one that has a line in the chart above keeps its colour, and the others take those that
 * are left. The first colour is that of all together.
 */
export function colorsOf(
  values: readonly (string | null)[],
  above: readonly (string | null)[],
): ReadonlyMap<string | null, number> {
  const colors = new Map(values.filter((value) => above.includes(value)).map((value) => [value, above.indexOf(value) + 1]));
  const taken = new Set(colors.values());
  let next = 1;
  for (const value of values) {
    if (colors.has(value)) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    colors.set(value, next);
  }
  return colors;
}
