import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getText, type ApiError } from '../../../api/client';
import { parseEventPage, type RecordedEvent } from '../events/recordedEvent';

const PAGE_EVENTS = 1_000;
/** A page that is looked at by people shows no more; the rest is a matter for exports. */
export const MOST_EVENTS = 50_000;

interface Page {
  cursor: string | null;
  next: string | null;
  events: RecordedEvent[];
}

export interface SessionRecord {
  events: RecordedEvent[];
  /** More events are on their way. */
  isLoading: boolean;
  /** There are more than are shown. */
  isCut: boolean;
}

/**
 * All events of a session in the order of processing. What was processed does not change, so that of an open session only
 * the pages are asked again that hold events which wait, and the last one.
 */
export function useSessionRecord(sessionId: string, refetchInterval: number | false) {
  const client = useQueryClient();
  const queryKey = ['session-record', sessionId];
  const query = useQuery<Page[], ApiError>({
    queryKey,
    queryFn: async ({ signal }) => {
      const pages = settledPages(client.getQueryData<Page[]>(queryKey) ?? []);
      let cursor: string | null = pages.at(-1)?.next ?? null;
      do {
        const text = await getText(`/sessions/${encodeURIComponent(sessionId)}/events`, { limit: PAGE_EVENTS, cursor }, { signal });
        const { events, nextCursor } = parseEventPage(text);
        pages.push({ cursor, next: nextCursor, events });
        cursor = nextCursor;
        // Long sessions are shown while the rest of their events comes.
        if (cursor !== null) client.setQueryData<Page[]>(queryKey, [...pages]);
      } while (cursor !== null && pages.length * PAGE_EVENTS < MOST_EVENTS);
      return pages;
    },
    refetchInterval,
    structuralSharing: false,
  });
  const record = useMemo((): SessionRecord | null => {
    if (!query.data) return null;
    const hasMore = query.data.at(-1)?.next !== null;
    return {
      events: query.data.flatMap(({ events }) => events),
      isLoading: hasMore && query.isFetching,
      isCut: hasMore && !query.isFetching,
    };
  }, [query.data, query.isFetching]);
  return { query, record };
}

function settledPages(pages: readonly Page[]): Page[] {
  const first = pages.findIndex(
    ({ next, events }) => next === null || events.some(({ status }) => status === 'waiting'),
  );
  return pages.slice(0, first < 0 ? pages.length : first);
}
