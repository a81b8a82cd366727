import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ApiError, getJson, postJson, putJson, remove } from './client';
import type {
  Annotations,
  BoardPanel,
  Boards,
  ChangedAnnotation,
  ChangedBoard,
  ChangedView,
  KeptAnnotation,
  KeptBoard,
  KeptView,
  NewAnnotation,
  NewBoard,
  NewView,
  Views,
} from './schema';

export type { AnnotationKind, BoardPanel, KeptAnnotation, KeptBoard, KeptView, PanelKind } from './schema';

/** The kinds of what people keep, each with one of them, its body when it is new, and when it changes. */
interface Kinds {
  views: { kept: KeptView; made: NewView; changed: ChangedView };
  boards: { kept: KeptBoard; made: NewBoard; changed: ChangedBoard };
  annotations: { kept: KeptAnnotation; made: NewAnnotation; changed: ChangedAnnotation };
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

/** The boards that the reader may see. */
export function useBoards() {
  return useQuery<KeptBoard[], ApiError>({
    queryKey: ['boards'],
    queryFn: async ({ signal }) => (await getJson<Boards>('/boards', {}, { signal })).boards,
    staleTime: STALE_MS,
  });
}

export function useBoard(id: string) {
  return useQuery<KeptBoard, ApiError>({
    queryKey: ['boards', id],
    queryFn: ({ signal }) => getJson<KeptBoard>(`/boards/${encodeURIComponent(id)}`, {}, { signal }),
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

/** A board as it is sent with a change. */
export function changedBoard(board: KeptBoard, change: { name?: string; is_shared?: boolean; panels?: BoardPanel[] }): ChangedBoard {
  const { name, is_shared, panels, version } = board;
  return { name, is_shared, panels, version, ...change };
}
