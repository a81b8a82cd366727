import { addressOf, type Params } from './client';
import type { LiveMessage } from './live';

/** `connecting` at first; `connected` while messages come; `stale` when they stay away; `offline` when it broke off. */
export type StreamStatus = 'connecting' | 'connected' | 'stale' | 'offline';

export interface LiveStream {
  status(): StreamStatus;
  /** When the last message came, by the browser's clock, ms; null before the first. */
  lastMessageAt(): number | null;
  close(): void;
}

export interface LiveListeners {
  onMessage(message: LiveMessage): void;
  onStatus(status: StreamStatus): void;
}

/** Messages come each second; so many missing ones make what is shown stale. */
const STALE_AFTER_MS = 4_000;
const SILENT_AFTER_MS = 15_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Listens to the live stream with these parameters and connects anew for as long as it takes when it breaks off. While the page is hidden the
 * stream is closed, which costs neither side anything.
 */
export function openLiveStream(listeners: LiveListeners, params: Params = {}): LiveStream {
  let source: EventSource | null = null;
  let status: StreamStatus = 'connecting';
  let lastMessageAt: number | null = null;
  let openedAt = 0;
  let waitMs = FIRST_WAIT_MS;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const become = (next: StreamStatus) => {
    if (status === next) return;
    status = next;
    listeners.onStatus(next);
  };

  const disconnect = () => {
    clearTimeout(retry);
    source?.close();
    source = null;
  };

  const connect = () => {
    disconnect();
    if (isClosed || document.hidden) return;
    openedAt = Date.now();
    source = new EventSource(addressOf('/live', params));
    source.addEventListener('live', receive);
    source.addEventListener('error', breakOff);
  };

  const receive = (event: MessageEvent<string>) => {
    lastMessageAt = Date.now();
    waitMs = FIRST_WAIT_MS;
    become('connected');
    listeners.onMessage(JSON.parse(event.data) as LiveMessage);
  };

  const breakOff = () => {
    // The browser's own retry gives up on a response that is not a stream, as from a starting server; this one does not.
    disconnect();
    become('offline');
    retry = setTimeout(connect, waitMs);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  };

  const watch = setInterval(() => {
    if (source === null || document.hidden) return;
    const silentMs = Date.now() - Math.max(lastMessageAt ?? 0, openedAt);
    if (silentMs > SILENT_AFTER_MS) breakOff();
    else if (silentMs > STALE_AFTER_MS && status === 'connected') become('stale');
  }, 1_000);

  const followVisibility = () => {
    if (document.hidden) {
      disconnect();
      return;
    }
    if (lastMessageAt !== null && Date.now() - lastMessageAt > STALE_AFTER_MS) become('stale');
    connect();
  };

  document.addEventListener('visibilitychange', followVisibility);
  connect();

  return {
    status: () => status,
    lastMessageAt: () => lastMessageAt,
    close() {
      isClosed = true;
      clearInterval(watch);
      document.removeEventListener('visibilitychange', followVisibility);
      disconnect();
    },
  };
}
