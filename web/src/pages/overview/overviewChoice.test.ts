import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../api/catalogue';
import { nextDimension, readChoice } from './overviewChoice';

const metric = (name: string, facts: string[] = ['sessions']) => ({ name, aliases: [], facts });
const dimension = (name: string, can_break_down = true, facts = ['sessions']) => ({ name, aliases: [], facts, can_break_down });
const catalogue = {
  metrics: [metric('content_starts'), metric('visitors'), metric('chapter_time_spent', ['chapters'])],
  dimensions: [
    dimension('channel'),
    { ...dimension('content_id'), named_by: 'content_name' },
    dimension('content_name'),
    dimension('content_length', false),
    dimension('error_id', true, ['errors']),
  ],
  metadata_dimensions: { pattern: 'custom.*', definition: '' },
  limits: { metrics: 50, dimensions: 3 },
} as unknown as Catalogue;

const read = (query: string) => readChoice(new URLSearchParams(query), catalogue);

describe('the choice in the address', () => {
  it('has something to show without any', () => {
    expect(read('')).toEqual({
      metrics: ['content_starts', 'visitors'],
      shown: 'content_starts',
      lines: null,
      by: ['channel'],
      names: false,
      order: '-content_starts',
      rows: 20,
    });
  });

  it('comes back as it was written', () => {
    expect(read('metrics=visitors,content_starts&show=content_starts&by=custom.plan&order=visitors&rows=60')).toEqual({
      metrics: ['visitors', 'content_starts'],
      shown: 'content_starts',
      lines: null,
      by: ['custom.plan'],
      names: false,
      order: 'visitors',
      rows: 60,
    });
  });

  it('takes the names of what has an id for its order', () => {
    const choice = read('by=content_id&order=content_name');
    expect([choice.by, choice.names, choice.order]).toEqual([['content_id'], true, 'content_name']);
    expect(read('by=channel&order=content_name').order).toBe('-content_starts');
  });

  it('passes over what cannot be shown', () => {
    const choice = read('metrics=visitors,visitors,chapter_time_spent,x&show=x&lines=error_id&by=content_length&order=-x&rows=-3');
    expect(choice).toEqual({ metrics: ['visitors'], shown: 'visitors', lines: null, by: ['channel'], names: false, order: '-visitors', rows: 20 });
    // Sessions have any number of errors, and so none of their own.
    expect(read('by=error_id').by).toEqual(['channel']);
  });

  it('takes up to three dimensions, and names what has names unless the names are broken down by as well', () => {
    expect(read('by=channel&by=custom.a,b&by=channel&by=error_id&by=content_id&by=custom.c').by).toEqual(['channel', 'custom.a,b', 'content_id']);
    expect(read('by=channel&by=content_id').names).toBe(true);
    expect(read('by=content_id&by=content_name').names).toBe(false);
    expect(read('by=content_id&by=content_name&order=content_name').order).toBe('content_name');
  });
});

describe('drilling down', () => {
  it('goes on to what is narrower and not filtered yet', () => {
    expect(nextDimension('channel', [])).toBe('content_type');
    expect(nextDimension('channel', ['content_type'])).toBe('content_id');
    expect(nextDimension('app_version', ['channel'])).toBe('content_type');
    expect(nextDimension('genre', [])).toBe('channel');
  });
});
