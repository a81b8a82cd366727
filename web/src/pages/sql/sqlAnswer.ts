import type { SqlResponse, SqlValue } from '../../api/query';

/** The server's response from its text. Whole numbers beyond the range of a number stay as their digits. */
export function parseSqlAnswer(text: string): SqlResponse {
  // The check is quick, and reading number by number is not.
  if (!/[:,[]-?\d{16,}/.test(text)) return JSON.parse(text) as SqlResponse;
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value;
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as SqlResponse;
}

export function isNumeric(type: string): boolean {
  return type === 'integer' || type === 'number';
}

export function isMoment(type: string): boolean {
  return type === 'time' || type === 'day';
}

/** A value in one line, as SQL has it. */
export function valueText(value: SqlValue, number: Intl.NumberFormat): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return number.format(value);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

export interface RowSort {
  column: number;
  isDescending: boolean;
}

/** Rows in another order; null comes last. */
export function sortRows(rows: readonly SqlValue[][], sort: RowSort | null): readonly SqlValue[][] {
  if (!sort) return rows;
  const { column, isDescending } = sort;
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[column] ?? null, other[column] ?? null];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    const [left, right] = [textOf(a), textOf(b)];
    return left === right ? 0 : sign * (left < right ? -1 : 1);
  });
}

const textOf = (value: SqlValue) => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Widths of columns, in pixels, by what the first rows hold. */
export function columnWidths(answer: SqlResponse): number[] {
  const sample = answer.rows.slice(0, 60);
  return answer.columns.map(({ name, type }, place) => {
    const longest = sample.reduce((most, row) => {
      const value = row[place] ?? null;
      const length = value === null ? 4 : typeof value === 'number' ? String(value).length * 1.15 : textOf(value).length;
      return Math.max(most, Math.min(length, 60));
    }, 0);
    const wanted = Math.max(longest, Math.min(name.length, 40) + 3);
    return Math.round(Math.min(Math.max(wanted * 7.2 + 26, 72), isNumeric(type) ? 220 : 380));
  });
}
