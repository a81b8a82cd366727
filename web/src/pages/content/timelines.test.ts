import { describe, expect, it } from 'vitest';
import { reasonForClock, sessionsByClock, sessionsByContent } from './timelines';

const none = { content: 0, no_length: 0, live: 0, beyond_length: 0 };

describe('what the playheads of a content count', () => {
  it('is told by the clock for the reason that most sessions have', () => {
    expect(reasonForClock({ ...none, live: 2, no_length: 1 })).toBe('live');
    expect(reasonForClock({ ...none, live: 2, no_length: 3 })).toBe('no_length');
    expect(reasonForClock({ ...none, beyond_length: 1 })).toBe('beyond_length');
  });

  it('parts the sessions in two', () => {
    const mixed = { content: 4, no_length: 3, live: 2, beyond_length: 1 };
    expect([sessionsByContent(mixed), sessionsByClock(mixed)]).toEqual([7, 3]);
  });
});
