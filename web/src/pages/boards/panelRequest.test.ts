import { describe, expect, it } from 'vitest';
import type { ReadyScope } from '../../filters/useScope';
import { panelCall, panelQuery, panelScope } from './panelRequest';

const web = { dimension: 'channel', operator: '=', value: 'web' } as const;
const live = { dimension: 'content_type', operator: '=', value: 'live' } as const;
const scope = {
  from: '2026-11-01',
  to: '2026-11-02',
  time_zone: 'UTC',
  segment: 'audio',
  filters: [live],
} as unknown as ReadyScope;

describe('the request of a panel', () => {
  it('forgot the filters of the board, or its own', () => {
    const query = panelQuery({ metrics: ['sessions'], filters: [web] }, scope);
    expect(query).toEqual({
      from: '2026-11-01',
      to: '2026-11-02',
      time_zone: 'UTC',
      segment: 'audio',
      metrics: ['sessions'],
      filters: [web, live],
    });
    for (const filters of [[web], JSON.stringify([web])]) {
      const call = panelCall({ count: 'visitors', limit: 5, filters }, scope);
      expect(call).toMatchObject({ count: 'visitors', limit: '5', segment: 'audio', from: '2026-11-01' });
      expect(JSON.parse(String(call.filters))).toEqual([web, live]);
    }
  });

  it('lost its own segment to that of the page', () => {
    expect(panelQuery({ metrics: ['sessions'], segment: 'video' }, scope).segment).toBe('video');
    expect(panelCall({ segment: 'video' }, scope).segment).toBe('video');
  });

  it('is kept without what goes without saying', () => {
    expect(panelScope(scope)).toEqual({ filters: [live], segment: 'audio' });
    expect(panelScope({ ...scope, filters: [], segment: 'all' })).toEqual({});
  });
});
