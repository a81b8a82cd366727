import { MOST_CSV_ROWS } from '../components/tables/CsvButton';
import { getJson, postJson } from './client';
import type { Cell, ReportQuery, ReportResponse } from './query';
import type { SessionRow, SessionsAnswer, SessionsParams } from './sessions';

const PAGE_ROWS = 1_000;

/** The rows of a query beyond those that a page shows, for a file. */
export async function allRowsOf(reportQuery: ReportQuery): Promise<Cell[][]> {
  return (await postJson<ReportResponse>('/query', { ...reportQuery, limit: MOST_CSV_ROWS })).rows;
}

/** The sessions of a search beyond those that a page shows, for a file. */
export async function allSessionsOf(params: SessionsParams): Promise<SessionRow[]> {
  const sessions: SessionRow[] = [];
  let cursor: string | null = null;
  do {
    const page: SessionsAnswer = await getJson<SessionsAnswer>('/sessions', { ...params, limit: PAGE_ROWS, cursor });
    sessions.push(...page.sessions);
    cursor = page.next_cursor;
  } while (cursor !== null && sessions.length < MOST_CSV_ROWS);
  return sessions.slice(0, MOST_CSV_ROWS);
}
