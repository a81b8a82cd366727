import type { DimensionType, Granularity, Unit } from './catalogue';

export type Operator = '=' | '!=' | 'in' | 'not in' | 'contains' | 'exists' | '>' | '>=' | '<' | '<=';
export type FilterValue = string | number | boolean;

/** A filter as the API takes it. */
export type Filter =
  | { dimension: string; operator: Operator; value?: FilterValue; values?: FilterValue[] }
  | { and: Filter[] }
  | { or: Filter[] };

/** The body of `POST /query`. */
export interface Question {
  from?: string;
  to?: string;
  time_zone?: string;
  metrics: string[];
  dimensions?: string[];
  granularity?: Granularity;
  filters?: Filter[];
  segment?: string;
  include_open?: boolean;
  order_by?: string[];
  limit?: number;
}

export type Cell = string | number | boolean | null;

export interface AnswerColumn {
  name: string;
  kind: 'time' | 'dimension' | 'metric';
  type: DimensionType;
  unit?: Unit;
}

export interface Answer {
  columns: AnswerColumn[];
  rows: Cell[][];
  totals: Record<string, Cell>;
  row_count_total: number;
  is_complete: boolean;
  time_zone: string;
}

export type SqlValue = Cell | SqlValue[] | { [key: string]: SqlValue };

export interface SqlAnswer {
  columns: { name: string; type: string }[];
  rows: SqlValue[][];
  is_truncated: boolean;
}

/** The index of a column in a response; -1 if it is missing. */
export function columnIndex(answer: Answer, name: string): number {
  return answer.columns.findIndex((column) => column.name === name);
}

/** A cell as a number; null when it has none. */
export function numberOf(cell: Cell | undefined): number | null {
  return typeof cell === 'number' ? cell : null;
}

/** The total of a metric; null without a total or without a response. */
export function totalOf(answer: Answer | undefined, metric: string): number | null {
  return numberOf(answer?.totals[metric]);
}
