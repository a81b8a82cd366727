import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { columnIndex, type Answer, type Cell } from '../../api/query';
import { DataTable, type Column, type Sort } from '../../components/DataTable';
import { HostileText } from '../../components/HostileText';
import { useCatalogue } from '../../filters/reportContext';
import { useScopedHref } from '../../filters/useScope';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import styles from './ContentList.module.css';
import { LIST_METRICS } from './contentList';

interface ContentTableProps {
  answer: Answer;
  order: string;
  onOrder: (order: string) => void;
}

/** Contents with their metrics; a row leads to its content. */
export function ContentTable({ answer, order, onOrder }: ContentTableProps): ReactNode {
  const { t } = useTranslation('content');
  const href = useScopedHref();
  const format = useFormat();
  const catalogue = useCatalogue();
  const columns = useColumns(answer);
  const footer = useMemo(() => {
    const cells: Record<string, ReactNode> = { content_name: t('list.total') };
    for (const name of LIST_METRICS) {
      const unit = catalogue.metrics.find((metric) => metric.name === name)?.unit ?? 'count';
      cells[name] = format.unit(numberOf(answer.totals[name]), unit, name);
    }
    return cells;
  }, [answer, catalogue, format, t]);
  const sort: Sort = { key: order.replace(/^-/, ''), direction: order.startsWith('-') ? 'descending' : 'ascending' };
  const idPlace = columnIndex(answer, 'content_id');
  return (
    <DataTable
      caption={t('list.title')}
      columns={columns}
      rows={answer.rows}
      rowKey={(row, place) => `${place} ${String(row[idPlace]).slice(0, 80)}`}
      sort={sort}
      onSort={({ key, direction }) => onOrder(direction === 'descending' ? `-${key}` : key)}
      rowHref={(row) => {
        const id = row[idPlace];
        return typeof id === 'string' && id !== '' ? href(`/content/${encodeURIComponent(id)}`) : null;
      }}
      footer={footer}
    />
  );
}

function useColumns(answer: Answer): Column<Cell[]>[] {
  const { t } = useTranslation('content');
  const labels = useLabels();
  const format = useFormat();
  const catalogue = useCatalogue();
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
    const metrics = LIST_METRICS.map((name): Column<Cell[]> => {
      const place = columnIndex(answer, name);
      const entry = catalogue.metrics.find((metric) => metric.name === name);
      const unit = entry?.unit ?? 'count';
      const most = answer.rows.reduce((found, row) => Math.max(found, numberOf(row[place]) ?? 0), 0);
      return {
        key: name,
        label: t(`list.short.${name}`),
        definition: `${labels.metric(name)}: ${entry?.definition ?? ''}`,
        align: 'end',
        value: (row) => numberOf(row[place]),
        cell: (row) => format.unit(numberOf(row[place]), unit, name),
        // Shares are drawn against the whole, all else against the highest that is shown.
        bar: (row) => (unit === 'ratio' ? numberOf(row[place]) : most === 0 ? null : (numberOf(row[place]) ?? 0) / most),
        minWidth: 96,
      };
    });
    return [content, ...metrics];
  }, [answer, labels, format, catalogue, t]);
}

function numberOf(cell: Cell | undefined): number | null {
  return typeof cell === 'number' ? cell : null;
}
