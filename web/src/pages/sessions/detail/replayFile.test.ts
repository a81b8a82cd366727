import { describe, expect, it } from 'vitest';
import { parseEventPage } from '../events/recordedEvent';
import { replayFile } from './replayFile';
import { recorded, START_MS } from '../events/testEvents';

describe('the replay file', () => {
  it('has the events in the order of arrival, without their timestamps', () => {
    const events = recorded([
      { seconds: 0, type: 'sessionStart', sequence: 3, body: { params: { 'media.name': 'A "name"' } } },
      { seconds: 2.5, type: 'ping', sequence: 9, playhead: 2.5 },
      { seconds: 1.001, type: 'play', sequence: 12 },
    ]);
    const [start, ping, play] = events;
    const file = JSON.parse(replayFile('A "name"', [start, play, ping].filter((event) => event !== undefined)));
    expect(file.title).toBe('A "name"');
    expect(file.first_ts).toBe(START_MS);
    expect(file.steps.map((step: { at: number }) => step.at)).toEqual([0, 2.5, 1.001]);
    expect(file.steps[1].body).toEqual({ playerTime: { playhead: 2.5 }, eventType: 'ping' });
    expect(file.steps[0].body.params).toEqual({ 'media.name': 'A "name"' });
  });

  it('keeps every digit', () => {
    const body = '{"eventType":"sessionStart","playerTime":{"ts":1000,"playhead":0.10},"params":{"media.length":60.33333333333333333}}';
    const text = `{"events":[{"sequence":1,"event_type":"sessionStart","ts":"1970-01-01T00:00:01.000Z","playhead":0.1,"received_at":"1970-01-01T00:00:01.000Z","status":"processed","effect":null,"body":${body}}],"next_cursor":"n"}`;
    const { events, nextCursor } = parseEventPage(text);
    expect(nextCursor).toBe('n');
    expect(events[0]?.raw).toBe(body);
    expect(replayFile('', events)).toContain('"playerTime":{"playhead":0.10},"params":{"media.length":60.33333333333333333}');
  });
});
