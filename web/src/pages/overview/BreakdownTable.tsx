import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { columnIndex, type Answer, type Cell } from '../../api/query';
import { DataTable, type Column, type Sort } from '../../components/DataTable';
import { HostileText } from '../../components/HostileText';
import { useCatalogue } from '../../filters/reportContext';
import type { ScopeFilter } from '../../filters/scope';
import { useChangeOwnParams, useScopedHref, type ReadyScope } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { nextDimension, type OverviewChoice } from './overviewChoice';

interface BreakdownTableProps {
  caption: string;
  answer: Answer;
  choice: OverviewChoice;
  scope: ReadyScope;
}

export function BreakdownTable({ caption, answer, choice, scope }: BreakdownTableProps): ReactNode {
  const { t } = useTranslation('overview');
  const change = useChangeOwnParams();
  const columns = useColumns(answer, choice);
  const rowHref = useDrillHref(choice, scope);
  const format = useFormat();
  const catalogue = useCatalogue();
  const footer = useMemo(() => {
    const cells: Record<string, ReactNode> = { [choice.by]: t('breakdown.total') };
    for (const name of choice.metrics) {
      const unit = catalogue.metrics.find((metric) => metric.name === name)?.unit ?? 'count';
      cells[name] = format.unit(numberOf(answer.totals[name]), unit, name);
    }
    return cells;
  }, [answer, choice, format, catalogue, t]);
  return (
    <DataTable
      caption={caption}
      columns={columns}
      rows={answer.rows}
      rowKey={(row, place) => `${place} ${String(row[0]).slice(0, 80)}`}
      sort={sortOf(choice.order)}
      onSort={({ key, direction }) => change({ order: direction === 'descending' ? `-${key}` : key })}
      rowHref={rowHref}
      footer={footer}
    />
  );
}

function useColumns(answer: Answer, choice: OverviewChoice): Column<Cell[]>[] {
  const { t } = useTranslation('overview');
  const labels = useLabels();
  const format = useFormat();
  const catalogue = useCatalogue();
  return useMemo(() => {
    const value = (row: Cell[]) => row[0] ?? null;
    const dimension: Column<Cell[]> = {
      key: choice.by,
      label: labels.dimension(choice.by),
      value: (row) => textOf(value(row)),
      cell: (row) => <DimensionValue value={value(row)} missing={t('breakdown.none')} />,
      grows: true,
      minWidth: 180,
    };
    const metrics = choice.metrics.map((name): Column<Cell[]> => {
      const place = columnIndex(answer, name);
      const entry = catalogue.metrics.find((metric) => metric.name === name);
      const unit = entry?.unit ?? 'count';
      const most = Math.max(...answer.rows.map((row) => numberOf(row[place]) ?? 0), 0);
      return {
        key: name,
        label: labels.metric(name),
        definition: entry?.definition,
        align: 'end',
        value: (row) => numberOf(row[place]),
        cell: (row) => format.unit(numberOf(row[place]), unit, name),
        bar: (row) => (most === 0 ? null : (numberOf(row[place]) ?? 0) / most),
        minWidth: 112,
      };
    });
    return [dimension, ...metrics];
  }, [answer, choice, labels, format, catalogue, t]);
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

function sortOf(order: string): Sort {
  const isDescending = order.startsWith('-');
  return { key: isDescending ? order.slice(1) : order, direction: isDescending ? 'descending' : 'ascending' };
}

function textOf(value: Cell): string | number | null {
  return typeof value === 'boolean' ? String(value) : value;
}

function numberOf(cell: Cell | undefined): number | null {
  return typeof cell === 'number' ? cell : null;
}
