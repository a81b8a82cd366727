import { useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SqlResponse, SqlValue } from '../../api/query';
import { classNames } from '../../components/classNames';
import { textForChart } from '../../components/text/clipText';
import { HostileText } from '../../components/text/HostileText';
import { Icon } from '../../components/Icon';
import { useVirtualRows } from '../../components/tables/useVirtualRows';
import { useFormat } from '../../format/useFormat';
import styles from './ResultTable.module.css';
import { columnWidths, isNumeric, sortRows, valueText, type RowSort } from './sqlAnswer';

const ROW = 30;
const HEADER = 44;

/** Rows of any number; only those in sight are built. */
export function ResultTable({ answer }: { answer: SqlResponse }): ReactNode {
  const { t } = useTranslation('sql');
  const format = useFormat();
  const number = useMemo(() => new Intl.NumberFormat(format.locale, { maximumFractionDigits: 12 }), [format.locale]);
  const [sort, setSort] = useState<RowSort | null>(null);
  const rows = useMemo(() => sortRows(answer.rows, sort), [answer, sort]);
  const widths = useMemo(() => columnWidths(answer), [answer]);
  const scroller = useRef<HTMLDivElement>(null);
  const { from, to } = useVirtualRows(scroller, rows.length, ROW, HEADER);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const sortBy = (column: number) => {
    // Up, down, and as it came.
    if (sort?.column !== column) setSort({ column, isDescending: false });
    else setSort(sort.isDescending ? null : { column, isDescending: true });
  };
  return (
    <div ref={scroller} className={styles.scroller} tabIndex={0} role="group" aria-label={t('result.title')}>
      <table className={styles.table} style={{ width: total }} aria-rowcount={rows.length + 1}>
        <colgroup>
          {widths.map((width, place) => (
            <col key={place} style={{ width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {answer.columns.map(({ name, type }, place) => {
              const isSorted = sort?.column === place;
              return (
                <th
                  key={place}
                  scope="col"
                  className={isNumeric(type) ? styles.end : undefined}
                  aria-sort={isSorted ? (sort.isDescending ? 'descending' : 'ascending') : 'none'}
                >
                  <button
                    type="button"
                    className={styles.sort}
                    title={t('result.sortBy', { column: textForChart(name, 60) })}
                    onClick={() => sortBy(place)}
                  >
                    <span className={styles.name}>
                      <HostileText text={name} max={60} />
                      {isSorted && <Icon name={sort.isDescending ? 'down' : 'up'} size={12} />}
                    </span>
                    <span className={styles.type}>{type}</span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {from > 0 && <tr aria-hidden="true" style={{ height: from * ROW }} />}
          {rows.slice(from, to).map((row, index) => (
            <tr key={from + index} aria-rowindex={from + index + 2} className={styles.row}>
              {answer.columns.map(({ type }, place) => (
                <td key={place} className={isNumeric(type) ? styles.end : undefined}>
                  <Value value={row[place] ?? null} number={number} />
                </td>
              ))}
            </tr>
          ))}
          {to < rows.length && <tr aria-hidden="true" style={{ height: (rows.length - to) * ROW }} />}
        </tbody>
      </table>
    </div>
  );
}

function Value({ value, number }: { value: SqlValue; number: Intl.NumberFormat }): ReactNode {
  const { t } = useTranslation('sql');
  if (value === null) return <span className={styles.null}>{t('result.null')}</span>;
  if (typeof value === 'number') return <span title={String(value)}>{number.format(value)}</span>;
  if (typeof value === 'boolean') return <span className={styles.boolean}>{String(value)}</span>;
  const isNested = typeof value === 'object';
  return (
    <span className={classNames(isNested && styles.nested)}>
      <HostileText text={valueText(value, number)} max={160} expandable />
    </span>
  );
}
