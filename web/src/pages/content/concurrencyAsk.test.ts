import { describe, expect, it } from 'vitest';
import { concurrencyRange } from './concurrencyAsk';

const now = Date.parse('2026-03-05T10:30:00Z');

describe('concurrencyRange', () => {
  it('keeps what is over as it is', () => {
    const range = { from: '2026-03-01', to: '2026-03-04' };
    expect(concurrencyRange(range, 'UTC', now)).toEqual(range);
  });

  it('ends now when the range is under way', () => {
    const range = concurrencyRange({ from: '2026-03-01', to: '2026-03-06' }, 'UTC', now);
    expect(range?.from).toBe('2026-03-01');
    expect(range?.to).toMatch(/^2026-03-05T10:30/);
  });

  it('is null beyond what the API counts', () => {
    expect(concurrencyRange({ from: '2024-01-01', to: '2026-03-01' }, 'UTC', now)).toBeNull();
  });
});
