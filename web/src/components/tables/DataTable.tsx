import { useMemo, useState, type MouseEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { classNames } from '../classNames';
import styles from './DataTable.module.css';
import { Icon } from '../Icon';
import { Definition } from '../overlays/Definition';
import type { CsvCell } from './csv';
import { markedText } from '../text/visibleText';
import { CsvButton } from './CsvButton';
import { SessionsLink } from './SessionsLink';

export interface Column<Row> {
  key: string;
  label: ReactNode;
  /** Its whole name, on hover, where the label is a short one. */
  title?: string | undefined;
  /** The meaning of the column; behind a help button. */
  definition?: string | undefined;
  /** A help button of its own beside the name. */
  help?: ReactNode;
  /** `end` for numbers. */
  align?: 'start' | 'end';
  /** The sort key of a row; a column without it is not sortable. */
  value?: (row: Row) => string | number | null | undefined;
  cell: (row: Row) => ReactNode;
  /** Its value in a file; the sort key without it, or else the text of the cell. */
  csv?: (row: Row) => CsvCell;
  /** Its name in a file, where that has to say more than on the page. */
  csvLabel?: string | undefined;
  /** The unit of its values in a file, behind its name there: cells may write them otherwise. */
  unit?: string | undefined;
  /** The length of a bar in the cell, from 0 to 1. */
  bar?: (row: Row) => number | null;
  minWidth?: number;
  /** Takes the room that the others leave, and cuts what does not fit; usually the first column. */
  grows?: boolean;
}

export interface Sort {
  key: string;
  direction: 'ascending' | 'descending';
}

interface DataTableProps<Row> {
  /** The content of the table, for screen readers. */
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row, place: number) => string | number;
  initialSort?: Sort;
  /** With it, the caller sorts, such as by asking the server; `sort` is then what is in force. */
  onSort?: (sort: Sort) => void;
  sort?: Sort | undefined;
  /** Where a row leads: the first cell becomes a link, and the row can be clicked. */
  rowHref?: ((row: Row) => string | null) | undefined;
  /** The sessions behind a row, and how many there are: a last column leads to their list. */
  rowSessions?: ((row: Row) => { href: string; count: number | null } | null) | undefined;
  /** Beyond this height the rows scroll under the header. */
  maxHeight?: number;
  isStale?: boolean;
  /** The rows of the whole table, where only some of them are here; for the file. */
  allRows?: (() => Promise<readonly Row[]>) | undefined;
  /** Rows below all others, such as totals: as cells by column key. */
  footer?: Partial<Record<string, ReactNode>> | undefined;
}

