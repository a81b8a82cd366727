import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { otherNames, textOf, type ReportResponse, type Cell } from '../../api/query';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';
import { NamedId } from '../../components/text/NamedId';
import { orderOf, sortOf } from '../../components/tables/tableOrder';
import type { ScopeFilter } from '../../filters/scope';
import { useMetricColumns, useTotalCells } from '../../filters/useMetricColumns';
import { useChangeOwnParams, useScopedHref, type ReadyScope } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
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
  const change = useChangeOwnParams();
  const columns = useColumns(answer, choice);
  const rowHref = useDrillHref(choice, scope);
  const footer = useTotalCells(answer, choice.metrics, { key: choice.namedBy ?? choice.by, label: t('breakdown.total') });
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={answer.rows}
      rowKey={(row, place) => `${place} ${String(row[0]).slice(0, 80)}`}
      sort={sortOf(choice.order)}
      onSort={(sort) => change({ order: orderOf(sort) })}
      rowHref={rowHref}
      allRows={allRows}
      footer={footer}
    />
  );
}

function useColumns(answer: ReportResponse, choice: OverviewChoice): Column<Cell[]>[] {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const metrics = useMetricColumns(answer, choice.metrics, { minWidth: 112 });
  return useMemo(() => {
    const missing = t('breakdown.none');
    const value = (row: Cell[]) => row[0] ?? null;
    const others = otherNames(answer, choice.by);
    const named = (row: Cell[]) => {
      const id = textOf(value(row));
      return <NamedId id={id} name={textOf(row[1])} others={others.get(id ?? '')} missing={missing} />;
    };
    const dimension: Column<Cell[]> = {
      // The names are in order, as they are what is seen.
      key: choice.namedBy ?? choice.by,
      label: labels.dimension(choice.by),
      value: (row) => sortKey(choice.namedBy ? (row[1] ?? null) : value(row)),
      ...(choice.namedBy ? { csv: (row) => withId(textOf(row[1]), textOf(value(row))) } : {}),
      cell: (row) => (choice.namedBy ? named(row) : <DimensionValue value={value(row)} missing={missing} />),
      grows: true,
      minWidth: 180,
    };
    return [dimension, ...metrics];
  }, [answer, choice.by, choice.namedBy, metrics, labels, t]);
}

/** A name with its id in a file, where the two stand in one cell. */
function withId(name: string | null, id: string | null): string {
  return [name, id].filter((text) => text !== null).join(' · ');
}

function DimensionValue({ value, missing }: { value: Cell; missing: string }): ReactNode {
  const labels = useLabels();
  if (value === null || value === '') return <HostileText text={null} missing={missing} />;
  const word = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
  return <HostileText text={labels.value(word)} max={80} />;
}

/** Where a row leads: the same page, narrowed down to its value, by the next dimension. */
function useDrillHref(choice: OverviewChoice, scope: ReadyScope): (row: Cell[]) => string | null {
  const scopedHref = useScopedHref();
  return useCallback(
    (row) => {
      const value = row[0] ?? null;
      const filter: ScopeFilter =
        value === null
          ? { dimension: choice.by, operator: 'exists', values: [false] }
          : { dimension: choice.by, operator: 'in', values: [value] };
      const filters = [...scope.scope.filters.filter(({ dimension }) => dimension !== choice.by), filter];
      const by = nextDimension(choice.by, filters.map(({ dimension }) => dimension));
      return scopedHref('/overview', { filters }, { metrics: choice.metrics.join(','), show: choice.shown, by });
    },
    [choice, scope, scopedHref],
  );
}

function sortKey(value: Cell): string | number | null {
  return typeof value === 'boolean' ? String(value) : value;
}
