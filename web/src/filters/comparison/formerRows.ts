import type { Catalogue } from '../../api/catalogue';
import { columnIndex, numberOf, type Cell, type Filter, type ReportQuery, type ReportResponse } from '../../api/query';
import { filterOfValues, fitsFilter } from '../lines/valueLines';

/** Rows that a query returns at most. */
const MOST_ROWS = 100_000;

/** The query for one metric of another period by the dimensions of a breakdown, for some of its rows or for all. */
export function formerQuery(
  over: Omit<ReportQuery, 'metrics'>,
  metric: string,
  by: string[],
  answer: ReportResponse | null,
): ReportQuery {
  const ofRows = answer === null ? [] : by.flatMap((name) => filterOfRows(answer, name));
  return { ...over, filters: [...(over.filters ?? []), ...ofRows], metrics: [metric], dimensions: by, limit: MOST_ROWS };
}

/** Lets the values through that the rows have; there may be more combinations of them than rows. */
function filterOfRows(answer: ReportResponse, name: string): Filter[] {
  const place = columnIndex(answer, name);
  const values = [...new Set(answer.rows.map((row) => row[place] ?? null))];
  return values.length > 0 && values.every(fitsFilter) ? [filterOfValues(name, values)] : [];
}

/** Rows of a breakdown, each with the number of a metric in another period behind its own cells. */
export function withFormer(
  rows: readonly Cell[][],
  answer: ReportResponse,
  by: readonly string[],
  former: ReportResponse,
  metric: string,
  catalogue: Catalogue,
): Cell[][] {
  const empty = catalogue.metrics.find(({ name }) => name === metric)?.is_zero_without_rows === true ? 0 : null;
  const keyIn = (response: ReportResponse) => {
    const places = by.map((name) => columnIndex(response, name));
    return (row: readonly Cell[]) => JSON.stringify(places.map((place) => row[place] ?? null));
  };
  const [ownKey, formerKey, place] = [keyIn(answer), keyIn(former), columnIndex(former, metric)];
  const known = new Map(former.rows.map((row) => [formerKey(row), numberOf(row[place])]));
  return rows.map((row) => {
    const key = ownKey(row);
    return [...row.slice(0, answer.columns.length), known.has(key) ? (known.get(key) ?? null) : empty];
  });
}
