import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useMemo } from 'react';
import { postJson, type ApiError } from '../../api/client';
import type { SqlResponse, SqlValue } from '../../api/query';
import { useCatalogue } from '../../filters/reportContext';
import { momentsOf } from '../../filters/scopeRange';
import type { ReadyScope } from '../../filters/useScope';
import { sqlCondition } from './scopeSql';

export interface WorstSession {
  sessionId: string;
  startedAt: string | null;
  content: string | null;
  player: string | null;
  timeToStartMs: number | null;
  buffered: number;
  stalled: number;
  errors: number;
  played: number;
}

const COLUMNS = [
  'session_id',
  'started_at',
  'content_name',
  'content_id',
  'player_name',
  'time_to_start_ms',
  'total_buffer_duration',
  'total_stall_duration',
  'error_events',
  'media_time_spent',
] as const;

const SHOWN = 25;

/** The sessions of the scope that waited longest, then those with the most errors. */
export function useWorstSessions(scope: ReadyScope): {
  sql: string;
  leftOut: string[];
  query: UseQueryResult<WorstSession[], ApiError>;
} {
  const catalogue = useCatalogue();
  const { text: sql, leftOut } = useMemo(() => statement(scope, catalogue), [scope, catalogue]);
  const query = useQuery<WorstSession[], ApiError>({
    queryKey: ['sql', 'worst-sessions', sql],
    queryFn: async ({ signal }) => {
      const answer = await postJson<SqlResponse>('/sql', { query: sql }, { signal });
      return answer.rows.map((row) => sessionOf(row, answer));
    },
    placeholderData: keepPreviousData,
  });
  return { sql, leftOut, query };
}

function statement(scope: ReadyScope, catalogue: ReturnType<typeof useCatalogue>) {
  const { segment, filters } = scope;
  const moments = momentsOf(scope, scope.time_zone);
  const condition = sqlCondition({ ...moments, segment, filters }, catalogue);
  const text = [
    `select ${COLUMNS.join(', ')}`,
    'from sessions',
    `where ${condition.text}`,
    '  and (total_buffer_duration > 0 or total_stall_duration > 0 or error_events > 0)',
    'order by total_buffer_duration + total_stall_duration desc, error_events desc, started_at desc',
    `limit ${SHOWN}`,
  ].join('\n');
  return { text, leftOut: condition.leftOut };
}

function sessionOf(row: SqlValue[], answer: SqlResponse): WorstSession {
  const cell = (name: (typeof COLUMNS)[number]) => row[answer.columns.findIndex((column) => column.name === name)];
  const text = (name: (typeof COLUMNS)[number]) => {
    const value = cell(name);
    return typeof value === 'string' ? value : null;
  };
  const number = (name: (typeof COLUMNS)[number]) => {
    const value = cell(name);
    return typeof value === 'number' ? value : null;
  };
  return {
    sessionId: text('session_id') ?? '',
    startedAt: text('started_at'),
    content: text('content_name') ?? text('content_id'),
    player: text('player_name'),
    timeToStartMs: number('time_to_start_ms'),
    buffered: number('total_buffer_duration') ?? 0,
    stalled: number('total_stall_duration') ?? 0,
    errors: number('error_events') ?? 0,
    played: number('media_time_spent') ?? 0,
  };
}
