import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format/useFormat';
import { useFaultText } from '../../i18n/useFaultText';
import { Button } from '../controls/Button';
import { useExportScope } from '../exportScope';
import { showToast } from '../overlays/toasts';
import { saveBlob } from '../saveFile';
import { csvText, nodeText, type CsvCell } from './csv';
import styles from './DataTable.module.css';
import type { Column } from './DataTable';

/** Rows that a table fetches for its file at most; a file of more says so. */
export const MOST_CSV_ROWS = 10_000;

interface CsvButtonProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  allRows: (() => Promise<readonly Row[]>) | undefined;
}

/** Saves the whole table, under the names of its columns on the page, in a file that says what it is about. */
export function CsvButton<Row>({ caption, columns, rows, allRows }: CsvButtonProps<Row>): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const said = useFaultText();
  const scope = useExportScope();
  const [isBusy, setIsBusy] = useState(false);
  const save = async () => {
    setIsBusy(true);
    try {
      const whole = allRows ? await allRows() : rows;
      const header = columns.map(({ label, csvLabel = nodeText(label), unit }) => (unit ? `${csvLabel} (${unit})` : csvLabel));
      const lines = whole.map((row) => columns.map((column) => cellOf(column, row)));
      if (allRows && whole.length >= MOST_CSV_ROWS) showToast(t('table.csvCut', { shown: format.number(MOST_CSV_ROWS, 0) }), 'bad');
      const name = [caption, scope?.file].filter(Boolean).join(' ');
      saveBlob(new Blob([csvText([header, ...lines])], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
    } catch (error) {
      const message = error instanceof Error ? said(error.message).slice(0, 200) : '';
      showToast(t('table.csvFailed', { message }), 'bad');
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <div className={styles.tools}>
      <Button
        kind="quiet"
        size="small"
        icon="download"
        disabled={isBusy}
        title={t('table.csvHint')}
        onClick={() => void save()}
      >
        CSV
      </Button>
    </div>
  );
}

function cellOf<Row>(column: Column<Row>, row: Row): CsvCell {
  if (column.csv) return column.csv(row);
  return column.value ? column.value(row) : nodeText(column.cell(row));
}
