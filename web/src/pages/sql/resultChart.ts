import type { SqlResponse, SqlValue } from '../../api/query';
import { isMoment, isNumeric } from './sqlAnswer';

export type ChartKind = 'line' | 'bar';

/** The names of the drawn columns. */
export interface ChartChoice {
  x: string;
  y: string;
  /** Null: one series. */
  series: string | null;
  kind: ChartKind;
}

export interface ChartData {
  axis: 'time' | 'number' | 'category';
  /** Of a category axis: its texts in order; null for a missing value. */
  categories: (string | null)[];
  /** Points by series; `x` is ms, a number, or the place of a category. */
  series: { name: string | null; points: { x: number; y: number | null }[] }[];
  isCut: boolean;
}

export const MOST_SERIES = 8;
export const MOST_POINTS = 5_000;
export const MOST_CATEGORIES = 100;

export function numericColumns(answer: SqlResponse): string[] {
  return answer.columns.filter(({ type }) => isNumeric(type)).map(({ name }) => name);
}

/** Columns that can be an axis or tell series apart: all but nested ones. */
export function plainColumns(answer: SqlResponse): string[] {
  const plain = new Set(['text', 'boolean', 'integer', 'number', 'time', 'day']);
  return answer.columns.filter(({ type }) => plain.has(type)).map(({ name }) => name);
}

/** The chosen columns if the response has them, and sensible defaults for the rest; null without numbers. */
export function chooseChart(answer: SqlResponse, wishes: Partial<ChartChoice>): ChartChoice | null {
  const numbers = numericColumns(answer);
  const plain = plainColumns(answer);
  const typeOf = (name: string) => answer.columns.find((column) => column.name === name)?.type ?? '';
  const isWish = (name: string | null | undefined, among: string[]): name is string => !!name && among.includes(name);
  if (numbers.length === 0) return null;
  const usualX =
    plain.find((name) => isMoment(typeOf(name))) ?? plain.find((name) => !isNumeric(typeOf(name))) ?? plain[0] ?? '';
  const x = isWish(wishes.x, plain) ? wishes.x : usualX;
  const y = isWish(wishes.y, numbers) ? wishes.y : (numbers.find((name) => name !== x) ?? numbers[0] ?? '');
  const usualSeries = isMoment(typeOf(x)) ? plain.find((name) => name !== x && typeOf(name) === 'text') : undefined;
  const series = isWish(wishes.series, plain) && wishes.series !== x ? wishes.series : wishes.series === null ? null : (usualSeries ?? null);
  return { x, y, series, kind: wishes.kind ?? (isMoment(typeOf(x)) ? 'line' : 'bar') };
}

export function chartData(answer: SqlResponse, choice: ChartChoice): ChartData {
  const place = (name: string) => answer.columns.findIndex((column) => column.name === name);
  const [xPlace, yPlace] = [place(choice.x), place(choice.y)];
  const seriesPlace = choice.series === null ? -1 : place(choice.series);
  const type = answer.columns[xPlace]?.type ?? '';
  const axis = isMoment(type) ? 'time' : isNumeric(type) ? 'number' : 'category';
  const categories = new Map<string | null, number>();
  const series = new Map<string | null, { x: number; y: number | null }[]>();
  let isCut = false;
  let count = 0;
  for (const row of answer.rows) {
    const x = axisValue(row[xPlace] ?? null, axis, categories);
    const name = seriesPlace < 0 ? '' : textOrNull(row[seriesPlace] ?? null);
    const isTooMany = count >= MOST_POINTS || (!series.has(name) && series.size >= MOST_SERIES);
    if (x === 'beyond' || isTooMany) {
      isCut = true;
      continue;
    }
    if (x === null) continue;
    const value = row[yPlace];
    const points = series.get(name) ?? [];
    points.push({ x, y: typeof value === 'number' ? value : null });
    series.set(name, points);
    count += 1;
  }
  const all = [...series].map(([name, points]) => ({ name, points }));
  if (axis !== 'category') for (const { points } of all) points.sort((one, other) => one.x - other.x);
  return { axis, categories: [...categories.keys()], series: all, isCut };
}

function axisValue(value: SqlValue, axis: ChartData['axis'], categories: Map<string | null, number>): number | 'beyond' | null {
  if (axis === 'time') {
    const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(ms) ? null : ms;
  }
  if (axis === 'number') return typeof value === 'number' ? value : null;
  const text = textOrNull(value);
  const known = categories.get(text);
  if (known !== undefined) return known;
  if (categories.size >= MOST_CATEGORIES) return 'beyond';
  categories.set(text, categories.size);
  return categories.size - 1;
}

const textOrNull = (value: SqlValue) => (value === null ? null : typeof value === 'object' ? JSON.stringify(value) : String(value));
