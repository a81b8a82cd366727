import type { AlsoKnownAs, Answer as ReportResponse, Cell, Granularity } from './schema';

export type Operator = '=' | '!=' | 'in' | 'not in' | 'contains' | 'exists' | '>' | '>=' | '<' | '<=';
export type FilterValue = string | number | boolean;

/** A filter as the API takes it. */
export type Filter =
  | { dimension: string; operator: Operator; value?: FilterValue; values?: FilterValue[] }
  | { and: Filter[] }
  | { or: Filter[] };

/** The body of `POST /query`. */
export interface ReportQuery {
  from?: string;
  to?: string;
  time_zone?: string;
  metrics: string[];
  dimensions?: string[];
  granularity?: Granularity;
  filters?: Filter[];
  segment?: string;
  include_open?: boolean;
  /** Whether the latest name of each content and ad comes with its id. */
  names?: boolean;
  order_by?: string[];
  limit?: number;
}

export type { Answer as ReportResponse, AnswerColumn, Cell, Rows as SqlResponse, SqlValue } from './schema';

/** The index of a column in a response; -1 if it is missing. */
export function columnIndex(answer: ReportResponse, name: string): number {
  return answer.columns.findIndex((column) => column.name === name);
}

/** The other names of the values of a dimension, by value. */
export function otherNames(answer: ReportResponse, dimension: string): ReadonlyMap<string, AlsoKnownAs> {
  const ofDimension = (answer.also_known_as ?? []).filter((also) => also.dimension === dimension);
  return new Map(ofDimension.map((also) => [also.value, also]));
}

/** A cell as a text; null when it has none, or an empty one. */
export function textOf(cell: Cell | undefined): string | null {
  return typeof cell === 'string' && cell !== '' ? cell : null;
}

/** A cell as a number; null when it has none. */
export function numberOf(cell: Cell | undefined): number | null {
  return typeof cell === 'number' ? cell : null;
}

/** The total of a metric; null without a total or without a response. */
export function totalOf(answer: ReportResponse | undefined, metric: string): number | null {
  return numberOf(answer?.totals[metric]);
}
