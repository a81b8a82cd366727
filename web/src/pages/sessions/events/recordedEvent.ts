import type { SessionEvent } from '../../../api/sessions';
import { rawItems, rawMember, rawMembers } from './rawJson';

/** An event with the time at which it counts as a number, and its body letter by letter. */
export interface RecordedEvent extends SessionEvent {
  tsMs: number;
  raw: string;
}

export interface EventPage {
  events: RecordedEvent[];
  nextCursor: string | null;
}

/** A page of events, from the text of the response. */
export function parseEventPage(text: string): EventPage {
  const answer = JSON.parse(text) as { events: SessionEvent[]; next_cursor: string | null };
  const raws = rawItems(rawMember(text, 'events') ?? '[]');
  const events = answer.events.map((event, place) => ({
    ...event,
    tsMs: Date.parse(countedAt(event)),
    raw: bodyOf(raws[place] ?? '{}'),
  }));
  return { events, nextCursor: answer.next_cursor };
}

/** When an event happened: by the device's clock, or what counts in its place where that is wrong. */
export function countedAt(event: Pick<SessionEvent, 'ts' | 'effective_ts'>): string {
  return event.effective_ts ?? event.ts;
}

function bodyOf(event: string): string {
  return rawMembers(event).find(({ key }) => key === 'body')?.raw ?? '{}';
}

/** The kind of an event, for its colour. */
export type EventKind = 'session' | 'playback' | 'ad' | 'chapter' | 'state' | 'quality' | 'error' | 'ping';

export function kindOf(eventType: string): EventKind {
  if (eventType.startsWith('session')) return 'session';
  if (eventType.startsWith('ad')) return 'ad';
  if (eventType.startsWith('chapter')) return 'chapter';
  if (eventType.startsWith('state')) return 'state';
  if (eventType === 'ping' || eventType === 'error') return eventType;
  if (eventType === 'bitrateChange') return 'quality';
  return 'playback';
}

/** The colour of a kind. */
export const KIND_COLORS: Record<EventKind, string> = {
  session: 'var(--text)',
  playback: 'var(--chart-1)',
  ad: 'var(--chart-4)',
  chapter: 'var(--chart-7)',
  state: 'var(--chart-5)',
  quality: 'var(--chart-3)',
  error: 'var(--bad)',
  ping: 'var(--chart-8)',
};