export function DataTable<Row>(props: DataTableProps<Row>): ReactNode {
  const { caption, columns, rows, rowKey, rowHref, rowSessions, maxHeight, isStale, footer } = props;
  const [ownSort, setOwnSort] = useState(props.initialSort);
  const isSortedByCaller = props.onSort !== undefined;
  const sort = isSortedByCaller ? props.sort : ownSort;
  const sorted = useMemo(
    () => (isSortedByCaller || !sort ? rows : sortRows(rows, columns, sort)),
    [rows, columns, sort, isSortedByCaller],
  );
  const navigate = useNavigate();
  const { t } = useTranslation();

  const sortBy = (column: Column<Row>) => {
    const usual = column.align === 'end' ? 'descending' : 'ascending';
    const opposite = sort?.direction === 'ascending' ? 'descending' : 'ascending';
    const next: Sort = { key: column.key, direction: sort?.key === column.key ? opposite : usual };
    if (props.onSort) props.onSort(next);
    else setOwnSort(next);
  };
  const follow = (event: MouseEvent<HTMLTableRowElement>, row: Row) => {
    const href = rowHref?.(row);
    const isOwnBusiness = (event.target as HTMLElement).closest('a, button, input, select, dialog') !== null;
    if (!href || isOwnBusiness || window.getSelection()?.type === 'Range') return;
    if (event.metaKey || event.ctrlKey) window.open(href, '_blank', 'noopener');
    else navigate(href);
  };

  return (
    <>
      <div
        className={classNames(styles.scroll, isStale && styles.stale)}
        style={maxHeight === undefined ? undefined : { maxHeight }}
        tabIndex={0}
        role="group"
        aria-label={markedText(caption)}
      >
        <table className={styles.table}>
          <caption className="visually-hidden">{markedText(caption)}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <HeaderCell key={column.key} column={column} sort={sort} onSort={() => sortBy(column)} />
              ))}
              {rowSessions && (
                <th scope="col" data-leads-on>
                  <span className="visually-hidden">{t('sessionsBehind')}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row, place) => {
              const href = rowHref?.(row) ?? null;
              return (
                <tr
                  key={rowKey(row, place)}
                  className={href ? styles.link : undefined}
                  onClick={href ? (event) => follow(event, row) : undefined}
                >
                  {columns.map((column, columnPlace) => (
                    <BodyCell key={column.key} column={column} row={row} href={columnPlace === 0 ? href : null} />
                  ))}
                  {rowSessions && <SessionsCell sessions={rowSessions(row)} />}
                </tr>
              );
            })}
          </tbody>
          {footer && (
            <tfoot>
              <tr>
                {columns.map(({ key, align }) => (
                  <td key={key} className={align === 'end' ? styles.end : undefined}>
                    {footer[key]}
                  </td>
                ))}
                {rowSessions && <td data-leads-on />}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {rows.length > 0 && <CsvButton caption={caption} columns={columns} rows={sorted} allRows={props.allRows} />}
    </>
  );
}

function HeaderCell<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>;
  sort: Sort | undefined;
  onSort: () => void;
}): ReactNode {
  const isSorted = sort?.key === column.key;
  const width = column.minWidth === undefined ? undefined : { minWidth: column.minWidth };
  return (
    <th
      scope="col"
      style={width}
      className={column.align === 'end' ? styles.end : undefined}
      aria-sort={column.value ? (isSorted ? sort.direction : 'none') : undefined}
    >
      {column.value ? (
        <button type="button" className={styles.sort} onClick={onSort} title={column.title}>
          {column.label}
          <span className={classNames(styles.arrow, isSorted && styles.shown)}>
            <Icon name={isSorted && sort.direction === 'ascending' ? 'up' : 'down'} size={12} />
          </span>
        </button>
      ) : (
        <span title={column.title}>{column.label}</span>
      )}
      {column.help ?? (column.definition && <Definition label={column.label}>{column.definition}</Definition>)}
    </th>
  );
}

function SessionsCell({ sessions }: { sessions: { href: string; count: number | null } | null }): ReactNode {
  return <td className={styles.end} data-leads-on>{sessions && <SessionsLink {...sessions} />}</td>;
}

function BodyCell<Row>({ column, row, href }: { column: Column<Row>; row: Row; href: string | null }): ReactNode {
  const share = column.bar?.(row);
  const content = column.cell(row);
  return (
    <td
      className={classNames(
        column.align === 'end' && styles.end,
        column.grows && styles.grows,
        share !== undefined && styles.withBar,
      )}
    >
      {typeof share === 'number' && share > 0 && (
        <span className={styles.bar} aria-hidden="true">
          <span className={styles.fill} style={{ width: `${Math.min(share, 1) * 100}%` }} />
        </span>
      )}
      {href ? (
        <Link to={href} className={styles.rowLink}>
          {content}
        </Link>
      ) : (
        content
      )}
    </td>
  );
}

function sortRows<Row>(rows: readonly Row[], columns: Column<Row>[], { key, direction }: Sort): readonly Row[] {
  const value = columns.find((column) => column.key === key)?.value;
  if (!value) return rows;
  const sign = direction === 'ascending' ? 1 : -1;
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    const isMissing = (cell: unknown) => cell === null || cell === undefined;
    // Missing values come last, whatever the direction.
    if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    return sign * String(a).localeCompare(String(b));
  });
}
