import { getJson, postJson } from './client';

export type Role = 'admin' | 'read';

export interface Access {
  role: Role;
  version: string;
  validation: 'lenient' | 'standard' | 'strict';
  /** Report suites that the server takes events for; empty: all. */
  report_suites: string[];
  reorder_window_ms: number;
  idle_timeout_ms: number;
}

export const getAccess = (signal?: AbortSignal) => getJson<Access>('/access', {}, { signal });

export const logIn = (token: string) => postJson<{ role: Role }>('/login', { token }, { leadsToLogin: false });

export const logOut = () => postJson<null>('/logout', undefined);
