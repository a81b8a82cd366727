import { useCallback, useEffect, useState } from 'react';
import { getJson } from '../../api/client';
import { openLiveStream, type StreamStatus } from '../../api/liveStream';
import type { SessionRow, SessionsAnswer } from '../../api/sessions';

export interface Arrival {
  status: StreamStatus;
  /** Events that arrived while the page waited. */
  events: number;
  /** The session that began last when they arrived. */
  session: SessionRow | null;
  /** Forgets what arrived and waits anew. */
  again(): void;
}

/** Watches the live stream for the first event that arrives while the page is open. */
export function useArrival(): Arrival {
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const [events, setEvents] = useState(0);
  const [starts, setStarts] = useState(0);
  const [session, setSession] = useState<SessionRow | null>(null);

  useEffect(() => {
    let isFirst = true;
    const stream = openLiveStream({
      onStatus: setStatus,
      onMessage: (message) => {
        // The first message is about the second before the page was there.
        if (!isFirst && message.events > 0) setEvents((before) => before + message.events);
        if (!isFirst && message.media_starts > 0) setStarts((before) => before + message.media_starts);
        isFirst = false;
      },
    });
    return () => stream.close();
  }, []);

  const hasArrived = events > 0;
  useEffect(() => {
    if (!hasArrived) return;
    const abort = new AbortController();
    getJson<SessionsAnswer>('/sessions', { limit: 1 }, { signal: abort.signal }).then(
      ({ sessions }) => setSession(sessions[0] ?? null),
      // The link to the session is a convenience; without it the page still says that events arrive.
      () => {},
    );
    return () => abort.abort();
    // Fetched again for the first starts only: on a busy server, one session is enough.
  }, [hasArrived, Math.min(starts, 3)]);

  const again = useCallback(() => {
    setEvents(0);
    setStarts(0);
    setSession(null);
  }, []);
  return { status, events, session, again };
}
