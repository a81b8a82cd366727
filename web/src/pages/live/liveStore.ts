import { getAccess } from '../../api/access';
import { ApiError, check, getJson } from '../../api/client';
import type { LiveHistory, LiveMessage } from '../../api/live';
import { openLiveStream, type LiveStream, type StreamStatus } from '../../api/liveStream';
import type { ConcurrencyAnswer } from '../../api/panels';
import { COUNT_NAMES, LiveWindow, type CountName } from './liveWindow';

/** The state of the page: a new object with each message and each change of the status. */
export interface LiveSnapshot {
  status: StreamStatus;
  message: LiveMessage | null;
  /** When the last message came, by the browser's clock, ms. */
  lastMessageAt: number | null;
  /** Why the server refuses the stream; null while it does not. */
  refusal: ApiError | null;
}

/** The counts before the start of the server that reports can provide, and their queries. */
const FROM_REPORTS: readonly { name: CountName; count: string; state: string }[] = [
  { name: 'sessions_active', count: 'sessions', state: 'active' },
  { name: 'sessions_playing', count: 'sessions', state: 'playing' },
  { name: 'viewers_active', count: 'visitors', state: 'active' },
];

/** The values that the server counts from time to time only, less often without readers. */
const COUNTED_AT_TIMES: readonly CountName[] = [
  'sessions_active',
  'sessions_playing',
  'sessions_buffering',
  'sessions_silent',
  'viewers_active',
  'viewers_playing',
];
/** Longer than the server leaves between two counts. */
const UNCOUNTED_SECONDS = 15;

/** So few missing seconds at the beginning of the hour are not worth asking for. */
const WORTH_ASKING_SECONDS = 30;

/**
 * The last hour by second and the latest message. Charts read the window when they are told that it changed; nothing
 * here is state of React, so that a second costs only what it changes.
 */
export class LiveStore {
  readonly window = new LiveWindow();
  /** The first second that the server counted for these filters; null without filters, and before it is known. */
  countedFrom: number | null = null;
  private snapshot: LiveSnapshot = { status: 'connecting', message: null, lastMessageAt: null, refusal: null };
  private readonly listeners = new Set<() => void>();
  private stream: LiveStream | null = null;
  private abort: AbortController | null = null;
  private needsHistory = true;

  /** `filters` as calls take them. */
  constructor(readonly filters: string | undefined = undefined) {}

  start(): () => void {
    const listeners = {
      onMessage: (message: LiveMessage) => this.receive(message),
      onStatus: (status: StreamStatus) => this.changeStatus(status),
    };
    this.stream = openLiveStream(listeners, { filters: this.filters });
    return () => this.stop();
  }

  /** Connects anew at once instead of after the wait. */
  reconnect(): void {
    this.stop();
    this.start();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): LiveSnapshot => this.snapshot;

  private stop(): void {
    this.stream?.close();
    this.stream = null;
    this.abort?.abort();
    this.needsHistory = true;
  }

  private receive(message: LiveMessage): void {
    const second = secondOf(message.at);
    const before = this.window.endSecond;
    const isGap = before !== null && second > before + 2;
    const isRestarted = this.snapshot.message?.server_started_at !== message.server_started_at;
    this.window.put(second, countsOf(message));
    this.change({ status: 'connected', message, lastMessageAt: Date.now(), refusal: null });
    if (this.needsHistory || isGap || isRestarted) void this.loadHistory(message);
  }

  private changeStatus(status: StreamStatus): void {
    this.change({ ...this.snapshot, status });
    if (status !== 'offline') return;
    this.needsHistory = true;
    void this.askWhy();
  }

  /** A stream that is refused does not say why; this does, and leads to the login when that is what is missing. */
  private async askWhy(): Promise<void> {
    try {
      await getAccess();
      if (this.filters !== undefined) await check('/live', { filters: this.filters });
    } catch (error) {
      const refusal = error instanceof ApiError && !error.isUnreachable ? error : null;
      if (this.snapshot.status === 'offline') this.change({ ...this.snapshot, refusal });
    }
  }

  private async loadHistory(message: LiveMessage): Promise<void> {
    this.needsHistory = false;
    this.abort?.abort();
    const abort = new AbortController();
    this.abort = abort;
    try {
      const { filters } = this;
      const history = await getJson<LiveHistory>('/live/history', { filters }, { signal: abort.signal });
      history.at.forEach((at, place) => {
        const second = secondOf(at);
        for (const name of COUNT_NAMES) this.window.fill(second, name, history[name][place]);
      });
      const countedFrom = secondOf(history.at[0] ?? message.at);
      if (filters !== undefined) this.countedFrom = Math.min(this.countedFrom ?? countedFrom, countedFrom);
      this.window.hold(COUNTED_AT_TIMES, UNCOUNTED_SECONDS);
      this.tell();
      // A server that goes over its journal first counts nothing yet, though it has seconds.
      const counted = history.sessions_active.findIndex((count) => count !== null);
      await this.loadFromReports(secondOf(history.at[counted] ?? message.counted_at), abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return;
      // The next message tries again, unless the server can never answer this query.
      this.needsHistory = !(error instanceof ApiError) || error.isUnreachable || error.status >= 500;
    }
  }

  /** Fills in the time before the server began to count, at its start or for the filters, which its memory does not have. */
  private async loadFromReports(counted: number, signal: AbortSignal): Promise<void> {
    const first = this.window.startSecond;
    if (first === null || counted - first < WORTH_ASKING_SECONDS) return;
    const range = { from: new Date(first * 1000).toISOString(), to: new Date((counted + 1) * 1000).toISOString() };
    for (const { name, count, state } of FROM_REPORTS) {
      const answer = await getJson<ConcurrencyAnswer>(
        '/concurrency',
        { ...range, granularity: 'second', count, state, time_zone: 'UTC', filters: this.filters },
        { signal },
      );
      const from = secondOf(answer.first_point);
      answer.values.forEach((value, place) => this.window.fill(from + place, name, value));
    }
    this.tell();
  }

  private change(snapshot: LiveSnapshot): void {
    this.snapshot = snapshot;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function secondOf(moment: string): number {
  return Math.floor(Date.parse(moment) / 1000);
}

function countsOf(message: LiveMessage): Record<CountName, number | null> {
  return Object.fromEntries(COUNT_NAMES.map((name) => [name, message[name]])) as Record<CountName, number | null>;
}
