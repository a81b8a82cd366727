import { describe, expect, it } from 'vitest';
import { parseEventPage } from './recordedEvent';

describe('the time of an event', () => {
  const page = (more: string) =>
    `{"events":[{"sequence":1,"event_type":"ping","ts":"1970-01-01T00:00:31.000Z",${more}"playhead":10,"received_at":"2026-11-01T00:00:10.000Z","status":"processed","effect":null,"body":{}}],"next_cursor":null}`;

  it('is the one that counts where the clock of the device was wrong', () => {
    const { events } = parseEventPage(page('"effective_ts":"2026-11-01T00:00:10.000Z","clock_offset_ms":1793491179000,'));
    expect(events[0]?.tsMs).toBe(Date.parse('2026-11-01T00:00:10.000Z'));
    expect(events[0]?.ts).toBe('1970-01-01T00:00:31.000Z');
  });

  it('is else the one that it said', () => {
    expect(parseEventPage(page('')).events[0]?.tsMs).toBe(31_000);
  });
});
