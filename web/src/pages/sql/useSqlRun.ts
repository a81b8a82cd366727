import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, postForText } from '../../api/client';
import type { SqlResponse } from '../../api/query';
import { parseSqlAnswer } from './sqlAnswer';

export type SqlRun =
  | { status: 'idle' }
  | { status: 'running'; sql: string; startedAtMs: number; before: SqlResponse | null }
  | { status: 'done'; sql: string; answer: SqlResponse; tookMs: number }
  | { status: 'failed'; sql: string; error: Error; isBroken: boolean }
  | { status: 'cancelled'; sql: string };

/** Runs one statement at a time; another run or `cancel` stops the one before. */
export function useSqlRun(): { run: SqlRun; start: (sql: string) => void; cancel: () => void } {
  const [run, setRun] = useState<SqlRun>({ status: 'idle' });
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), []);

  const start = useCallback((sql: string) => {
    controller.current?.abort();
    const own = new AbortController();
    controller.current = own;
    const startedAtMs = performance.now();
    setRun((now) => ({ status: 'running', sql, startedAtMs, before: now.status === 'done' ? now.answer : null }));
    const settle = (next: SqlRun) => {
      if (controller.current === own) setRun(next);
    };
    postForText('/sql', { query: sql }, { signal: own.signal })
      .then((text) => {
        const answer = parseSqlAnswer(text);
        settle({ status: 'done', sql, answer, tookMs: performance.now() - startedAtMs });
      })
      .catch((error: unknown) => {
        if (own.signal.aborted) return settle({ status: 'cancelled', sql });
        // The server sends rows while it computes them, so a response can end early.
        const isBroken = !(error instanceof ApiError) || error.isUnreachable;
        return settle({ status: 'failed', sql, error: error instanceof Error ? error : new Error(String(error)), isBroken });
      });
  }, []);
  const cancel = useCallback(() => controller.current?.abort(), []);
  return { run, start, cancel };
}
