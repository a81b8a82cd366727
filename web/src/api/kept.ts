import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiError, getJson, postJson, putJson, remove } from './client';
import type {
  Annotations,
  BoardPanel,
  Boards,
  ChangedAnnotation,
  ChangedBoard,
  ChangedSchedule,
  ChangedView,
  KeptAnnotation,
  KeptBoard,
  KeptBoardEntry,
  KeptView,
  NewAnnotation,
  NewBoard,
  NewSchedule,
  NewView,
  Run,
  ScheduleList,
  ScheduleState,
  Views,
} from './schema';

export type { AnnotationKind, BoardPanel, KeptAnnotation, KeptBoard, KeptBoardEntry, KeptView, ScheduledKind } from './schema';
export type { Run as ScheduleRun, ScheduleState as KeptSchedule, Weekday, When as ScheduleWhen } from './schema';

/** The kinds of what people keep, each with one of them, its body when it is new, and when it changes. */
interface Kinds {
  views: { kept: KeptView; made: NewView; changed: ChangedView };
  boards: { kept: KeptBoard; made: NewBoard; changed: ChangedBoard };
  annotations: { kept: KeptAnnotation; made: NewAnnotation; changed: ChangedAnnotation };
  schedules: { kept: ScheduleState; made: NewSchedule; changed: ChangedSchedule };
}

const STALE_MS = 60_000;

/** The views that the reader may see. */
export function useViews() {
  return useQuery<KeptView[], ApiError>({
    queryKey: ['views'],
    queryFn: async ({ signal }) => (await getJson<Views>('/views', {}, { signal })).views,
    staleTime: STALE_MS,
  });
}

/** The boards that the reader may see, without their panels. */
export function useBoards() {
  return useQuery<KeptBoardEntry[], ApiError>({
    queryKey: ['boards'],
    queryFn: async ({ signal }) => (await getJson<Boards>('/boards', {}, { signal })).boards,
    staleTime: STALE_MS,
  });
}

const getBoard = (id: string, signal?: AbortSignal) =>
  getJson<KeptBoard>(`/boards/${encodeURIComponent(id)}`, {}, { signal });

export function useBoard(id: string) {
  return useQuery<KeptBoard, ApiError>({
    queryKey: ['boards', id],
    queryFn: ({ signal }) => getBoard(id, signal),
  });
}

/** All annotations: they are few, and all charts of a page take theirs from here. */
export function useAllAnnotations() {
  return useQuery<KeptAnnotation[], ApiError>({
    queryKey: ['annotations'],
    queryFn: async ({ signal }) => (await getJson<Annotations>('/annotations', {}, { signal })).annotations,
    staleTime: STALE_MS,
  });
}

/** The schedules of reports, and where reports may be sent to. */
export function useSchedules() {
  return useQuery<ScheduleList, ApiError>({
    queryKey: ['schedules'],
    queryFn: ({ signal }) => getJson<ScheduleList>('/schedules', {}, { signal }),
    // Runs come by themselves.
    refetchInterval: STALE_MS,
  });
}

/** Sends the report of a schedule now. */
export function useRunSchedule() {
  const client = useQueryClient();
  return useMutation<Run, ApiError, string>({
    mutationFn: (id) => postJson(`/schedules/${encodeURIComponent(id)}/run`, undefined),
    onSettled: () => client.invalidateQueries({ queryKey: ['schedules'] }),
  });
}

/** Keeps something new. */
export function useKeep<Kind extends keyof Kinds>(kind: Kind) {
  const client = useQueryClient();
  return useMutation<Kinds[Kind]['kept'], ApiError, Kinds[Kind]['made']>({
    mutationFn: (body) => postJson(`/${kind}`, body),
    onSuccess: () => client.invalidateQueries({ queryKey: [kind] }),
  });
}

/** Changes something; it is fetched anew also if somebody else was faster. */
export function useChange<Kind extends keyof Kinds>(kind: Kind) {
  const client = useQueryClient();
  return useMutation<Kinds[Kind]['kept'], ApiError, { id: string; body: Kinds[Kind]['changed'] }>({
    mutationFn: ({ id, body }) => putJson(`/${kind}/${encodeURIComponent(id)}`, body),
    onSettled: () => client.invalidateQueries({ queryKey: [kind] }),
  });
}

export function useRemove(kind: keyof Kinds) {
  const client = useQueryClient();
  return useMutation<void, ApiError, string>({
    mutationFn: (id) => remove(`/${kind}/${encodeURIComponent(id)}`),
    onSettled: () => client.invalidateQueries({ queryKey: [kind] }),
  });
}

interface BoardChange {
  name?: string;
  is_shared?: boolean;
  panels?: BoardPanel[];
}

/** A board as it is sent with a change. */
export function changedBoard({ name, is_shared, panels, version }: KeptBoard, change: BoardChange): ChangedBoard {
  return { name, is_shared, panels, version, ...change };
}

/** Changes a part of a board of which the page has not all: what it is now stays but for that part. */
export function useEditBoard() {
  const client = useQueryClient();
  return useMutation<KeptBoard, ApiError, { id: string; edit: (board: KeptBoard) => BoardChange }>({
    mutationFn: async ({ id, edit }) => {
      const board = await getBoard(id);
      return putJson(`/boards/${encodeURIComponent(id)}`, changedBoard(board, edit(board)));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['boards'] }),
  });
}
