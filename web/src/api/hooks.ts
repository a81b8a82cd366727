import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  queryOptions,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query';
import { getAccess, type Access } from './access';
import type { Catalogue } from './catalogue';
import { ApiError, getJson, postJson, remove, type Params } from './client';
import type { FaultsAnswer } from './live';
import type { Panels } from './panels';
import type { ReportResponse, ReportQuery, SqlResponse } from './query';
import type {
  EventsAnswer,
  ExclusionsAnswer,
  ExplainAnswer,
  SessionDetail,
  SessionEvent,
  SessionsAnswer,
  SessionsParams,
} from './sessions';
import type { ZoneClocks } from './schema';
import { learnServerZone } from '../time/readerZone';
import { learnClocks } from '../time/serverClocks';

const PAGE_EVENTS = 1000;

/** Who is logged in, and how the server is set. */
export function useAccess(): UseQueryResult<Access, ApiError> {
  return useQuery<Access, ApiError>({
    queryKey: ['access'],
    queryFn: async ({ signal }) => {
      const access = await getAccess(signal);
      learnServerZone(access.time_zone);
      return access;
    },
    staleTime: 5 * 60_000,
  });
}

/** Everything that a query can name. */
export function useCatalogueQuery(): UseQueryResult<Catalogue, ApiError> {
  return useQuery<Catalogue, ApiError>({
    queryKey: ['catalogue'],
    queryFn: ({ signal }) => getJson<Catalogue>('/catalogue', {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** What the clocks of a zone show, by the server's database; times are shown by it from then on. */
export function zoneClocks(zone: string) {
  return queryOptions<ZoneClocks, ApiError>({
    queryKey: ['time zone', zone],
    queryFn: async ({ signal }) => {
      const answer = await getJson<ZoneClocks>('/time-zone', { name: zone }, { signal });
      learnClocks(zone, answer.offsets);
      return answer;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    // Pages wait for it, and can do without.
    retry: false,
  });
}

/** Metrics by dimensions. While another query runs, the previous response stays. Null runs no query. */
export function useQueryReport(reportQuery: ReportQuery | null): UseQueryResult<ReportResponse, ApiError> {
  return useQuery<ReportResponse, ApiError>({
    queryKey: ['query', reportQuery],
    queryFn: ({ signal }) => postJson<ReportResponse>('/query', reportQuery, { signal }),
    placeholderData: keepPreviousData,
    enabled: reportQuery !== null,
  });
}

/**
 * The same of a period that is compared with: nothing until it is there, for numbers of the one before would stand beside the
 * name of this one.
 */
export function useComparedReport(reportQuery: ReportQuery | null): UseQueryResult<ReportResponse, ApiError> {
  return useQuery<ReportResponse, ApiError>({
    queryKey: ['query', reportQuery],
    queryFn: ({ signal }) => postJson<ReportResponse>('/query', reportQuery, { signal }),
    enabled: reportQuery !== null,
  });
}

/** A panel by the name in its address. Null asks nothing. */
export function usePanel<Name extends keyof Panels>(
  name: Name,
  params: Params | null,
): UseQueryResult<Panels[Name], ApiError> {
  return useQuery<Panels[Name], ApiError>({
    queryKey: ['panel', name, params],
    queryFn: ({ signal }) => getJson<Panels[Name]>(`/${name}`, params ?? {}, { signal }),
    placeholderData: keepPreviousData,
    enabled: params !== null,
  });
}

/** The same of a period that is compared with: nothing until it is there. */
export function useComparedPanel<Name extends keyof Panels>(
  name: Name,
  params: Params | null,
): UseQueryResult<Panels[Name], ApiError> {
  return useQuery<Panels[Name], ApiError>({
    queryKey: ['panel', name, params],
    queryFn: ({ signal }) => getJson<Panels[Name]>(`/${name}`, params ?? {}, { signal }),
    enabled: params !== null,
  });
}

/** Sessions, the latest first, page after page: `data.pages`, `fetchNextPage()`, `hasNextPage`. */
export function useSessions(params: SessionsParams, options: { refetchInterval?: number } = {}) {
  return useInfiniteQuery({
    queryKey: ['sessions', params],
    queryFn: ({ signal, pageParam }) =>
      getJson<SessionsAnswer>('/sessions', { ...params, cursor: pageParam }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    ...(options.refetchInterval === undefined ? {} : { refetchInterval: options.refetchInterval }),
  });
}

/** Whether the server has any session at all; asked only where it matters, and taken for granted until it has answered. */
export function useHasSessions(matters: boolean): boolean {
  const { data } = useQuery<SessionsAnswer, ApiError>({
    queryKey: ['sessions', 'any'],
    queryFn: ({ signal }) => getJson<SessionsAnswer>('/sessions', { limit: 1 }, { signal }),
    enabled: matters,
    staleTime: 5_000,
  });
  return !matters || data === undefined || data.sessions.length > 0;
}

/** A session's row with its ads, chapters and errors. It is fetched again only while it is open. */
export function useSession(sessionId: string, refetchInterval: number | false = false) {
  return useQuery<SessionDetail, ApiError>({
    queryKey: ['session', sessionId],
    queryFn: ({ signal }) =>
      getJson<SessionDetail>(`/sessions/${encodeURIComponent(sessionId)}`, {}, { signal }),
    refetchInterval: (query) => (query.state.data?.is_open ? refetchInterval : false),
  });
}

/** All events of a session, in the order of processing; `most` ends it early. */
export function useSessionEvents(sessionId: string, most = 20_000, refetchInterval: number | false = false) {
  return useQuery<{ events: SessionEvent[]; isCut: boolean }, ApiError>({
    queryKey: ['session-events', sessionId, most],
    queryFn: async ({ signal }) => {
      const events: SessionEvent[] = [];
      let cursor: string | null = null;
      do {
        const page: EventsAnswer = await getJson<EventsAnswer>(
          `/sessions/${encodeURIComponent(sessionId)}/events`,
          { limit: PAGE_EVENTS, cursor },
          { signal },
        );
        events.push(...page.events);
        cursor = page.next_cursor;
      } while (cursor !== null && events.length < most);
      return { events, isCut: cursor !== null };
    },
    refetchInterval,
  });
}

/** Which intervals and events make up each metric of a session. */
export function useExplain(sessionId: string, refetchInterval: number | false = false) {
  return useQuery<ExplainAnswer, ApiError>({
    queryKey: ['explain', sessionId],
    queryFn: ({ signal }) =>
      getJson<ExplainAnswer>(`/sessions/${encodeURIComponent(sessionId)}/explain`, {}, { signal }),
    refetchInterval,
  });
}

/** The sessions that are excluded from all reports, the latest exclusion first. */
export function useExclusions() {
  return useQuery<ExclusionsAnswer, ApiError>({
    queryKey: ['exclusions'],
    queryFn: ({ signal }) => getJson<ExclusionsAnswer>('/exclusions', {}, { signal }),
  });
}

/** Excludes a session for a reason, or lets it count again: `mutate(null)`. Every number may be another one afterwards. */
export function useExclude(sessionId: string) {
  const client = useQueryClient();
  const path = `/sessions/${encodeURIComponent(sessionId)}/exclusion`;
  return useMutation<unknown, ApiError, string | null>({
    mutationFn: (reason) => (reason === null ? remove(path) : postJson(path, { reason })),
    onSuccess: () => client.invalidateQueries(),
  });
}

/** Runs a statement when told to: `mutate(sql)`. */
export function useSql() {
  return useMutation<SqlResponse, ApiError, string>({
    mutationFn: (query) => postJson<SqlResponse>('/sql', { query }),
  });
}

/** The collection requests refused lately, the newest first. */
export function useFaults(limit = 50, refetchInterval: number | false = 3000) {
  return useQuery<FaultsAnswer, ApiError>({
    queryKey: ['faults', limit],
    queryFn: ({ signal }) => getJson<FaultsAnswer>('/faults', { limit }, { signal }),
    refetchInterval,
  });
}
