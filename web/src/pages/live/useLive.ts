import { createContext, useContext, useEffect, useMemo, useSyncExternalStore } from 'react';
import { LiveStore, type LiveSnapshot } from './liveStore';

const LiveContext = createContext<LiveStore | null>(null);
export const LiveProvider = LiveContext;

/** A store that listens, with these filters, as long as the component is there; with null it waits for them. */
export function useNewLiveStore(filters: string | undefined | null): LiveStore {
  const store = useMemo(() => new LiveStore(filters ?? undefined), [filters]);
  useEffect(() => (filters === null ? undefined : store.start()), [store, filters]);
  return store;
}

export function useLiveStore(): LiveStore {
  const store = useContext(LiveContext);
  if (!store) throw new Error('there is no live store above this component');
  return store;
}

/** The latest message and the status; renders the component anew with each message. */
export function useLiveSnapshot(): LiveSnapshot {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, store.current);
}

/** Whether what is shown is out of date. */
export function useIsStale(): boolean {
  const store = useLiveStore();
  return useSyncExternalStore(store.subscribe, () => isStale(store.current()));
}

function isStale({ status, message }: LiveSnapshot): boolean {
  return message !== null && (status === 'stale' || status === 'offline');
}
