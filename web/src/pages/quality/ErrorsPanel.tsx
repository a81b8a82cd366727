import { useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { QualityAnswer } from '../../api/panels';
import { Badge } from '../../components/Badge';
import { DataTable, type Column } from '../../components/tables/DataTable';
import { EmptyState } from '../../components/states/EmptyState';
import { HostileText } from '../../components/text/HostileText';
import { Panel, type PanelQuery } from '../../components/layout/Panel';
import type { ScopeFilter } from '../../filters/scope';
import { filterOfValue } from '../../filters/scopeFilters';
import { useScopedHref, useSessionsHref, type ReadyScope } from '../../filters/useScope';
import { MetricHelp } from '../../filters/metrics/MetricHelp';
import { useFormat } from '../../format/useFormat';
import { useLabels } from '../../i18n/useLabels';
import styles from './ErrorsPanel.module.css';

interface ErrorsPanelProps {
  scope: ReadyScope;
  query: PanelQuery;
  answer: QualityAnswer | undefined;
}

type ErrorRow = QualityAnswer['errors_by_id'][number];

/** Which errors there were. A row leads to its own sessions on this page. */
export function ErrorsPanel({ scope, query, answer }: ErrorsPanelProps): ReactNode {
  const { t } = useTranslation('quality');
  const format = useFormat();
  const labels = useLabels();
  const href = useScopedHref();
  const sessionsHref = useSessionsHref();
  const rows = answer?.errors_by_id ?? [];
  const other = answer?.other.errors_by_id ?? null;
  const most = Math.max(0, ...rows.map(({ sessions }) => sessions));
  const columns = useMemo<Column<ErrorRow>[]>(
    () => [
      {
        key: 'error',
        label: labels.dimension('error_id'),
        minWidth: 140,
        grows: true,
        value: (row) => row.error_id,
        cell: (row) => (
          <HostileText text={row.error_id} max={80} mono quotesBlank missing={t('errors.withoutId')} />
        ),
      },
      {
        key: 'source',
        label: labels.dimension('error_source'),
        value: (row) => row.source,
        cell: (row) => (row.source ? <Badge>{labels.value(row.source)}</Badge> : null),
      },
      {
        key: 'sessions',
        label: labels.metric('sessions'),
        help: <MetricHelp name="sessions" />,
        align: 'end',
        minWidth: 110,
        value: (row) => row.sessions,
        cell: (row) => format.number(row.sessions, 0),
        bar: (row) => (most === 0 ? 0 : row.sessions / most),
      },
      {
        key: 'rate',
        label: t('errors.ofAll'),
        align: 'end',
        value: (row) => row.error_rate,
        cell: (row) => format.percent(row.error_rate, 2),
      },
    ],
    [t, format, labels, most],
  );
  const rowHref = ({ error_id: id, source }: ErrorRow) => {
    if (id === null) return null;
    // A session lists the ids of all sources but `external` as its player's.
    const dimension = source === 'external' ? 'external_errors' : 'player_errors';
    const filter: ScopeFilter = { dimension, operator: 'in', values: [id] };
    return href('/quality', { filters: [...scope.scope.filters, filter] });
  };
  const empty = answer !== undefined && rows.length === 0 && (
    <EmptyState icon="check" title={t('errors.empty')} hint={t('errors.emptyHint')} />
  );
  return (
    <Panel title={t('errors.title')} hint={t('errors.hint')} query={query} empty={empty} flush={!empty && answer !== undefined}>
      <DataTable
        caption={t('errors.title')}
        columns={columns}
        rows={rows}
        rowKey={(row, place) => `${row.source} ${row.error_id ?? place}`}
        rowHref={rowHref}
        rowSessions={({ error_id: id, source, sessions }) => ({
          href: sessionsHref({ filters: [filterOfValue('error_id', id), filterOfValue('error_source', source)] }),
          count: sessions,
        })}
        initialSort={{ key: 'sessions', direction: 'descending' }}
        maxHeight={420}
        isStale={query.isPlaceholderData === true}
      />
      {other && (
        <p className={styles.note}>
          {t('errors.cut', {
            listed: format.number(rows.length, 0),
            others: format.number(other.values, 0),
            errors: format.number(other.errors, 0),
          })}
        </p>
      )}
    </Panel>
  );
}
