import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { CsvCell } from '../components/tables/csv';
import { DataTable } from '../components/tables/DataTable';
import { HostileText } from '../components/text/HostileText';
import { useFormat } from '../format/useFormat';
import styles from './ChartTable.module.css';

/** A chart's data in words: the first column is what the others are about. */
export interface ChartTableContent {
  columns: string[];
  rows: string[][];
  /** Where each row leads. */
  hrefs?: string[];
  /** The same as values, for a file: numbers as numbers. */
  values?: CsvCell[][] | undefined;
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
  const format = useFormat();
  const rows = content.rows.slice(0, MOST_ROWS).map((_, place) => place);
  return (
    <div className={styles.table}>
      <DataTable<number>
        caption={caption}
        rows={rows}
        allRows={() => Promise.resolve(content.rows.map((_, place) => place))}
        rowKey={(place) => place}
        rowHref={content.hrefs && ((place) => content.hrefs?.[place] ?? null)}
        maxHeight={height - 8}
        columns={content.columns.map((label, place) => ({
          key: String(place),
          // Names come from players; a file has them as they are.
          label: <HostileText text={label} max={48} />,
          align: place === 0 ? 'start' : 'end',
          cell: (row) => {
            const text = content.rows[row]?.[place] ?? '';
            return place === 0 ? <HostileText text={text} max={80} /> : text;
          },
          csv: (row) => (content.values ?? content.rows)[row]?.[place] ?? '',
        }))}
      />
      {rows.length < content.rows.length && <p className={styles.note}>{t('chart.tableIsCut', { shown: format.number(MOST_ROWS, 0) })}</p>}
    </div>
  );
}
