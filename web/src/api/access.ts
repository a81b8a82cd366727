import { getJson, postJson } from './client';
import type { Access, Role as LoggedIn } from './schema';

export type { Access } from './schema';
export type Role = Access['role'];

export const getAccess = (signal?: AbortSignal) => getJson<Access>('/access', {}, { signal });

export const logIn = (token: string) => postJson<LoggedIn>('/login', { token }, { leadsToLogin: false });

export const logOut = () => postJson<null>('/logout', undefined);
