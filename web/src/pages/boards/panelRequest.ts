import type { Params } from '../../api/client';
import type { BoardPanel } from '../../api/kept';
import type { Filter, ReportQuery } from '../../api/query';
import type { TimeRange } from '../../filters/scopeRange';
import { panelParams, queryScope, type ReadyScope } from '../../filters/useScope';

type Parameters = BoardPanel['parameters'];

/** The query of a panel: its own parameters, in the range of the page and narrowed down by the page's filters. */
export function panelQuery(parameters: Parameters, scope: ReadyScope, range: TimeRange = scope): ReportQuery {
  // The server took them as those of a query.
  const own = parameters as Partial<ReportQuery>;
  return {
    ...queryScope(scope, range),
    metrics: [],
    ...own,
    filters: [...ownFilters(parameters), ...scope.filters],
    segment: own.segment ?? scope.segment,
  };
}

/** The same for the calls that take their parameters in the address. */
export function panelCall(parameters: Parameters, scope: ReadyScope, range: TimeRange = scope): Params {
  const filters = [...ownFilters(parameters), ...scope.filters];
  const own = Object.entries(parameters).map(([name, value]): [string, string] => [name, textOf(value)]);
  return {
    ...panelParams(scope, range),
    ...Object.fromEntries(own),
    filters: filters.length === 0 ? undefined : JSON.stringify(filters),
  };
}

/** What a panel of a page has beside its range, without what goes without saying. */
export function panelScope(scope: ReadyScope): Parameters {
  return {
    ...(scope.filters.length === 0 ? {} : { filters: scope.filters }),
    ...(scope.segment === 'all' ? {} : { segment: scope.segment }),
  };
}

/** As a list: a call that has them in its address also takes them as text. */
function ownFilters({ filters }: Parameters): Filter[] {
  if (Array.isArray(filters)) return filters as Filter[];
  if (typeof filters !== 'string') return [];
  try {
    const read: unknown = JSON.parse(filters);
    return Array.isArray(read) ? (read as Filter[]) : [];
  } catch {
    return [];
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
