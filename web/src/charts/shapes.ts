/**
 * Marks on lines, one for each colour, so that lines are told apart without colours as well. Dashes are taken: they say that
 * a line is another period, or a bucket that is counted in part. Drawn in a box of ten.
 */
const SHAPES = [
  'M5 1a4 4 0 1 0 0 8a4 4 0 1 0 0-8z',
  'M1.5 1.5h7v7h-7z',
  'M5 1l4.5 8h-9z',
  'M5 0.5L9.5 5L5 9.5L0.5 5z',
  'M3.7 0.8h2.6v2.9h2.9v2.6h-2.9v2.9h-2.6v-2.9h-2.9v-2.6h2.9z',
  'M5 9l-4.5-8h9z',
  'M2.5 0.7L5 3.2L7.5 0.7L9.3 2.5L6.8 5L9.3 7.5L7.5 9.3L5 6.8L2.5 9.3L0.7 7.5L3.2 5L0.7 2.5z',
  'M5 0.5L6.5 3.5L9.8 4L7.4 6.3L8 9.6L5 8L2 9.6L2.6 6.3L0.2 4L3.5 3.5z',
] as const;

/** About so many marks a line: enough to follow it, and not so many that they hide it. */
const MARKS = 7;

export function shapeOf(place: number): string {
  return SHAPES[place % SHAPES.length] ?? SHAPES[0];
}

/** A series of marks on some points of a line; other lines have theirs on others. */
export function marksOf(id: string, data: readonly (readonly (number | null)[])[], place: number, color: string, axis = 0) {
  const known = data.filter(([, value]) => value !== null && value !== undefined);
  const step = Math.max(1, Math.ceil(known.length / MARKS));
  const first = Math.floor((step * (place % 4)) / 4);
  return {
    id: `${id} marks`,
    type: 'line' as const,
    data: known.filter((_, index) => index % step === first).map((point) => [...point]),
    symbol: `path://${shapeOf(place)}`,
    symbolSize: 8,
    showSymbol: true,
    showAllSymbol: true,
    silent: true,
    yAxisIndex: axis,
    lineStyle: { width: 0, opacity: 0 },
    itemStyle: { color },
  };
}
