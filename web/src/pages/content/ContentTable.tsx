import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { columnIndex, otherNames, textOf, type Cell, type ReportResponse } from '../../api/query';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { NamedId } from '../../components/text/NamedId';
import { orderOf, sortOf } from '../../components/tables/tableOrder';
import { useMetricColumns, useTotalCells } from '../../filters/metrics/useMetricColumns';
import { filterOfValue } from '../../filters/scopeFilters';
import { useScopedHref, useSessionsHref } from '../../filters/useScope';
import { NOTHING } from '../../format/format';
import { contentPath } from './contentAddress';
import { LIST_METRICS, METRICS_OF_LENGTH } from './contentList';

interface ContentTableProps {
  answer: ReportResponse;
  /** Contents that go by the clock, and have no shares of a length. */
  byClock: ReadonlySet<string>;
  order: string;
  onOrder: (order: string) => void;
  allRows: () => Promise<Cell[][]>;
}

/** Contents with their metrics; a row leads to its content. */
export function ContentTable({ answer, byClock, order, onOrder, allRows }: ContentTableProps): ReactNode {
  const { t } = useTranslation('content');
  const href = useScopedHref();
  const sessionsHref = useSessionsHref();
  const columns = useColumns(answer, byClock);
  const footer = useTotalCells(answer, LIST_METRICS, { key: 'content_name', label: t('list.total') });
  const idPlace = columnIndex(answer, 'content_id');
  return (
    <DataTable
      caption={t('list.title')}
      columns={columns}
      rows={answer.rows}
      rowKey={(row, place) => `${place} ${String(row[idPlace]).slice(0, 80)}`}
      sort={sortOf(order)}
      onSort={(sort) => onOrder(orderOf(sort))}
      rowHref={(row) => {
        const id = row[idPlace];
        const path = typeof id === 'string' ? contentPath(id) : null;
        return path === null ? null : href(path);
      }}
      rowSessions={(row) => {
        const id = row[idPlace];
        return typeof id === 'string' ? { href: sessionsHref({ filters: [filterOfValue('content_id', id)] }), count: null } : null;
      }}
      footer={footer}
      allRows={allRows}
    />
  );
}

function useColumns(answer: ReportResponse, byClock: ReadonlySet<string>): Column<Cell[]>[] {
  const { t } = useTranslation('content');
  const shortLabel = useCallback((metric: string) => t(`list.short.${metric as (typeof LIST_METRICS)[number]}`), [t]);
  const metrics = useMetricColumns(answer, LIST_METRICS, { shortLabel, minWidth: 96, isOfWhole: true });
  return useMemo(() => {
    const [idPlace, namePlace] = [columnIndex(answer, 'content_id'), columnIndex(answer, 'content_name')];
    const others = otherNames(answer, 'content_id');
    const content: Column<Cell[]> = {
      key: 'content_name',
      label: t('list.content'),
      grows: true,
      minWidth: 180,
      value: (row) => textOf(row[namePlace]),
      csv: (row) => [textOf(row[namePlace]), textOf(row[idPlace])].filter((text) => text !== null).join(' · '),
      cell: (row) => {
        const [id, name] = [textOf(row[idPlace]), textOf(row[namePlace])];
        return <NamedId id={id} name={name} others={others.get(id ?? '')} missing={t('list.nameless')} />;
      },
    };
    const hasNoLength = (row: Cell[]) => byClock.has(textOf(row[idPlace]) ?? '');
    const ofLength = metrics.map((column): Column<Cell[]> => {
      if (!METRICS_OF_LENGTH.includes(column.key)) return column;
      const bar = column.bar ?? (() => null);
      return {
        ...column,
        cell: (row) => (hasNoLength(row) ? NOTHING : column.cell(row)),
        csv: (row) => (hasNoLength(row) ? null : column.value?.(row)),
        bar: (row) => (hasNoLength(row) ? null : bar(row)),
      };
    });
    return [content, ...ofLength];
  }, [answer, byClock, metrics, t]);
}
