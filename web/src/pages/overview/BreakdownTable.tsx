import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { columnIndex, numberOf, totalOf, type ReportResponse, type Cell } from '../../api/query';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { orderOf, sortOf } from '../../components/tables/tableOrder';
import { filtersOfRow } from '../../filters/breakdown/dimensions';
import { useDimensionColumns } from '../../filters/breakdown/useDimensionColumns';
import { Change } from '../../filters/comparison/Change';
import { usePeriodKind, usePeriodName } from '../../filters/comparison/usePeriodName';
import { useMetricColumns, useTotalCells } from '../../filters/metrics/useMetricColumns';
import { useCatalogue } from '../../filters/reportContext';
import { useChangeOwnParams, useScopedHref, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { changeOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { nextDimension, type OverviewChoice } from './overviewChoice';

interface BreakdownTableProps {
  caption: string;
  answer: ReportResponse;
  choice: OverviewChoice;
  scope: ReadyScope;
  /** The rows, with the number of the picked metric in the period that is compared with behind each, if they have it. */
  rows: Cell[][];
  hasFormer: boolean;
  /** The totals of that period. */
  before: ReportResponse | undefined;
  allRows: () => Promise<Cell[][]>;
}

export function BreakdownTable(props: BreakdownTableProps): ReactNode {
  const { caption, answer, choice, scope, allRows } = props;
  const { t } = useTranslation('overview');
  const { by, metrics } = choice;
  const change = useChangeOwnParams();
  const dimensionColumns = useDimensionColumns(answer, by);
  const metricColumns = useMetricColumns(answer, metrics, { minWidth: 112 });
  const former = useFormerColumns(props);
  const columns = useMemo(
    () => [...dimensionColumns, ...metricColumns.flatMap((column) => (column.key === choice.shown ? [column, ...former.columns] : [column]))],
    [dimensionColumns, metricColumns, former.columns, choice.shown],
  );
  const rowHref = useDrillHref(answer, choice, scope);
  const sessionsHref = useSessionsHref();
  const sessionsPlace = columnIndex(answer, 'sessions');
  const footer = useTotalCells(answer, metrics, { key: columns[0]?.key ?? '', label: t('breakdown.total') });
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={props.rows}
      rowKey={(row, place) => `${place} ${String(row[0]).slice(0, 80)}`}
      sort={sortOf(choice.order)}
      onSort={(sort) => change({ order: orderOf(sort) })}
      rowHref={rowHref}
      rowSessions={(row) => ({
        href: sessionsHref({ filters: filtersOfRow(answer, by, row) }),
        count: sessionsPlace < 0 ? null : numberOf(row[sessionsPlace]),
      })}
      allRows={allRows}
      footer={{ ...footer, ...former.footer }}
    />
  );
}

/** The columns of the picked metric in the period that is compared with; none where nothing is compared. */
function useFormerColumns({ answer, choice, scope, hasFormer, before }: BreakdownTableProps) {
  const { t } = useTranslation('overview');
  const catalogue = useCatalogue();
  const format = useFormat();
  const kind = usePeriodKind(scope.scope);
  const name = usePeriodName(scope);
  const metric = choice.shown;
  const unit = catalogue.metrics.find((entry) => entry.name === metric)?.unit ?? 'count';
  return useMemo(() => {
    if (!hasFormer) return { columns: [], footer: {} };
    const [own, place] = [columnIndex(answer, metric), answer.columns.length];
    const value = (row: Cell[]) => numberOf(row[place]);
    const change = (row: Cell[]) => changeOf(numberOf(row[own]), value(row));
    const columns: Column<Cell[]>[] = [
      { key: 'before', label: kind, title: name, align: 'end', csv: value, cell: (row) => format.unit(value(row), unit, metric), minWidth: 100 },
      { key: 'change', label: t('breakdown.change'), align: 'end', csv: change, cell: (row) => <Change metric={metric} share={change(row)} />, minWidth: 84 },
    ];
    const total = totalOf(before, metric);
    const footer = before && {
      before: format.unit(total, unit, metric),
      change: <Change metric={metric} share={changeOf(totalOf(answer, metric), total)} />,
    };
    return { columns, footer: footer ?? {} };
  }, [answer, hasFormer, before, metric, unit, kind, name, format, t]);
}

/** Where a row leads: the same page, narrowed down to its values, by the next dimension. */
function useDrillHref(answer: ReportResponse, choice: OverviewChoice, scope: ReadyScope): (row: Cell[]) => string | null {
  const scopedHref = useScopedHref();
  return useCallback(
    (row) => {
      const { by, lines, metrics, shown } = choice;
      const others = scope.scope.filters.filter(({ dimension }) => !by.includes(dimension));
      const filters = [...others, ...filtersOfRow(answer, by, row)];
      const next = nextDimension(by.at(-1) ?? '', filters.map(({ dimension }) => dimension));
      const own = { metrics: metrics.join(','), show: shown, ...(lines === null ? {} : { lines }), by: next };
      return scopedHref('/overview', { filters }, own);
    },
    [answer, choice, scope, scopedHref],
  );
}
