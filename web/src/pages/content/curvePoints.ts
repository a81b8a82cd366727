/** More points than a screen has pixels across say nothing more, and cost time to draw. */
const MOST_POINTS = 4_000;

/** How many values stand together in one point, so that a curve has not too many. */
export function valuesPerPoint(count: number, most = MOST_POINTS, steps?: readonly number[]): number {
  const needed = Math.max(1, Math.ceil(count / most));
  return steps?.find((step) => step >= needed) ?? needed;
}

/** The mean of each group of values that follow each other. */
export function means(values: readonly number[], group: number): number[] {
  if (group <= 1) return [...values];
  return grouped(values, group).map((part) => part.reduce((sum, value) => sum + value, 0) / part.length);
}

/** The highest of each group of values that follow each other, so that peaks stay what they are. */
export function highest(values: readonly number[], group: number): number[] {
  if (group <= 1) return [...values];
  return grouped(values, group).map((part) => part.reduce((most, value) => Math.max(most, value), 0));
}

function grouped(values: readonly number[], group: number): (readonly number[])[] {
  return Array.from({ length: Math.ceil(values.length / group) }, (_, place) =>
    values.slice(place * group, (place + 1) * group),
  );
}
