import type { Scope } from '../../../filters/scope';
import { momentsOf } from '../../../filters/scopeRange';
import { useScope } from '../../../filters/useScope';
import { dateIn } from '../../../time/zone';

/**
 * Changes to the scope so that its range holds a moment: none if it does, and otherwise the days from there to the present.
 * The range in the address of a session's page is that of the page before, which may have been about other days.
 */
export function useScopeWith(at: string): Partial<Scope> {
  const scope = useScope();
  const { fromMs, toMs } = momentsOf(scope, scope.time_zone);
  const atMs = Date.parse(at);
  if (atMs >= fromMs && atMs < toMs) return {};
  const day = (ms: number) => dateIn(ms, scope.time_zone);
  return { range: { from: day(atMs), to: day(Math.max(atMs, Date.now())) } };
}
