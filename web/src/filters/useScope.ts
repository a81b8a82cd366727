import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { Params } from '../api/client';
import { zoneClocks } from '../api/hooks';
import type { Filter } from '../api/query';
import { usualZone, useUsualZone } from '../time/readerZone';
import { comparedPeriod } from './comparison/period';
import { useAskedAt, useCatalogue } from './reportContext';
import { isSameFilter, SCOPE_PARAMS, type Range, type Scope, type ScopeFilter } from './scope';
import { decodeScope, encodeScope, queryText } from './scopeAddress';
import { apiFilter, splitByFact, type Counted } from './scopeFilters';
import { timeRange, type TimeRange } from './scopeRange';

/** The scope ready for calls. */
export interface ReadyScope {
  from: string;
  to: string;
  time_zone: string;
  segment: string;
  filters: Filter[];
  /** The period to compare with; null when nothing is compared. */
  compared: TimeRange | null;
  /** Filters of the scope that the page's rows do not have; the scope bar shows them as not applied. */
  ignored: ScopeFilter[];
  /** As held in the address. */
  scope: Scope;
}

/** The scope as the address has it, on pages that do not wait for the catalogue too. */
export function useScopeOfAddress(): Scope {
  const [params] = useSearchParams();
  const usual = useUsualZone();
  return useMemo(() => decodeScope(params, usual), [params, usual]);
}

/**
 * The scope for queries over rows of a table (`sessions` by default). Only below the `CatalogueGate`, as all
 * report pages are.
 */
export function useScope(fact: Counted = 'sessions'): ReadyScope {
  const scope = useScopeOfAddress();
  const catalogue = useCatalogue();
  const { askedAtMs } = useAskedAt();
  const key = JSON.stringify(scope);
  return useMemo(() => {
    const { applied, ignored } = splitByFact(scope.filters, fact, catalogue);
    return {
      ...timeRange(scope.range, scope.timeZone, askedAtMs),
      time_zone: scope.timeZone,
      segment: scope.segment,
      filters: applied.map(apiFilter),
      compared: scope.compared && comparedPeriod(scope.range, scope.compared, scope.timeZone, askedAtMs),
      ignored,
      scope,
    };
  }, [key, fact, catalogue, askedAtMs]);
}

/** The scope as the parameters of a panel. */
export function panelParams(scope: ReadyScope, range: TimeRange = scope): Params {
  return {
    from: range.from,
    to: range.to,
    time_zone: scope.time_zone,
    segment: scope.segment,
    filters: scope.filters.length === 0 ? undefined : JSON.stringify(scope.filters),
  };
}

/** The scope as part of the body of a query. */
export function queryScope(scope: ReadyScope, range: TimeRange = scope) {
  return {
    from: range.from,
    to: range.to,
    time_zone: scope.time_zone,
    segment: scope.segment,
    filters: scope.filters,
  };
}

/**
 * Where one is by the address itself: the page may not have been rendered since it changed, and what is made of an older
 * address would take back that change.
 */
function currentPlace(): { pathname: string; params: URLSearchParams } {
  const { pathname, search } = window.location;
  return { pathname, params: new URLSearchParams(search) };
}

/** Changes the scope in the address; the page's own parameters stay. */
export function useChangeScope(): (change: Partial<Scope>) => void {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useCallback(
    async (change) => {
      // Asked before the address changes: a page that had to wait for the clocks of its zone would lose what is open on it.
      if (change.timeZone !== undefined) await queries.prefetchQuery(zoneClocks(change.timeZone));
      const { pathname, params } = currentPlace();
      const scope = { ...decodeScope(params, usualZone()), ...change };
      const own = [...params].filter(([name]) => !isScopeParam(name));
      navigate(`${pathname}${queryText([...encodeScope(scope), ...own])}`);
    },
    [navigate, queries],
  );
}

/** Writes the zone into an address that names none, so that whoever gets the link sees the same numbers. */
export function useZoneInAddress(): void {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const scope = useScopeOfAddress();
  const isNamed = params.get('tz') === scope.timeZone;
  useEffect(() => {
    if (isNamed) return;
    const { pathname, params: now } = currentPlace();
    const own = [...now].filter(([name]) => !isScopeParam(name));
    navigate(`${pathname}${queryText([...encodeScope(decodeScope(now, usualZone())), ...own])}`, { replace: true });
  }, [isNamed, navigate]);
}

/** Sets parameters of the page itself (null removes one, a list sets it several times); the scope stays. Replaces the entry of the history. */
export function useChangeOwnParams(): (change: Record<string, string | readonly string[] | null>) => void {
  const navigate = useNavigate();
  return useCallback(
    (change) => {
      const { pathname, params } = currentPlace();
      const kept = [...params].filter(([name]) => !(name in change));
      const set = Object.entries(change).flatMap(([name, value]) => {
        const values = value === null ? [] : typeof value === 'string' ? [value] : value;
        return values.map((one): [string, string] => [name, one]);
      });
      navigate(`${pathname}${queryText([...kept, ...set])}`, { replace: true });
    },
    [navigate],
  );
}

function isScopeParam(name: string): boolean {
  return SCOPE_PARAMS.some((known) => known === name);
}

/**
 * The address of another page with the scope of this one: `href('/content/42')`, or with changes to the scope
 * (`href('/sessions', { filters: [...] })`).
 */
export function useScopedHref(): (path: string, change?: Partial<Scope>, own?: Record<string, string>) => string {
  const [params] = useSearchParams();
  const usual = useUsualZone();
  return useCallback(
    (path, change = {}, own = {}) => {
      const scope = { ...decodeScope(params, usual), ...change };
      return `${path}${queryText([...encodeScope(scope), ...Object.entries(own)])}`;
    },
    [params, usual],
  );
}

/**
 * The address of the sessions behind a number of a page that counts rows of a table: those that the filters in force there let
 * through, and these filters as well. What the page does not apply is left out, so that the list has as many as the number says.
 */
export function useSessionsHref(
  fact: Counted = 'sessions',
): (narrowed: { filters?: ScopeFilter[]; range?: Range; order?: string }) => string {
  const { scope, ignored } = useScope(fact);
  const href = useScopedHref();
  return useCallback(
    ({ filters = [], range, order }) => {
      const isAdded = (filter: ScopeFilter) => [...ignored, ...filters].some((other) => isSameFilter(other, filter));
      const applied = scope.filters.filter((filter) => !isAdded(filter));
      const change = { filters: [...applied, ...filters], compared: null, ...(range ? { range } : {}) };
      return href('/sessions', change, order === undefined ? {} : { order });
    },
    [scope, ignored, href],
  );
}
