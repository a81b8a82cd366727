import { describe, expect, it } from 'vitest';
import { formatFor } from '../format/format';
import { learnClocks } from './serverClocks';
import { dateTimeIn, momentOf, offsetMs, timeWriter, wallClock } from './zone';

const HOUR_MS = 3_600_000;
const AT_MS = Date.parse('2026-11-15T12:00:00.250Z');

describe('the clocks of a zone', () => {
  it('were those of the browser, whatever the server counted by', () => {
    expect(dateTimeIn(AT_MS, 'Africa/Lagos')).toBe('2026-11-15T13:00');
    const time = timeWriter('en-GB', { timeStyle: 'short' }, 'Africa/Lagos');
    expect(time(AT_MS)).toBe('13:00');
    // As if its clocks had been set back in November.
    learnClocks('Africa/Lagos', [
      { from_ms: null, ahead_ms: HOUR_MS },
      { from_ms: Date.parse('2026-11-01T00:00:00Z'), ahead_ms: 0 },
      { from_ms: Date.parse('2027-03-01T00:00:00Z'), ahead_ms: 2 * HOUR_MS },
    ]);
    expect(offsetMs(AT_MS, 'Africa/Lagos')).toBe(0);
    expect(offsetMs(Date.parse('2026-10-31T23:59:59Z'), 'Africa/Lagos')).toBe(HOUR_MS);
    expect(offsetMs(Date.parse('2030-01-01T00:00:00Z'), 'Africa/Lagos')).toBe(2 * HOUR_MS);
    expect(dateTimeIn(AT_MS, 'Africa/Lagos')).toBe('2026-11-15T12:00');
    expect(wallClock(-1, 'Africa/Lagos')).toEqual({ year: 1970, month: 1, day: 1, hour: 0, minute: 59, second: 59 });
    expect(time(AT_MS)).toBe('12:00');
    expect(formatFor('en-GB', 'Africa/Lagos').time(AT_MS)).toBe('12:00');
    expect(momentOf('2026-11-15T12:00', 'Africa/Lagos')).toBe(Date.parse('2026-11-15T12:00:00Z'));
  });
});
