import { useMemo } from 'react';
import { useQueryReport, useSessions } from '../../../api/hooks';
import { columnIndex, textOf, totalOf, type ReportResponse } from '../../../api/query';
import type { SessionRow, SessionsParams } from '../../../api/sessions';
import { visitorFilter } from './visitorAddress';

const PAGE_ROWS = 50;
/** Players that are named. */
const MOST_PLAYERS = 3;

export const TILE_METRICS = ['sessions', 'media_time_spent', 'error_impacted_streams', 'start_failures'] as const;

/** A list of sessions that a query over the tables answers: by any order, in a time zone. */
export interface OrderedSessions extends SessionsParams {
  time_zone: string;
  order_by: string;
}

interface Range {
  from: string;
  to: string;
  time_zone: string;
}

/** What a list of sessions of a visitor is asked for. */
function sessionsOf(id: string, range: Partial<Range> & { time_zone: string }, orderBy: string, limit: number): OrderedSessions {
  const { from, to, time_zone } = range;
  return { from, to, time_zone, visitor_id: id, order_by: orderBy, limit };
}

/** A visitor's sessions in a range, the latest first, and their numbers. */
export function useVisitor(id: string, { from, to, time_zone }: Range) {
  const asked = useMemo(() => sessionsOf(id, { from, to, time_zone }, '-started_at', PAGE_ROWS), [id, from, to, time_zone]);
  const sessions = useSessions(asked);
  const totals = useQueryReport({
    from,
    to,
    time_zone,
    segment: 'all',
    filters: [visitorFilter(id)],
    metrics: [...TILE_METRICS, 'visitors'],
    dimensions: ['player_name'],
    order_by: ['-sessions'],
    limit: MOST_PLAYERS,
  });
  const seen = useSeen(id, { from, to, time_zone });
  return { asked, sessions, totals, seen };
}

export interface Seen {
  firstAt: string | null;
  lastAt: string | null;
  isPending: boolean;
}

/** When a visitor was seen first and last, in a range or, without one, in all that the server has. */
export function useSeen(id: string, range: Partial<Range> & { time_zone: string }): Seen {
  const first = useSessions(sessionsOf(id, range, 'started_at', 1));
  const last = useSessions(sessionsOf(id, range, '-last_event_at', 1));
  const row = (query: typeof first): SessionRow | undefined => query.data?.pages[0]?.sessions[0];
  return {
    firstAt: row(first)?.started_at ?? null,
    lastAt: row(last)?.last_event_at ?? null,
    isPending: first.isPending || last.isPending,
  };
}

/** The players of a visitor, those with the most sessions first, and how many there are. */
export function playersOf(answer: ReportResponse): { names: string[]; count: number } {
  const place = columnIndex(answer, 'player_name');
  const names = answer.rows.map((row) => textOf(row[place])).filter((name) => name !== null);
  return { names, count: answer.row_count_total };
}

/** Whether the text is an id of several kinds, and so may stand for different people. */
export function kindsOf(answer: ReportResponse | undefined): number {
  return totalOf(answer, 'visitors') ?? 0;
}
