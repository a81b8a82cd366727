import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryReport } from '../../api/hooks';
import { columnIndex, type ReportResponse, type Cell } from '../../api/query';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { HostileText } from '../../components/text/HostileText';
import type { ScopeFilter } from '../../filters/scope';
import { filterOfValue } from '../../filters/scopeFilters';
import { queryScope, useScopedHref, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { MetricHelp } from '../../filters/metrics/MetricHelp';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import { TabStates } from './ErrorsPanel';
import styles from './ErrorsPanel.module.css';

const METRICS = ['sessions', 'error_impacted_streams', 'error_rate', 'error_events', 'errors_per_stream'] as const;
type Metric = (typeof METRICS)[number];
const LISTED = 50;
const WITH_ERRORS: ScopeFilter = { dimension: 'error_events', operator: '>', values: [0] };

interface Row extends Record<Metric, number | null> {
  value: Cell;
}

function rowsOf(answer: ReportResponse | undefined, dimension: string): Row[] {
  if (!answer) return [];
  const number = (row: Cell[], metric: Metric) => {
    const value = row[columnIndex(answer, metric)];
    return typeof value === 'number' ? value : null;
  };
  return answer.rows.map((row) => ({
    value: row[columnIndex(answer, dimension)] ?? null,
    sessions: number(row, 'sessions'),
    error_impacted_streams: number(row, 'error_impacted_streams'),
    error_rate: number(row, 'error_rate'),
    error_events: number(row, 'error_events'),
    errors_per_stream: number(row, 'errors_per_stream'),
  }));
}

/** Errors by what sessions ran on: the values with the most sessions that had one. */
export function ErrorsByDimension({ dimension, scope }: { dimension: string; scope: ReadyScope }): ReactNode {
  const { t } = useTranslation('quality');
  const format = useFormat();
  const labels = useLabels();
  const href = useScopedHref();
  const sessionsHref = useSessionsHref();
  const report = useQueryReport({
    ...queryScope(scope),
    metrics: [...METRICS],
    dimensions: [dimension],
    order_by: ['-error_impacted_streams'],
    limit: LISTED,
  });
  const rows = useMemo(() => rowsOf(report.data, dimension), [report.data, dimension]);
  const highest = Math.max(0, ...rows.map((row) => row.error_rate ?? 0));
  const columns = useMemo<Column<Row>[]>(() => {
    const count = (metric: Metric): Column<Row> => ({
      key: metric,
      label: labels.metric(metric),
      help: <MetricHelp name={metric} />,
      align: 'end',
      value: (row) => row[metric],
      cell: (row) => format.number(row[metric], metric === 'errors_per_stream' ? 2 : 0),
    });
    return [
      {
        key: 'value',
        label: labels.dimension(dimension),
        minWidth: 140,
        grows: true,
        value: ({ value }) => (value === null ? null : String(value)),
        cell: ({ value }) => (
          <HostileText
            text={value === null ? null : String(value)}
            quotesBlank
            max={80}
            missing={t('errors.withoutValue')}
          />
        ),
      },
      {
        key: 'error_rate',
        label: labels.metric('error_rate'),
        help: <MetricHelp name="error_rate" />,
        align: 'end',
        minWidth: 110,
        value: (row) => row.error_rate,
        cell: (row) => format.percent(row.error_rate, 2),
        bar: (row) => (highest === 0 ? 0 : (row.error_rate ?? 0) / highest),
      },
      count('error_impacted_streams'),
      count('sessions'),
      count('error_events'),
      count('errors_per_stream'),
    ];
  }, [t, format, labels, dimension, highest]);
  const rowHref = ({ value }: Row) =>
    href('/quality', { filters: [...scope.scope.filters, filterOfValue(dimension, value)] });
  return (
    <TabStates query={report} isEmpty={report.data !== undefined && rows.length === 0}>
      <DataTable
        caption={t('errors.byDimension', { dimension: labels.dimension(dimension) })}
        columns={columns}
        rows={rows}
        rowKey={(row) => JSON.stringify(row.value)}
        rowHref={rowHref}
        rowSessions={({ value, error_impacted_streams: count }) => ({
          href: sessionsHref({ filters: [filterOfValue(dimension, value), WITH_ERRORS], order: '-error_events' }),
          count,
        })}
        initialSort={{ key: 'error_impacted_streams', direction: 'descending' }}
        maxHeight={420}
        isStale={report.isPlaceholderData}
      />
      {report.data && !report.data.is_complete && (
        <p className={styles.note}>
          {t('errors.cutValues', {
            listed: format.number(rows.length, 0),
            all: format.number(report.data.row_count_total, 0),
          })}
        </p>
      )}
    </TabStates>
  );
}
