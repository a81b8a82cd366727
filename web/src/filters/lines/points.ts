import { columnIndex, numberOf, type ReportResponse } from '../../api/query';
import type { TimePoint } from '../../charts/TimeSeriesChart';

/** A metric of a response by time, as the points of a line. */
export function pointsOf(answer: ReportResponse | undefined, metric: string): TimePoint[] {
  if (!answer) return [];
  const [time, place] = [columnIndex(answer, 'time'), columnIndex(answer, metric)];
  return answer.rows.map((row, index) => ({
    at: Date.parse(String(row[time])),
    value: numberOf(row[place]),
    isPartial: answer.is_partial?.[index] ?? false,
  }));
}
