import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '../components/tables/DataTable';
import styles from './ChartTable.module.css';

/** A chart's data in words: the first column is what the others are about. */
export interface ChartTableContent {
  columns: string[];
  rows: string[][];
}

const MOST_ROWS = 1_000;

export function ChartTable({
  caption,
  content,
  height,
}: {
  caption: string;
  content: ChartTableContent;
  height: number;
}): ReactNode {
  const { t } = useTranslation();
  const rows = content.rows.slice(0, MOST_ROWS);
  return (
    <div className={styles.table}>
      <DataTable<string[]>
        caption={caption}
        rows={rows}
        rowKey={(_, place) => place}
        maxHeight={height - 8}
        columns={content.columns.map((label, place) => ({
          key: String(place),
          label,
          align: place === 0 ? 'start' : 'end',
          cell: (row) => row[place] ?? '',
        }))}
      />
      {rows.length < content.rows.length && <p className={styles.note}>{t('chart.tableIsCut', { count: MOST_ROWS })}</p>}
    </div>
  );
}
