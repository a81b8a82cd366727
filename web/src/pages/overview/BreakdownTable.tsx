import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { columnIndex, numberOf, type ReportResponse, type Cell } from '../../api/query';
import { DataTable } from '../../components/tables/DataTable';
import { orderOf, sortOf } from '../../components/tables/tableOrder';
import { filtersOfRow } from '../../filters/breakdown/dimensions';
import { useDimensionColumns } from '../../filters/breakdown/useDimensionColumns';
import { useMetricColumns, useTotalCells } from '../../filters/metrics/useMetricColumns';
import { useChangeOwnParams, useScopedHref, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { nextDimension, type OverviewChoice } from './overviewChoice';

interface BreakdownTableProps {
  caption: string;
  answer: ReportResponse;
  choice: OverviewChoice;
  scope: ReadyScope;
  allRows: () => Promise<Cell[][]>;
}

export function BreakdownTable({ caption, answer, choice, scope, allRows }: BreakdownTableProps): ReactNode {
  const { t } = useTranslation('overview');
  const { by, metrics } = choice;
  const change = useChangeOwnParams();
  const dimensionColumns = useDimensionColumns(answer, by);
  const metricColumns = useMetricColumns(answer, metrics, { minWidth: 112 });
  const columns = useMemo(() => [...dimensionColumns, ...metricColumns], [dimensionColumns, metricColumns]);
  const rowHref = useDrillHref(answer, choice, scope);
  const sessionsHref = useSessionsHref();
  const sessionsPlace = columnIndex(answer, 'sessions');
  const footer = useTotalCells(answer, metrics, { key: columns[0]?.key ?? '', label: t('breakdown.total') });
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={answer.rows}
      rowKey={(row, place) => `${place} ${String(row[0]).slice(0, 80)}`}
      sort={sortOf(choice.order)}
      onSort={(sort) => change({ order: orderOf(sort) })}
      rowHref={rowHref}
      rowSessions={(row) => ({
        href: sessionsHref({ filters: filtersOfRow(answer, by, row) }),
        count: sessionsPlace < 0 ? null : numberOf(row[sessionsPlace]),
      })}
      allRows={allRows}
      footer={footer}
    />
  );
}

/** Where a row leads: the same page, narrowed down to its values, by the next dimension. */
function useDrillHref(answer: ReportResponse, choice: OverviewChoice, scope: ReadyScope): (row: Cell[]) => string | null {
  const scopedHref = useScopedHref();
  return useCallback(
    (row) => {
      const { by, metrics, shown } = choice;
      const others = scope.scope.filters.filter(({ dimension }) => !by.includes(dimension));
      const filters = [...others, ...filtersOfRow(answer, by, row)];
      const next = nextDimension(by.at(-1) ?? '', filters.map(({ dimension }) => dimension));
      return scopedHref('/overview', { filters }, { metrics: metrics.join(','), show: shown, by: next });
    },
    [answer, choice, scope, scopedHref],
  );
}
