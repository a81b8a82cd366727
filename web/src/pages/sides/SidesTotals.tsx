import { useCallback, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { totalOf } from '../../api/query';
import { Panel } from '../../components/layout/Panel';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { MetricHelp } from '../../filters/metrics/MetricHelp';
import { sessionsOf } from '../../filters/metrics/sessionsOf';
import { useCatalogue } from '../../filters/reportContext';
import { appliedFilters, type SideName } from '../../filters/sides/sides';
import { useSessionsHref } from '../../filters/useScope';
import { useLabels } from '../../i18n/useLabels';
import { queryOfBoth, type BothSides } from './bothSides';
import styles from './Sides.module.css';
import { useNumberColumns } from './useNumberColumns';

const itself = (metric: string) => metric;

/** The totals of both sides, a metric a row. */
export function SidesTotals({ both, metrics }: { both: BothSides; metrics: readonly string[] }): ReactNode {
  const { t } = useTranslation('sides');
  const labels = useLabels();
  const catalogue = useCatalogue();
  const sessionsHref = useSessionsHref();
  const value = useCallback((metric: string, side: SideName) => totalOf(both[side].report.data, metric), [both]);
  const sessions = useCallback(
    (metric: string, side: SideName) => {
      const entry = catalogue.metrics.find(({ name }) => name === metric);
      const own = appliedFilters(both[side]);
      if (!entry) return { href: sessionsHref({ filters: own }), count: null };
      const { isCountOfSessions, filters, order } = sessionsOf(entry, catalogue);
      const narrowed = { filters: [...own, ...filters], ...(order === undefined ? {} : { order }) };
      return { href: sessionsHref(narrowed), count: isCountOfSessions ? value(metric, side) : null };
    },
    [both, catalogue, sessionsHref, value],
  );
  const numbers = useNumberColumns<string>({ both, metric: itself, value, sessions });
  const columns = useMemo<Column<string>[]>(
    () => [
      {
        key: 'metric',
        label: t('metric'),
        cell: (metric) => (
          <span className={styles.metric}>
            {labels.metric(metric)}
            <MetricHelp name={metric} />
          </span>
        ),
        csv: (metric) => labels.metric(metric),
        grows: true,
        minWidth: 170,
      },
      // Rows are of different units, which have no order.
      ...numbers.map(({ value: number, ...column }) => ({ ...column, csv: (metric: string) => number?.(metric) })),
    ],
    [labels, numbers, t],
  );
  return (
    <Panel title={t('totals')} query={queryOfBoth(both)} flush>
      <DataTable caption={t('totals')} columns={columns} rows={metrics} rowKey={itself} />
    </Panel>
  );
}
