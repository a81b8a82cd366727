import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Column } from '../../components/tables/DataTable';
import { SessionsLink } from '../../components/tables/SessionsLink';
import { Change } from '../../filters/comparison/Change';
import { useCatalogue } from '../../filters/reportContext';
import type { SideName } from '../../filters/sides/sides';
import { changeOf } from '../../format/metricKinds';
import { useFormat } from '../../format/useFormat';
import { useSideName, type BothSides } from './bothSides';
import styles from './Sides.module.css';

interface NumberColumnsOf<Row> {
  both: BothSides;
  metric: (row: Row) => string;
  value: (row: Row, side: SideName) => number | null;
  sessions: (row: Row, side: SideName) => { href: string; count: number | null };
}

/** The number of each side with the way to its sessions, how much more B has than A, and the same as a share of A. */
export function useNumberColumns<Row>({ both, metric, value, sessions }: NumberColumnsOf<Row>): Column<Row>[] {
  const { t } = useTranslation('sides');
  const format = useFormat();
  const catalogue = useCatalogue();
  const sideName = useSideName();
  const [nameA, nameB] = [sideName(both.a), sideName(both.b)];
  return useMemo(() => {
    const written = (row: Row, number: number | null) => {
      const name = metric(row);
      return format.unit(number, catalogue.metrics.find((entry) => entry.name === name)?.unit ?? 'count', name);
    };
    const difference = (row: Row) => {
      const [a, b] = [value(row, 'a'), value(row, 'b')];
      return a === null || b === null ? null : b - a;
    };
    const change = (row: Row) => changeOf(value(row, 'b'), value(row, 'a'));
    const side = (name: SideName): Column<Row> => ({
      key: name,
      label: t(`names.${name}`),
      title: name === 'a' ? nameA : nameB,
      csvLabel: name === 'a' ? nameA : nameB,
      align: 'end',
      value: (row) => value(row, name),
      cell: (row) => (
        <span className={styles.number}>
          {written(row, value(row, name))}
          <SessionsLink {...sessions(row, name)} />
        </span>
      ),
      minWidth: 110,
    });
    return [
      side('a'),
      side('b'),
      {
        key: 'difference',
        label: t('difference'),
        align: 'end',
        value: difference,
        cell: (row) => written(row, difference(row)),
        minWidth: 100,
      },
      {
        key: 'change',
        label: t('change'),
        align: 'end',
        value: change,
        cell: (row) => <Change metric={metric(row)} share={change(row)} />,
        minWidth: 100,
      },
    ];
  }, [nameA, nameB, metric, value, sessions, format, catalogue, t]);
}
