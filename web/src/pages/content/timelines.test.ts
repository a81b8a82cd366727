import { describe, expect, it } from 'vitest';
import type { ReportResponse } from '../../api/query';
import { contentsByClock, reasonForClock, sessionsByClock, sessionsByContent } from './timelines';

const none = { content: 0, no_length: 0, live: 0, beyond_length: 0 };

describe('what the playheads of a content count', () => {
  it('is told by the clock for the reason that most sessions have', () => {
    expect(reasonForClock({ ...none, live: 2, no_length: 1 })).toBe('live');
    expect(reasonForClock({ ...none, live: 2, no_length: 3 })).toBe('no_length');
    expect(reasonForClock({ ...none, beyond_length: 1 })).toBe('beyond_length');
  });

  it('is the clock for contents of which no session knows a length', () => {
    const column = (name: string) => ({ name, kind: 'dimension' as const, type: 'text' as const });
    const rows = [
      ['film', 'content', 3],
      ['film', 'live', 9],
      ['match', 'live', 2],
      ['radio', 'no_length', 1],
      [null, 'live', 1],
    ];
    const answer = { columns: ['content_id', 'timeline', 'sessions'].map(column), rows } as unknown as ReportResponse;
    expect([...contentsByClock(answer)]).toEqual(['match', 'radio']);
  });

  it('parts the sessions in two', () => {
    const mixed = { content: 4, no_length: 3, live: 2, beyond_length: 1 };
    expect([sessionsByContent(mixed), sessionsByClock(mixed)]).toEqual([7, 3]);
  });
});
