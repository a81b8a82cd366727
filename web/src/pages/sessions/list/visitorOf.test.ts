import { describe, expect, it } from 'vitest';
import { visitorOf } from './useSessionColumns';

const NOBODY = { marketing_cloud_user_id: null, visitor_id: null, app_installation_id: null };

describe('who watched', () => {
  it('skips empty ids', () => {
    expect(visitorOf({ ...NOBODY, marketing_cloud_user_id: '', visitor_id: 'crm-1' })).toBe('crm-1');
    expect(visitorOf({ ...NOBODY, visitor_id: '', app_installation_id: 'app-1' })).toBe('app-1');
  });

  it('names nobody if all ids are absent or empty', () => {
    expect(visitorOf(NOBODY)).toBeNull();
    expect(visitorOf({ ...NOBODY, app_installation_id: '' })).toBeNull();
  });
});
