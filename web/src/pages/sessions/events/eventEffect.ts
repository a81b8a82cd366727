import type { AttributedTime } from '../../../api/sessions';
import type { RecordedEvent } from './recordedEvent';

/** Columns that move along with almost every event; a short account of what an event did leaves them out. */
const QUIET = new Set([
  'last_event_at',
  'content_time_spent',
  'ad_time_spent',
  'media_time_spent',
  'unique_time_played',
  'total_pause_duration',
  'total_buffer_duration',
  'total_stall_duration',
  'active_spans',
  'playing_spans',
  'playing_until',
  'watched_spans',
  'rewatched_spans',
  'average_minute_audience',
  'average_bitrate',
  'average_bitrate_bucket',
  'estimated_streams',
  'states',
]);

export interface EffectSummary {
  attributed: AttributedTime[];
  /** Columns worth a word in a list. */
  changed: { name: string; from: unknown; to: unknown }[];
}

export function effectSummary(event: RecordedEvent): EffectSummary {
  const changes = Object.entries(event.effect?.changes ?? {});
  return {
    attributed: event.effect?.attributed ?? [],
    changed: changes.filter(([name]) => !QUIET.has(name)).map(([name, { from, to }]) => ({ name, from, to })),
  };
}

export type EventChoice = 'all' | 'withoutPings' | 'withChanges' | `type:${string}`;

/** Which events are listed. */
export function chosenEvents(events: readonly RecordedEvent[], choice: EventChoice): readonly RecordedEvent[] {
  if (choice === 'all') return events;
  if (choice === 'withoutPings') return events.filter(({ event_type }) => event_type !== 'ping');
  if (choice === 'withChanges') return events.filter((event) => effectSummary(event).changed.length > 0);
  const type = choice.slice('type:'.length);
  return events.filter(({ event_type }) => event_type === type);
}

export function typesOf(events: readonly RecordedEvent[]): string[] {
  return [...new Set(events.map(({ event_type }) => event_type))].sort();
}
