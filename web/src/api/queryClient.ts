import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './client';

/** Failures that a retry may fix: no response, too many requests, and a busy or starting server. */
function isWorthAnotherTry(tries: number, error: Error): boolean {
  if (!(error instanceof ApiError) || tries >= 3) return false;
  return error.isUnreachable || error.status === 429 || error.status === 502 || error.status === 503;
}

function waitMs(tries: number, error: Error): number {
  const asked = error instanceof ApiError ? error.retryAfter : null;
  return Math.min((asked ?? 2 ** tries * 0.5) * 1000, 10_000);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: isWorthAnotherTry,
      retryDelay: waitMs,
      // Asking is left to the server: the browser's word on being online does not hold for local networks.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});
