import { describe, expect, it } from 'vitest';
import type { RefusedRequest } from '../../api/live';
import { adviceOnFault, adviceOnRequest, keyOf } from './advice';

describe('advice', () => {
  it('follows what the server says of a fault', () => {
    const advice = (path: string, message: string) => adviceOnFault({ path, message });
    expect(advice('/params/media.id', 'is required')).toBe('missing');
    expect(advice('/params/media.length', 'must be a number, is a string')).toBe('type');
    expect(advice('/params/media.lenght', 'is not documented for this event')).toBe('unknown');
    expect(advice('/playerTime/ts', 'must be above 0 and below 7258118400000, the year 2200')).toBe('time');
    expect(advice('/playerTime/playhead', 'must be below media.length, the length of the content')).toBe('playhead');
    expect(advice('', 'is not valid JSON: expected value at line 1 column 2')).toBe('json');
    expect(advice('/3', 'is longer than 65536 bytes')).toBe('tooLarge');
    expect(advice('/eventType', 'must be one of the documented event types')).toBe('value');
    expect(keyOf('/params/media.ad.id')).toBe('media.ad.id');
  });

  it('had none for a body that was compressed in a way that is not taken', () => {
    const advice = (status: number) => adviceOnRequest({ status, reason: '', errors: [] } as unknown as RefusedRequest);
    expect(advice(415)).toBe('encoding');
    expect(advice(413)).toBe('tooLarge');
    expect(advice(400)).toBe('other');
  });
});
