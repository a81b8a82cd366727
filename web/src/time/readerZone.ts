import { useSyncExternalStore } from 'react';
import { browserZone, isZone } from './zone';

const STORAGE_KEY = 'playhead.zone';
const listeners = new Set<() => void>();
let chosen: string | null = stored();
let ofServer: string | null = null;

function stored(): string | null {
  try {
    const zone = localStorage.getItem(STORAGE_KEY);
    return zone !== null && isZone(zone) ? zone : null;
  } catch {
    return null;
  }
}

function tellAll(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The zone of pages whose address names none: the reader's choice, or the server's, so that two readers who chose nothing
 * see the same days wherever they are.
 */
export function usualZone(): string {
  return chosen ?? ofServer ?? browserZone();
}

export function useUsualZone(): string {
  return useSyncExternalStore(subscribe, usualZone);
}

/** The zone that the reader chose; null for the server's. */
export function useZoneChoice(): string | null {
  return useSyncExternalStore(subscribe, () => chosen);
}

/** What the server said; a zone that this browser does not have counts as not said. */
export function learnServerZone(zone: string): void {
  if (!isZone(zone) || zone === ofServer) return;
  ofServer = zone;
  tellAll();
}

/** Null goes back to the server's. */
export function chooseZone(zone: string | null): void {
  chosen = zone;
  try {
    if (zone === null) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, zone);
  } catch {
    // The choice then lasts as long as the page.
  }
  tellAll();
}

/** A zone as readers know it: without the underscores of its name. */
export function zoneLabel(zone: string): string {
  return zone.replaceAll('_', ' ');
}
