import type { EventEffect } from '../../../api/sessions';
import { parseEventPage, type RecordedEvent } from './recordedEvent';

export const START_MS = Date.parse('2026-11-01T00:00:00.000Z');
export const at = (seconds: number) => new Date(START_MS + seconds * 1000).toISOString();

interface Sketch {
  seconds: number;
  type: string;
  playhead?: number;
  body?: Record<string, unknown>;
  effect?: Partial<EventEffect> | null;
  status?: RecordedEvent['status'];
  sequence?: number;
}

/** Events of a test, as the server would answer them. */
export function recorded(sketches: readonly Sketch[]): RecordedEvent[] {
  const events = sketches.map(({ seconds, type, playhead = 0, body = {}, effect = {}, status, sequence }, place) => ({
    sequence: sequence ?? place + 1,
    event_type: type,
    ts: at(seconds),
    playhead,
    received_at: at(seconds),
    status: status ?? (effect === null ? 'waiting' : 'processed'),
    effect: effect === null ? null : { ...effect, state: { playback: 'playing', ad_break: false, ad: false, chapter: false, closed: null, ...effect.state } },
    body: { playerTime: { playhead, ts: START_MS + seconds * 1000 }, eventType: type, ...body },
  }));
  return parseEventPage(JSON.stringify({ events, next_cursor: null })).events;
}
