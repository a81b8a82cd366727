import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { columnIndex, type ReportResponse, type Cell } from '../../api/query';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';
import { orderOf, sortOf } from '../../components/tables/tableOrder';
import { useMetricColumns, useTotalCells } from '../../filters/useMetricColumns';
import { useScopedHref } from '../../filters/useScope';
import styles from './ContentList.module.css';
import { LIST_METRICS } from './contentList';

interface ContentTableProps {
  answer: ReportResponse;
  order: string;
  onOrder: (order: string) => void;
  allRows: () => Promise<Cell[][]>;
}

/** Contents with their metrics; a row leads to its content. */
export function ContentTable({ answer, order, onOrder, allRows }: ContentTableProps): ReactNode {
  const { t } = useTranslation('content');
  const href = useScopedHref();
  const columns = useColumns(answer);
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
        return typeof id === 'string' && id !== '' ? href(`/content/${encodeURIComponent(id)}`) : null;
      }}
      footer={footer}
      allRows={allRows}
    />
  );
}

function useColumns(answer: ReportResponse): Column<Cell[]>[] {
  const { t } = useTranslation('content');
  const shortLabel = useCallback((metric: string) => t(`list.short.${metric as (typeof LIST_METRICS)[number]}`), [t]);
  const metrics = useMetricColumns(answer, LIST_METRICS, { shortLabel, minWidth: 96, isOfWhole: true });
  return useMemo(() => {
    const [idPlace, namePlace] = [columnIndex(answer, 'content_id'), columnIndex(answer, 'content_name')];
    const textAt = (row: Cell[], place: number) => {
      const text = row[place];
      return typeof text === 'string' && text !== '' ? text : null;
    };
    const content: Column<Cell[]> = {
      key: 'content_name',
      label: t('list.content'),
      grows: true,
      minWidth: 180,
      value: (row) => textAt(row, namePlace),
      csv: (row) => [textAt(row, namePlace), textAt(row, idPlace)].filter((text) => text !== null).join(' · '),
      cell: (row) => {
        const [id, name] = [textAt(row, idPlace), textAt(row, namePlace)];
        return (
          <span className={styles.content}>
            <HostileText text={name ?? id} max={100} missing={t('list.nameless')} />
            {name !== null && id !== null && name !== id && (
              <span className={styles.id}>
                <HostileText text={id} max={80} />
              </span>
            )}
          </span>
        );
      },
    };
    return [content, ...metrics];
  }, [answer, metrics, t]);
}
