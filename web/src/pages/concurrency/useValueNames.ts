import { useMemo } from 'react';
import { useQueryReport } from '../../api/hooks';
import { columnIndex, textOf } from '../../api/query';
import { useCatalogue } from '../../filters/reportContext';
import { dimensionNamed } from '../../filters/scopeFilters';
import type { ReadyScope } from '../../filters/useScope';
import { addDays } from '../../time/zone';
import { SESSION_DAYS } from './concurrencyChoice';

/** The latest names of values of a dimension that has names, such as those of contents, by value. */
export function useValueNames(
  by: string | null,
  values: readonly (string | null)[],
  scope: ReadyScope,
): ReadonlyMap<string, string> {
  const catalogue = useCatalogue();
  const namedBy = by === null ? null : (dimensionNamed(catalogue, by)?.named_by ?? null);
  const ids = useMemo(() => values.filter((value) => value !== null).sort(), [values]);
  const isNamed = by !== null && namedBy !== null && ids.length > 0;
  const report = useQueryReport(
    isNamed
      ? {
          // Those who were there may have started before the range.
          from: addDays(scope.from.slice(0, 10), -SESSION_DAYS),
          to: scope.to,
          time_zone: scope.time_zone,
          metrics: ['sessions'],
          dimensions: [by],
          names: true,
          filters: [{ dimension: by, operator: 'in', values: ids }],
          limit: ids.length,
        }
      : null,
  );
  return useMemo(() => {
    const answer = isNamed ? report.data : undefined;
    if (!answer || by === null || namedBy === null) return new Map();
    const [value, name] = [columnIndex(answer, by), columnIndex(answer, namedBy)];
    const pairs = answer.rows.map((row) => [textOf(row[value]), textOf(row[name])] as const);
    return new Map(pairs.filter((pair): pair is [string, string] => pair[0] !== null && pair[1] !== null));
  }, [isNamed, report.data, by, namedBy]);
}
